// The ring-barrier strip: which phases run now, for how long, what is called and what comes next?
import { attr, show, svg, text } from "./dom.js";
import { fixed } from "./format.js";

const ROW = 46;
const GAP = 2;
const SHORT_BELOW = 122;
const PED = { walk: "Walk", clear: "Clearing" };
const PED_SHORT = { walk: "Walk", clear: "Clear" };
const SHOWN = { green: true, yellow: true, red_clear: true };
const COLOR_WORDS = { green: "green", yellow: "yellow", red: "red", red_clear: "red clearance" };

export function createStrip(intersection) {
  const cells = layout(intersection).map((place) => createCell(place));
  const rows = intersection.rings.length;
  const barriers = barrierShares(intersection).map((share) => ({ share, line: svg("line", { class: "barrier", y1: 0, y2: rows * ROW }) }));
  const named = { role: "img", "aria-label": describe(intersection) };
  const node = svg("svg", { class: "strip", height: rows * ROW, ...named }, cells.map((cell) => cell.node), barriers.map((one) => one.line));
  new ResizeObserver(() => {
    const width = node.clientWidth;
    if (width === 0) return;
    cells.forEach((cell) => cell.resize(width));
    barriers.forEach(({ share, line }) => ["x1", "x2"].forEach((name) => attr(line, name, Math.min(width - 1, Math.max(1, share * width)).toFixed(1))));
  }).observe(node);
  return {
    node,
    update(status) {
      attr(node, "aria-label", describe(intersection, status));
      cells.forEach((cell) => cell.update(status?.phases[cell.number], status));
    },
  };
}

// Cells as shares of the width: each barrier group is as wide as its longest ring.
export function layout({ rings, phases }) {
  const byNumber = new Map(phases.map((phase) => [phase.number, phase]));
  const groups = groupsOf({ rings, phases });
  const total = groups.reduce((sum, group) => sum + group.columns, 0);
  const places = [];
  rings.forEach((ring, row) => {
    for (const { barrier, columns, start } of groups) {
      const own = ring.filter((number) => byNumber.get(number)?.barrier === barrier);
      own.forEach((number, i) => {
        const width = columns / own.length;
        places.push({ phase: byNumber.get(number), row, from: (start + i * width) / total, to: (start + (i + 1) * width) / total });
      });
    }
  });
  return places;
}

function groupsOf({ rings, phases }) {
  const barrierOf = new Map(phases.map((phase) => [phase.number, phase.barrier]));
  let start = 0;
  return [...new Set(rings.flat().map((number) => barrierOf.get(number)))].sort((a, b) => a - b).map((barrier) => {
    const columns = Math.max(...rings.map((ring) => ring.filter((number) => barrierOf.get(number) === barrier).length));
    const group = { barrier, columns, start };
    start += columns;
    return group;
  });
}

function barrierShares(intersection) {
  const groups = groupsOf(intersection);
  const total = groups.reduce((sum, group) => sum + group.columns, 0);
  return [0, ...groups.map((group) => (group.start + group.columns) / total)];
}

function createCell({ phase, row, from, to }) {
  const y = row * ROW + GAP / 2;
  const height = ROW - GAP;
  const part = (name, attributes, ...children) => svg(name, attributes, ...children);
  const box = part("rect", { class: "cell", y, height });
  const next = part("rect", { class: "next", y, height: 3 });
  const number = part("tspan", { class: "number" }, phase.number);
  const name = part("tspan", { dx: 5 }, phase.label);
  const title = part("text", { y: y + 17 }, number, name);
  const timer = part("text", { class: "timer", y: y + 32 });
  const ped = part("text", { class: "ped", y: y + 32, "text-anchor": "end" });
  const call = part("circle", { class: "call", r: 3, cy: y + 12 });
  const pedCall = part("circle", { class: "ped-call", r: 2.6, cy: y + 12 });
  const rail = part("rect", { class: "rail", y: y + height - 6, height: 3 });
  const run = part("rect", { class: "run", y: y + height - 6, height: 3 });
  const least = part("rect", { class: "least", y: y + height - 8, height: 7, width: 1.5 });
  const tip = part("title", {});
  const node = part("g", { class: "phase" }, box, next, title, timer, ped, call, pedCall, rail, run, least, tip);
  const place = { x: 0, width: 0, railX: 0, railWidth: 0 };
  let last = [];

  function resize(total) {
    place.x = from * total + GAP;
    place.width = (to - from) * total - 2 * GAP;
    place.railX = place.x + 6;
    place.railWidth = Math.max(1, place.width - 12);
    for (const one of [box, next]) setBox(one, place.x, place.width);
    setBox(rail, place.railX, place.railWidth);
    attr(run, "x", place.railX);
    for (const one of [title, timer]) attr(one, "x", place.x + 7);
    attr(ped, "x", place.x + place.width - 7);
    attr(call, "cx", place.x + place.width - 9);
    attr(pedCall, "cx", place.x + place.width - 18);
    attr(least, "x", place.railX + (place.railWidth * phase.min_green_s) / phase.max_green_s);
    text(name, place.width < SHORT_BELOW ? short(phase.label) : phase.label);
    update(...last);
  }

  function update(state, status) {
    last = [state, status];
    const color = state?.color ?? "unknown";
    const current = color in SHOWN;
    attr(node, "data-color", current ? color : null);
    text(timer, current && (state.elapsed_s ?? null) !== null ? `${fixed(state.elapsed_s, place.width < 74 ? 0 : 1)} s` : "");
    text(ped, (place.width < SHORT_BELOW ? PED_SHORT : PED)[state?.ped] ?? "");
    show(call, Boolean(state?.call));
    show(pedCall, Boolean(state?.ped_call));
    show(next, Boolean(status?.decision?.serve.includes(phase.number)));
    const green = color === "green";
    for (const one of [rail, run, least]) show(one, green);
    if (green) attr(run, "width", (place.railWidth * Math.min(1, (state.elapsed_s ?? 0) / phase.max_green_s)).toFixed(1));
    text(tip, tipOf(phase, state));
  }
  return { node, number: phase.number, resize, update };
}

function setBox(node, x, width) {
  attr(node, "x", x.toFixed(1));
  attr(node, "width", Math.max(0, width).toFixed(1));
}

// "EB through" -> "EBT"
export function short(label) {
  const match = /^([NSEW]B) (left|through|right)$/.exec(label);
  return match ? `${match[1]}${match[2][0].toUpperCase()}` : label.slice(0, 6);
}

const tookWords = (state) => ((state?.elapsed_s ?? null) === null ? "" : ` for ${fixed(state.elapsed_s)} s`);

const tipOf = (phase, state) =>
  `Phase ${phase.number}, ${phase.label}: ${COLOR_WORDS[state?.color] ?? "state unknown"}${tookWords(state)}. ` +
  `Minimum green ${phase.min_green_s} s, maximum ${phase.max_green_s} s.`;

function describe(intersection, status) {
  const current = intersection.phases.filter((phase) => status?.phases[phase.number]?.color in SHOWN);
  if (current.length === 0) return `${intersection.name}: no phase is shown`;
  const words = current.map((phase) => `phase ${phase.number} ${phase.label} ${COLOR_WORDS[status.phases[phase.number].color]}`);
  return `${intersection.name}: ${words.join(", ")}`;
}
