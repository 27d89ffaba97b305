// Yellow and red actuations | traffic | 50 | Who crossed the stop line in yellow or red, and how late?
import { createFrame } from "../frame.js";
import { ask, phaseName, quantile, rowsOf, something, source, span, tableOf } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

const SEVERE_S = 5;
const STANDS_S = 2;

export async function show(place, desk) {
  const told = await ask(desk, "yellow_red_actuations", { each: true });
  if (!something(place, desk, told, "crossing in yellow or red in a whole cycle")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["circle", "--c-yellow", "in yellow"], ["circle", "--c-red", "in red clearance or red"], ["line", "--c-red", "begin of red clearance"], ["dash", "--c-grey", `severe, ${SEVERE_S} s after`]],
    source: `${source(told, "stop-bar count")} Seconds after red clearance began; 1.5 s are taken off for the latency of detection. Who stays on the detector for more than ${STANDS_S} s came to stand and is not shown.`,
    file: `yellow-red-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const crossed = rowsOf(told, (all, i) => all.on_s[i] <= STANDS_S);
  const [low, high] = [Math.min(-4, Math.floor(quantile(crossed.red_offset_s, 0.002))), Math.max(8, Math.min(20, Math.ceil(quantile(crossed.red_offset_s, 0.99))))];
  told.phases.forEach((phase) => {
    const rows = rowsOf(told, (all, i) => all.phase[i] === phase && all.on_s[i] <= STANDS_S);
    const late = rows.red_offset_s.filter((s, i) => rows.shown[i] === "red");
    frame.chart({
      title: `${phaseName(desk, phase)}: ${rows.shown.length - late.length} in yellow, ${late.length} in red, ${late.filter((s) => s >= SEVERE_S).length} of them severe`,
      height: 180,
      x,
      y: { range: [low, high] },
      hover(ms) {
        const i = nearest(rows.at_ms, ms);
        return i < 0 ? "" : `${hms(rows.at_ms[i])}: in ${rows.shown[i]}, ${rows.red_offset_s[i].toFixed(1)} s after red began`;
      },
      paint(pen) {
        pen.level(0, "--c-red", []);
        pen.level(SEVERE_S, "--c-grey");
        const size = pen.to - pen.from > 6 * 3.6e6 ? 1.8 : 3;
        rows.at_ms.forEach((ms, i) => pen.symbol(ms, Math.min(high, rows.red_offset_s[i]), "circle", rows.shown[i] === "red" ? "--c-red" : "--c-yellow", size));
      },
    });
  });
}
