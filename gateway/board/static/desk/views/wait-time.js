// Wait time | phases | 40 | How long did each phase wait from its call to its green?
import { createFrame } from "../frame.js";
import { ask, mean, ofPhase, phaseName, quantile, something, source, span, tableOf, top } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

export async function show(place, desk) {
  const [told, binned] = await Promise.all([ask(desk, "wait_time", { each: true }), ask(desk, "wait_time")]);
  if (!something(place, desk, told, "call that was served")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["dot", "--c-blue", "one wait"], ["line", "--ink", "mean of the bin"]],
    source: `${source(told)} Seconds; waits during a preemption and two minutes after it are left out.`,
    file: `waits-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const highest = top(quantile(told.get("wait_s"), 0.995) * 1.05);
  told.phases.forEach((phase) => {
    const [rows, cells] = [ofPhase(told, phase), ofPhase(binned, phase)];
    const skips = (cells.skips ?? []).reduce((n, v) => n + v, 0);
    frame.chart({
      title: `${phaseName(desk, phase)}: mean ${mean(rows.wait_s).toFixed(1)} s, longest ${Math.max(...rows.wait_s).toFixed(0)} s, ${skips} skips`,
      height: 160,
      x,
      y: { range: [0, highest] },
      hover(ms) {
        const i = nearest(rows.green_ms, ms);
        return i < 0 ? "" : `${hms(rows.green_ms[i])}: waited ${rows.wait_s[i].toFixed(1)} s`;
      },
      paint(pen) {
        pen.dots(rows.green_ms, rows.wait_s, "--c-blue", pen.to - pen.from > 6 * 3.6e6 ? 2 : 3.5);
        pen.steps(cells.start_ms ?? [], cells.average_s ?? [], binned.bin_ms, "--ink", { wide: 1.5 });
      },
    });
  });
}
