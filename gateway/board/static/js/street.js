// The street map: what does the whole street look like right now?
import { attr, body, h, head, svg } from "./dom.js";
import { createPlacer } from "./labels.js";
import { centre, distance } from "./lanes.js";
import { streetLegend } from "./legend.js";
import { createOverview } from "./overview.js";
import { createScene } from "./scene.js";
import { Viewport } from "./viewport.js";

const MARGIN_M = [18, 10];
const READABLE = 0.4;
const CLOSE = 1.7;
const LANE_PX = 5;
const NAME_PX = 130;

export function createStreet(city, select) {
  if (!city.geometry) return withoutGeometry();
  const scene = createScene(city);
  const places = city.intersections
    .map((one) => ({ ...one, at: centre(one, city.geometry) }))
    .filter((one) => one.at !== null)
    .map((one) => ({ ...one, label: label(one, select) }));
  const overview = createOverview(city, places);
  const canvas = svg("svg", { class: "canvas", "aria-hidden": "true" }, scene.world, overview.node);
  const laneWidth = typicalWidth(city.geometry.lanes);
  const gap = leastGap(places);
  const map = h(
    "div",
    { class: "map", tabindex: "0", role: "group", "aria-label": "Street map. Arrow keys move it, plus and minus zoom, 0 shows the whole street." },
    canvas,
    places.map((one) => one.label),
  );
  map.style.setProperty("--shape", shapeOf(city.geometry.bounds));
  const placeLabels = createPlacer(city.geometry, places, overview.radius);
  const viewport = new Viewport(map, padded(city.geometry.bounds), (view) => {
    attr(scene.world, "transform", view.transform());
    scene.world.style.setProperty("--k", view.view.scale);
    const afar = view.view.scale * laneWidth < LANE_PX;
    attr(body("street"), "data-zoom", afar ? "street" : "lanes");
    const tight = gap * view.view.scale < NAME_PX;
    attr(body("street"), "data-tight", tight);
    if (afar) overview.place(view);
    placeLabels(view, { afar, tight });
  });
  head("street").append(controls(viewport));
  body("street").replaceChildren(map, ...streetLegend(city));
  new ResizeObserver(() => {
    const first = viewport.size[0] === 0;
    viewport.resize(map.clientWidth, map.clientHeight);
    if (first && viewport.fitScale() < READABLE && places[0]) viewport.lookAt(places[0].at, CLOSE);
  }).observe(map);
  return {
    update(live) {
      scene.update(live);
      overview.update(live);
    },
    select(id) {
      places.forEach((one) => attr(one.label, "aria-pressed", String(one.id === id)));
      const place = places.find((one) => one.id === id);
      if (place && viewport.size[0] > 0 && viewport.fitScale() < READABLE) viewport.lookAt(place.at, Math.max(CLOSE, viewport.view.scale));
    },
  };
}

function withoutGeometry() {
  body("street").replaceChildren(
    h("p", { class: "quiet" }, "No street geometry is configured, so there is nothing to draw. The intersections are listed below."),
  );
  return { update() {} };
}

function typicalWidth(lanes) {
  const widths = lanes.map((lane) => lane.width).sort((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 3;
}

// The distance in metres between the two crossings that are closest to each other.
function leastGap(places) {
  const gaps = places.flatMap((one, i) => places.slice(i + 1).map((other) => distance(one.at, other.at)));
  return Math.min(Infinity, ...gaps);
}

const padded = ([x0, y0, x1, y1]) => [x0 - MARGIN_M[0], y0 - MARGIN_M[1], x1 + MARGIN_M[0], y1 + MARGIN_M[1]];

const shapeOf = (bounds) => {
  const [x0, y0, x1, y1] = padded(bounds);
  return ((y1 - y0) / (x1 - x0)).toFixed(4);
};

const label = (intersection, select) =>
  h("button", { type: "button", class: "place-label", "aria-pressed": "false", "aria-label": `${intersection.id} ${intersection.name}`, onclick: () => select(intersection.id) }, h("b", {}, intersection.id), h("span", {}, ` ${intersection.name}`));

function controls(viewport) {
  const button = (name, title, act) => h("button", { type: "button", class: "plain", "aria-label": title, title, onclick: act }, name);
  return h(
    "div",
    { class: "controls" },
    h("span", { class: "caption hint-mouse" }, "Drag to move, Ctrl + wheel to zoom"),
    h("span", { class: "caption hint-touch" }, "Drag, pinch"),
    button("−", "Zoom out", () => viewport.zoom(1 / 1.6)),
    button("+", "Zoom in", () => viewport.zoom(1.6)),
    button("Whole", "Show the whole street", () => viewport.fit()),
  );
}
