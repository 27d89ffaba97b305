// How is a measure in bins drawn: one small chart a phase, a few series each, one scale for all?
import { ask, ofPhase, phaseName, something, source, span, tableOf, top } from "./measures.js";
import { createFrame } from "./frame.js";
import { nearest } from "./plot.js";
import { hm } from "./time.js";

const BINS = [["15", "15 min"], ["5", "5 min"], ["30", "30 min"], ["60", "1 h"]];

// series: [{column, words, color, kind: steps | bars | dash, unit, digits, scale}]; the first one sets the axis unless
// `high` is given; summary(rows) goes behind the title.
export async function showBinned(place, desk, { measure, what, detectors, series, high, unit, levels = [], summary, height = 150, by = "phase", nameOf = phaseName }) {
  const told = await ask(desk, measure, { bin: Number(desk.param("bin", "15")) });
  if (!something(place, desk, told, what)) return;
  const x = span(desk, told);
  const keys = [...new Set(told.get(by))].sort((a, b) => a - b);
  const all = series.filter((one) => one.kind !== "none").filter((one) => one.kind !== "bars" || one.axis).flatMap(({ column, scale = 1 }) => told.get(column).map((v) => v * scale));
  const highest = high ?? top(Math.max(...all, ...levels.map(([v]) => v)));
  const frame = createFrame(place, desk, {
    legend: series.filter(({ kind }) => kind !== "none").map(({ kind, color, words }) => [kind === "bars" ? "bar" : kind === "dash" ? "dash" : "line", color, words]),
    source: source(told, detectors),
    file: `${measure}-${desk.at}`,
    table: tableOf(told),
  });
  frame.choice("bin", "Bins", BINS);
  frame.node.classList.add("two");
  keys.forEach((key) => {
    const rows = by === "phase" ? ofPhase(told, key) : pickBy(told, by, key);
    const busiest = series.map(({ column, scale = 1 }) => Math.max(1e-9, ...told.get(column).map((v) => v * scale)));
    frame.chart({
      title: `${nameOf(desk, key)}${summary ? `: ${summary(rows)}` : ""}`,
      height,
      x,
      y: { range: [0, highest], size: 52 },
      hover: (ms) => tell(rows, series, ms, told.bin_ms),
      paint(pen) {
        series.forEach(({ column, color, kind, scale = 1, axis }, i) => {
          const values = rows[column].map((v) => v * scale);
          if (kind === "none") return;
          if (kind === "bars") pen.bars(rows.start_ms, axis ? values : values.map((v) => (v / busiest[i]) * highest * 0.9), told.bin_ms, color);
          else pen.steps(rows.start_ms, values, told.bin_ms, color, { dash: kind === "dash" ? [5, 4] : [] });
        });
        levels.forEach(([v, color]) => pen.level(v, color));
      },
    });
  });
  if (unit) frame.node.prepend(Object.assign(document.createElement("p"), { className: "caption unit-line", textContent: unit }));
}

function pickBy(told, by, key) {
  const names = Object.keys(told.columns);
  const columns = Object.fromEntries(names.map((name) => [name, told.get(name)]));
  const rows = columns[by].map((value, i) => (value === key ? i : -1)).filter((i) => i >= 0);
  return Object.fromEntries(names.map((name) => [name, rows.map((i) => columns[name][i])]));
}

function tell(rows, series, ms, bin) {
  const i = rows.start_ms.findIndex((start) => start <= ms && ms < start + bin);
  if (i < 0) return nearest(rows.start_ms, ms) < 0 ? "" : `${hm(ms)}: nothing`;
  const parts = series.map(({ column, words, unit = "", digits = 0, scale = 1 }) => `${words} ${(rows[column][i] * scale).toFixed(digits)}${unit && ` ${unit}`}`);
  return `${hm(rows.start_ms[i])} to ${hm(rows.start_ms[i] + bin)}: ${parts.join(", ")}`;
}
