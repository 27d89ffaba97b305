// Which panels are there, and what does each of them get to see?
import { createAlarms } from "./alarms.js";
import { Connection } from "./connection.js";
import { createDelay } from "./delay.js";
import { createDetail } from "./detail.js";
import { setSpeed } from "./freshness.js";
import { createHeader } from "./header.js";
import { createIntersections } from "./intersections.js";
import { createNotice } from "./notice.js";
import { createPipeline } from "./pipeline.js";
import { createStreet } from "./street.js";
import { createUtilities } from "./utilities.js";
import { createWaste } from "./waste.js";

const header = createHeader();
const notice = createNotice();
const selection = { id: null, listeners: [] };
let panels = [];
let known = null;

const connection = new Connection({ onCity, onLive });
setInterval(showFreshness, 250);
showFreshness();

function onCity(city) {
  const text = JSON.stringify(city);
  if (known === text) return;
  if (known !== null) location.reload();
  known = text;
  document.title = `${city.name} · Arterial`;
  header.setCity(city);
  selection.id = city.intersections[0]?.id ?? null;
  const select = (id) => {
    selection.id = id;
    panels.forEach((panel) => panel.select?.(id));
  };
  panels = [
    createAlarms(),
    createStreet(city, select),
    createDelay(),
    createIntersections(city, select),
    createDetail(city, select),
    createPipeline(),
    createUtilities(),
    createWaste(),
  ];
  if (selection.id !== null) select(selection.id);
}

function onLive(live) {
  setSpeed(live.clock);
  header.update(live);
  panels.forEach((panel) => panel.update(live));
  notice.update(live);
  showFreshness();
}

function showFreshness() {
  const state = connection.state();
  header.setConnection(state);
  notice.setConnection(state);
  document.body.dataset.connection = state.phase;
}
