// Overview | intersection | 10 | How does the intersection stand now: lights, detectors, queues, cycle and plan?
import { attr, h, svg, text } from "../../js/dom.js";
import { age, fixed } from "../../js/format.js";
import { short } from "../../js/strip.js";
import { again, button, figure, phases, section, table, words } from "../parts.js";
import { createRings } from "../rings.js";

export const uses = { range: false };

const EVERY_MS = 500;
const VEHICLE_M = 7;
const REACHES = [35, 60, 95, 140];
const COLOR_WORDS = { green: "Green", yellow: "Yellow", red: "Red", unknown: "Unknown" };

export async function show(place, desk) {
  const still = await desk.get("/api/desk/overview", { at: desk.at });
  const plan = createPlan(still, desk);
  const rings = createRings(still);
  const lanes = createLanes(still);
  const told = h("p", { class: "told", role: "status" });
  const mode = h("p", { class: "told" });
  place.append(
    h(
      "div",
      { class: "overview" },
      h("div", {}, plan.tools, plan.node, legend(), still.drawing.surveyed ? null : h("p", { class: "caption" }, "No survey of the lanes is configured: approaches are drawn straight; distances along the lanes are true.")),
      h("div", { class: "view-place" }, mode, section("Rings and barriers", rings.node)),
    ),
    section("Queues and detectors", lanes.node),
    told,
  );
  again(
    desk,
    EVERY_MS,
    async () => {
      const live = await desk.get("/api/desk/overview/live", { at: desk.at });
      plan.update(live);
      rings.update(live);
      lanes.update(live);
      const decision = live.status.decision;
      text(mode, `${words(live.status.mode)}, ${words(live.status.strategy)}. ${decision?.reason ?? ""}`);
    },
    (fault) => text(told, fault ? `What is shown is old: ${fault}` : ""),
  );
}

function legend() {
  const items = ["White outline: detector, filled while on", "Red dashes: not believed", "Bar: queue, pale to the upper end of its 90 % interval", "Disc: phase and its light"];
  return h("p", { class: "legend-line" }, items.map((item) => h("span", {}, item)));
}

const points = (line) => line.map(([x, y]) => `${x},${-y}`).join(" ");
const path = (line) => `M${line.map(([x, y]) => `${x} ${-y}`).join("L")}`;

function stroke(name, line, width) {
  const drawn = svg("path", { class: name, d: path(line) });
  drawn.style.setProperty("stroke-width", width);
  return drawn;
}

function createPlan({ drawing, name, phases: told }, desk) {
  const lanes = drawing.lanes.map(createLane);
  const loops = drawing.detectors.map((one) => createLoop(one));
  const badges = createBadges(drawing.lanes, told);
  const node = svg(
    "svg",
    { class: "plan-view", role: "img", "aria-label": `${name} from above: lanes, stop lines, detectors and phases` },
    drawing.others.map((one) => stroke("road", one.line, one.width)),
    drawing.junction.length ? svg("polygon", { class: "junction", points: points(drawing.junction) }) : null,
    drawing.lanes.map((one) => stroke("own", one.line, one.width - 0.3)),
    drawing.crossings.map((one) => stroke("crossing", one.line, one.width)),
    lanes.map((one) => one.queues),
    lanes.map((one) => one.stop),
    loops.map((one) => one.node),
    badges.map((one) => one.node),
  );
  let reach = Math.max(0, REACHES.indexOf(Number(desk.param("reach", innerWidth < 640 ? "35" : "60"))));
  const look = (by) => {
    reach = Math.min(REACHES.length - 1, Math.max(0, reach + by));
    const r = REACHES[reach];
    attr(node, "viewBox", `${-r} ${-r} ${2 * r} ${2 * r}`);
    if (by) desk.note({ reach: String(r) });
  };
  look(0);
  return {
    node,
    tools: h("div", { class: "controls" }, button("Closer", () => look(-1)), button("Farther", () => look(1))),
    update(live) {
      lanes.forEach((one) => one.update(live));
      loops.forEach((one) => one.update(live));
      badges.forEach((one) => one.update(live));
    },
  };
}

function createLane(lane) {
  const bars = ["spread", "queue"].map((name) => stroke(name, lane.line, 0.5 * lane.width));
  const stop = svg("polyline", { class: "stop", points: points(lane.stop) });
  return {
    queues: svg("g", {}, bars, svg("title", {}, lane.id)),
    stop,
    update({ queues, status }) {
      const queue = queues[lane.id];
      const [high, veh] = [queue?.high ?? 0, queue?.veh ?? 0].map((n) => Math.max(0, n) * VEHICLE_M);
      attr(bars[0], "stroke-dasharray", `${high.toFixed(1)} 9999`);
      attr(bars[1], "stroke-dasharray", `${veh.toFixed(1)} 9999`);
      attr(stop, "data-color", light(status, lane));
    },
  };
}

function createLoop(detector) {
  const shape = svg("polygon", { class: "loop", points: points(detector.corners) });
  const middle = [0, 1].map((i) => detector.corners.reduce((sum, p) => sum + p[i], 0) / 4);
  const title = svg("title", {});
  const name = svg("text", { class: "channel", x: middle[0] + 2.2, y: -middle[1] }, String(detector.channel));
  return {
    node: svg("g", {}, shape, name, title),
    update({ detectors }) {
      const state = detectors.find((one) => one.channel === detector.channel);
      const broken = state && state.state !== "ok";
      attr(shape, "data-on", Boolean(state?.on));
      attr(shape, "data-broken", Boolean(broken));
      text(title, `Detector ${detector.channel}, ${detector.role}, ${detector.distance_m} m from the stop line of ${detector.lane}: ${stateWords(state)}`);
    },
  };
}

const stateWords = (state) => {
  if (!state) return "unknown";
  if (state.state !== "ok") return `${words(state.state)}. ${state.reason}`;
  return state.on ? `on for ${fixed(state.for_s)} s` : "off";
};

// One disc for each phase of each approach, just inside the junction, before the middle of its lanes.
function createBadges(lanes, told) {
  const groups = new Map();
  for (const lane of lanes) {
    for (const phase of lane.phases) {
      const key = `${lane.link} ${phase}`;
      groups.set(key, { phase, lanes: [...(groups.get(key)?.lanes ?? []), lane] });
    }
  }
  return [...groups.values()].map(({ phase, lanes: own }) => {
    const stops = own.map((lane) => middleOf(lane.stop));
    const at = [0, 1].map((i) => stops.reduce((sum, p) => sum + p[i], 0) / stops.length);
    const [ux, uy] = ahead(own[0].line);
    const [x, y] = [at[0] + ux * 3.6, at[1] + uy * 3.6];
    const label = told.find((one) => one.number === phase)?.label ?? "";
    const node = svg("g", { class: "badge" }, svg("circle", { class: "badge-disc", cx: x, cy: -y, r: 2 }), svg("text", { x, y: -y }, String(phase)), svg("title", {}, `Phase ${phase}, ${label}`));
    return { node, update: ({ status }) => attr(node, "data-color", plain(status.phases[phase]?.color)) };
  });
}

const middleOf = ([[ax, ay], [bx, by]]) => [(ax + bx) / 2, (ay + by) / 2];

function ahead([[ax, ay], [bx, by]]) {
  const length = Math.hypot(ax - bx, ay - by) || 1;
  return [(ax - bx) / length, (ay - by) / length];
}

const plain = (color) => (color === "red_clear" ? "red" : color ?? "unknown");

function light(status, lane) {
  const colors = lane.phases.map((number) => plain(status.phases[number]?.color));
  return ["green", "yellow", "red"].find((color) => colors.includes(color)) ?? "unknown";
}

function createLanes(still) {
  const rows = still.drawing.lanes.map((lane) => createRow(lane, still));
  return {
    node: table(["Lane", "Light", ["Queue, veh"], ["90 % interval"], "Spread", "Detectors"], rows.map((row) => row.node), { "aria-label": "Queues and detectors by lane" }),
    update(live) {
      const most = Math.max(8, ...Object.values(live.queues).map((queue) => queue.high));
      rows.forEach((row) => row.update(live, most));
    },
  };
}

function createRow(lane, still) {
  const own = still.drawing.detectors.filter((one) => one.lane === lane.id);
  const labels = lane.phases.map((n) => short(still.phases.find((p) => p.number === n)?.label ?? String(n)));
  const signal = h("td", { class: "light" });
  const queue = figure("");
  const interval = figure("");
  const [span, mark] = [h("i"), h("b")];
  const chips = own.map((one) => h("span", { class: "chip", title: `${one.role}, ${one.distance_m} m` }, String(one.channel)));
  const health = h("span", { class: "caption" });
  const node = h(
    "tr",
    {},
    h("th", { scope: "row" }, lane.id, h("span", { class: "verdict-line" }, `${labels.join(", ")} · phase ${phases(lane.phases)}`)),
    signal,
    queue,
    interval,
    h("td", {}, h("span", { class: "span-bar" }, span, mark)),
    h("td", {}, h("div", { class: "chips" }, chips, health)),
  );
  return {
    node,
    update({ status, queues, detectors }, most) {
      const color = light(status, lane);
      const told = queues[lane.id];
      attr(signal, "data-color", color);
      text(signal, COLOR_WORDS[color]);
      text(queue, fixed(told?.veh));
      text(interval, told ? `${fixed(told.low)} to ${fixed(told.high)}` : "");
      const share = (n) => `${Math.min(100, (100 * n) / most).toFixed(1)}%`;
      if (told) {
        span.style.setProperty("left", share(told.low));
        span.style.setProperty("width", `calc(${share(told.high - told.low)} + 1px)`);
        mark.style.setProperty("left", share(told.veh));
      }
      text(health, !told || told.health === "ok" ? (told?.age_s > 5 ? `${age(told.age_s)} old` : "") : words(told.health));
      own.forEach((one, i) => {
        const state = detectors.find((d) => d.channel === one.channel);
        attr(chips[i], "data-on", Boolean(state?.on));
        attr(chips[i], "data-broken", Boolean(state && state.state !== "ok"));
        attr(chips[i], "title", `Detector ${one.channel}, ${one.role}, ${one.distance_m} m: ${stateWords(state)}`);
      });
    },
  };
}
