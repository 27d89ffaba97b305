// Timing and actuation | phases | 60 | What did every phase, walk and detector show, from when to when? Zoom in to read it.
import { createFrame } from "../frame.js";
import { ask, phaseName, something, source, span, tableOf } from "../measures.js";
import { tenths } from "../time.js";

const LOOK = { green: "--c-green", yellow: "--c-yellow", red_clear: "--c-red", walk: "--c-teal", ped_clear: "--c-soft", call: "--c-grey", ped_call: "--c-violet", on: "--c-blue" };
const WORDS = { green: "green", yellow: "yellow", red_clear: "red clearance", walk: "walk", ped_clear: "pedestrian clearance", call: "vehicle call", ped_call: "button", on: "occupied" };
const LIGHTS = ["green", "yellow", "red_clear"];
const PEOPLE = ["walk", "ped_clear", "ped_call"];
const FIRST_MS = 15 * 60_000;

export async function show(place, desk) {
  const [told, model] = await Promise.all([ask(desk, "timing_and_actuation"), desk.get("/api/desk/intersection", { at: desk.at })]);
  if (!something(place, desk, told, "light, call or detector")) return;
  const rows = bands(told, desk, model);
  const x = span(desk, told);
  const names = Object.fromEntries(rows.map((row, i) => [rows.length - 1 - i, row.name]));
  const frame = createFrame(place, desk, {
    legend: Object.entries(WORDS).map(([what, words]) => ["bar", LOOK[what], words]),
    source: source(told),
    file: `timing-${desk.at}`,
    table: tableOf(told),
  });
  frame.chart({
    title: "",
    height: 50 + 20 * rows.length,
    x,
    start: x[1] - x[0] > 2 * FIRST_MS ? [x[1] - FIRST_MS, x[1]] : null,
    y: { range: [-0.6, rows.length - 0.4], ticks: rows.map((_, i) => i), names, size: innerWidth < 640 ? 64 : 132 },
    hover(ms, v) {
      const row = rows[rows.length - 1 - Math.round(v)];
      const here = row?.stretches.filter(({ from, to }) => from <= ms && ms < to) ?? [];
      const told = here.map(({ what, from, to }) => `${WORDS[what]} ${tenths(from)} to ${tenths(to)} (${((to - from) / 1000).toFixed(1)} s)`);
      return row ? `${tenths(ms)}, ${row.long}: ${told.join("; ") || "nothing"}` : "";
    },
    paint(pen) {
      rows.forEach((row, i) => {
        const at = rows.length - 1 - i;
        for (const { what, from, to } of row.stretches) pen.box(from, to, at - (what === "call" ? 0.42 : 0.34), at + (what === "call" ? -0.26 : 0.34), LOOK[what]);
      });
    },
  });
}

// One row a phase with its lights and call, one with its walk where it has any, one a detector.
function bands(told, desk, model) {
  const [begin, end, what, number] = ["begin_ms", "end_ms", "what", "number"].map(told.get);
  const found = new Map();
  const add = (key, place, name, long, stretch) => {
    if (!found.has(key)) found.set(key, { place, name, long, stretches: [] });
    found.get(key).stretches.push(stretch);
  };
  const short = innerWidth < 640;
  const lanes = new Map(model.detectors.map((one) => [one.channel, one]));
  what.forEach((kind, i) => {
    const [n, stretch] = [number[i], { what: kind, from: begin[i], to: end[i] }];
    if (LIGHTS.includes(kind) || kind === "call") add(`p${n}`, n, short ? `Ph ${n}` : phaseName(desk, n).replace("Phase ", "Ph "), phaseName(desk, n), stretch);
    else if (PEOPLE.includes(kind)) add(`w${n}`, 100 + n, `Ped ${n}`, `pedestrians of phase ${n}`, stretch);
    else {
      const one = lanes.get(n);
      add(`d${n}`, 200 + n, short || !one ? `Det ${n}` : `Det ${n} ${one.role}`, one ? `detector ${n}, ${one.role}, lane ${one.lane}` : `detector ${n}`, stretch);
    }
  });
  return [...found.values()].sort((a, b) => a.place - b.place);
}
