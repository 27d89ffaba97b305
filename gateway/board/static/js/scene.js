// How does the street look: its lanes, and on them the signals and the queues of this moment?
import { attr, svg } from "./dom.js";
import { isOld } from "./freshness.js";
import { VEHICLE_M, across, lengthOf, path, queueLine } from "./lanes.js";

export function createScene(city) {
  const { geometry } = city;
  const signals = city.intersections.flatMap((intersection) =>
    intersection.lanes.map((lane) => signalLane(intersection, lane, geometry)).filter(Boolean),
  );
  const world = svg(
    "g",
    { class: "world" },
    svg("g", { class: "road" }, geometry.lanes.map((lane) => stroke(lane, lane.width + 0.8)), junctions(geometry)),
    svg("g", { class: "lane" }, geometry.lanes.map((lane) => stroke(lane, lane.width - 0.35))),
    svg("g", { class: "crossing" }, geometry.crossings.map((one) => stroke(one, one.width))),
    svg("g", { class: "queues" }, signals.map((one) => one.queue)),
    svg("g", { class: "heads" }, signals.map((one) => one.head)),
    svg("g", { class: "truths" }, signals.map((one) => one.truth)),
    svg("g", { class: "stops" }, (geometry.stops ?? []).map(stop)),
    svg("g", { class: "names" }, streetNames(city)),
  );
  return {
    world,
    update(live) {
      signals.forEach((one) => one.update(live.intersections[one.intersection]));
    },
  };
}

function stroke(shape, width) {
  const drawn = svg("path", { d: path(shape.shape) });
  drawn.style.setProperty("--w", `${Math.max(0.5, width).toFixed(2)}px`);
  return drawn;
}

const junctions = (geometry) => geometry.junctions.map((one) => svg("path", { class: "junction", d: `${path(one.shape)}Z` }));

const stop = ({ id, line, x, y }) =>
  svg("g", { class: "stop", transform: `translate(${x} ${y})` }, svg("title", {}, `Bus stop ${id}${line ? `, line ${line}` : ""}`), svg("circle", {}));

// Streets whose name no intersection bears already; upright on the page though the world's y points up.
function streetNames({ geometry, intersections }) {
  const labels = new Set(intersections.map((one) => one.name));
  return (geometry.edges ?? [])
    .filter((one) => one.name && Number.isFinite(one.x) && !labels.has(one.name))
    .map((one) => svg("g", { transform: `translate(${one.x} ${one.y}) rotate(${one.angle ?? 0}) scale(1 -1)` }, svg("text", { class: "street-name", "text-anchor": "middle" }, one.name)));
}

function signalLane(intersection, lane, geometry) {
  const drawn = geometry.lanes.find((one) => one.id === lane.id);
  if (!drawn) return null;
  const line = queueLine(drawn, geometry.lanes);
  const reach = lengthOf(line);
  const [bar, spread] = ["estimate", "spread"].map((name) => svg("path", { class: name, d: path(line) }));
  for (const one of [bar, spread]) one.style.setProperty("--bar", `${(0.55 * drawn.width).toFixed(2)}px`);
  const head = segment("head", across(line, 1, drawn.width - 0.2));
  const truth = segment("truth", across(line, 0, drawn.width));
  const title = svg("title", {}, lane.id);
  head.append(title);
  return {
    intersection: intersection.id,
    queue: svg("g", {}, spread, bar),
    head,
    truth,
    update(status) {
      const queue = status?.queues.find((one) => one.lane === lane.id);
      dash(bar, queue ? queue.estimate : 0, reach);
      dash(spread, queue ? queue.estimate + queue.sd : 0, reach);
      attr(bar, "data-old", Boolean(queue && isOld(queue.age_s)));
      attr(head, "data-color", headColor(status, lane));
      place(truth, queue?.truth, line, drawn.width + 1.6, reach);
    },
  };
}

const segment = (name, [[x1, y1], [x2, y2]]) =>
  svg("line", { class: name, x1: x1.toFixed(2), y1: y1.toFixed(2), x2: x2.toFixed(2), y2: y2.toFixed(2) });

function dash(bar, vehicles, reach) {
  const metres = Math.min(reach, Math.max(0, vehicles) * VEHICLE_M);
  attr(bar, "stroke-dasharray", `${metres.toFixed(1)} 9999`);
}

function place(tick, vehicles, line, width, reach) {
  attr(tick, "visibility", vehicles > 0 ? "visible" : "hidden");
  if (!(vehicles > 0)) return;
  const [[x1, y1], [x2, y2]] = across(line, Math.min(reach, vehicles * VEHICLE_M), width);
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) attr(tick, name, value.toFixed(2));
}

// What a driver in this lane sees: the best light of the phases that serve the lane.
export function headColor(status, lane) {
  if (!status || status.mode === "offline") return "unknown";
  if (status.mode === "flash") return "flash";
  const colors = lane.phases.map((number) => status.phases[number]?.color);
  for (const color of ["green", "yellow"]) if (colors.includes(color)) return color;
  return colors.some((color) => color === "red" || color === "red_clear") ? "red" : "unknown";
}
