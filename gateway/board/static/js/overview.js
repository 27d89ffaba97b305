// What can be read of the street from afar? Per approach one lamp a movement group and one queue bar, in screen px.
import { approachesOf } from "./approaches.js";
import { attr, svg, text } from "./dom.js";
import { isOld } from "./freshness.js";
import { LAMP_PX, lamp } from "./lamp.js";
import { VEHICLE_M, across, distance, lengthOf, path } from "./lanes.js";
import { headColor } from "./scene.js";

const PITCH_PX = LAMP_PX + 1;
const PLATE_PX = LAMP_PX + 4;
const ASIDE_PX = 3;
const TICK_PX = 9;
const SMOOTH_PX = 8;
const FULL_SIZE = 0.45;
const LEAST_SIZE = 0.7;

// Lamps keep their size on the screen until the crossings come so close that they would touch (scale in px per metre).
const sizeAt = (scale) => Math.min(1, Math.max(LEAST_SIZE, scale / FULL_SIZE));

export function createOverview(city, places) {
  const crossings = places.map((place) => crossing(place, city.geometry));
  const layer = (name) => svg("g", { class: name }, crossings.flatMap((one) => one.approaches.map((part) => part[name])));
  return {
    node: svg("g", { class: "overview" }, layer("bars"), layer("lamps")),
    update(live) {
      for (const { id, approaches } of crossings) approaches.forEach((one) => one.update(live.intersections[id]));
    },
    place(view) {
      crossings.forEach((one) => one.place(view));
    },
    // How far from the middle of a crossing its lamps reach, in px.
    radius: (id, scale) => crossings.find((one) => one.id === id).radius(scale) + (PLATE_PX / 2) * sizeAt(scale),
  };
}

// Lamps of one crossing stand on a circle wide enough that neighbouring rows do not touch.
function crossing({ id, at, ...rest }, geometry) {
  const approaches = approachesOf({ id, ...rest }, geometry, at).map((one) => createApproach(id, one));
  const radius = (scale) => Math.max(0, ...approaches.map((one) => one.halfRow(scale))) + (PLATE_PX / 2) * sizeAt(scale) + 1;
  return {
    id,
    approaches,
    radius,
    place: (view) => approaches.forEach((one) => one.place(view, view.project(at), radius(view.view.scale))),
  };
}

function createApproach(id, approach) {
  const lamps = approach.groups.map((group) => lamp(group.turn));
  const plate = svg("rect", { class: "plate", height: PLATE_PX, y: -PLATE_PX / 2, rx: PLATE_PX / 2 });
  const row = svg("g", { class: "row", "data-approach": approach.link }, plate, lamps);
  const bar = queueBar(`${id} ${approach.link}`);
  return {
    lamps: row,
    bars: bar.node,
    halfRow: (scale) => Math.max(...offsets(approach.groups, scale).map(Math.abs)) + (PLATE_PX / 2) * sizeAt(scale),
    update(status) {
      approach.groups.forEach((group, i) => attr(lamps[i], "data-color", headColor(status, group)));
      bar.update((status?.queues ?? []).filter((one) => approach.lanes.includes(one.lane)));
    },
    place(view, [x, y], radius) {
      const { scale } = view.view;
      const size = sizeAt(scale);
      const half = (PLATE_PX / 2) * size;
      const out = Math.max(radius, approach.back * scale - half);
      const [ux, uy] = approach.heading;
      const turn = (Math.atan2(ux, uy) * 180) / Math.PI;
      attr(row, "transform", `translate(${(x - ux * out).toFixed(1)} ${(y + uy * out).toFixed(1)}) rotate(${turn.toFixed(1)}) scale(${size.toFixed(3)})`);
      const xs = offsets(approach.groups, scale).map((at) => at / size);
      xs.forEach((at, i) => attr(lamps[i], "transform", `translate(${at.toFixed(1)} 0)`));
      attr(plate, "x", (xs[0] - PLATE_PX / 2).toFixed(1));
      attr(plate, "width", (xs[xs.length - 1] - xs[0] + PLATE_PX).toFixed(1));
      const skip = Math.max(0, out + half + 1 - approach.spineBack * scale);
      const aside = Math.max(0, ASIDE_PX - approach.fromMiddle * scale);
      bar.place(shifted(smooth(approach.spine.map(view.project, view)), aside), skip, scale);
    },
  };
}

// Where the lamps of a row stand, in px right of the middle: as the lanes do, but never closer than they can be told apart.
function offsets(groups, scale) {
  const xs = groups.map((group) => group.aside * scale);
  for (let i = xs.length - 2; i >= 0; i -= 1) xs[i] = Math.min(xs[i], xs[i + 1] - PITCH_PX * sizeAt(scale));
  return xs;
}

// The farthest end of any queue of the approach, from its lamps backwards.
function queueBar(name) {
  const [casing, spread, estimate] = ["casing", "spread", "estimate"].map((kind) => svg("path", { class: kind }));
  const ticks = ["tick-casing", "truth"].map((kind) => svg("path", { class: kind }));
  const title = svg("title");
  let line = [];
  let skip = 0;
  let scale = 1;
  let queue = { estimate: 0, end: 0, truth: 0 };
  const draw = () => {
    if (line.length === 0) return;
    const room = Math.max(0, lengthOf(line) - skip);
    const px = (vehicles) => Math.min(room, Math.max(0, vehicles) * VEHICLE_M * scale);
    for (const [part, vehicles] of [[casing, queue.end], [spread, queue.end], [estimate, queue.estimate]]) {
      attr(part, "stroke-dasharray", `0 ${skip.toFixed(1)} ${px(vehicles).toFixed(1)} 9999`);
    }
    ticks.forEach((tick, i) => {
      attr(tick, "visibility", queue.truth > 0 ? "visible" : "hidden");
      if (queue.truth > 0) attr(tick, "d", path(across(line, skip + px(queue.truth), TICK_PX + (i ? 0 : 2))));
    });
  };
  return {
    node: svg("g", { class: "bar" }, title, casing, spread, estimate, ticks),
    update(queues) {
      queue = longestOf(queues);
      attr(estimate, "data-old", queue.old);
      text(title, `${name}: longest lane ${queue.estimate.toFixed(1)} vehicles estimated`);
      draw();
    },
    place(next, nextSkip, nextScale) {
      [line, skip, scale] = [next, nextSkip, nextScale];
      for (const part of [casing, spread, estimate]) attr(part, "d", path(line));
      draw();
    },
  };
}

function longestOf(queues) {
  const most = queues.reduce((best, one) => (one.estimate > best.estimate ? one : best), { estimate: 0, sd: 0, age_s: 0 });
  return {
    estimate: most.estimate,
    end: most.estimate + most.sd,
    truth: Math.max(0, ...queues.map((one) => one.truth ?? 0)),
    old: isOld(most.age_s),
  };
}

// Without the small steps aside where one lane feeds another.
function smooth(line) {
  const kept = [];
  for (const point of line) if (kept.length === 0 || distance(kept[kept.length - 1], point) >= SMOOTH_PX) kept.push(point);
  return kept;
}

// The line, `px` to the right of traffic (the line runs against it, and y points down).
function shifted(line, px) {
  if (px === 0) return line;
  return line.map(([x, y], i) => {
    const [ax, ay] = line[Math.max(0, i - 1)];
    const [bx, by] = line[Math.min(line.length - 1, i + 1)];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    return [x + ((by - ay) / length) * px, y - ((bx - ax) / length) * px];
  });
}
