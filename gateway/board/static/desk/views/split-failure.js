// Purdue Split Failure | phases | 30 | In which cycles did green end before everybody was served? Both occupancies at 80 % or more.
import { createFrame } from "../frame.js";
import { ask, ofPhase, phaseName, something, source, span, tableOf } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

export async function show(place, desk) {
  const [told, binned] = await Promise.all([ask(desk, "split_failures", { each: true }), ask(desk, "split_failures")]);
  if (!something(place, desk, told, "whole cycle of a phase with presence detectors")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["dot", "--c-green", "green occupancy (GOR)"], ["dot", "--c-red", "occupancy of the first 5 s of red (ROR5)"], ["line", "--c-green", "mean GOR"], ["line", "--c-red", "mean ROR5"], ["bar", "--c-yellow", "split failure"], ["dash", "--c-grey", "80 %"]],
    source: `${source(told, "presence")} Per cent of the time.`,
    file: `split-failures-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  told.phases.forEach((phase) => {
    const rows = ofPhase(told, phase);
    const cells = ofPhase(binned, phase);
    const [gor, ror] = [rows.green_occupancy.map((v) => 100 * v), rows.red_occupancy.map((v) => 100 * v)];
    const failed = rows.failed.filter(Boolean).length;
    frame.chart({
      title: `${phaseName(desk, phase)}: ${failed} split failures in ${rows.failed.length.toLocaleString("en")} cycles (${((100 * failed) / rows.failed.length).toFixed(1)} %)`,
      height: 180,
      x,
      y: { range: [0, 104], ticks: [0, 20, 40, 60, 80, 100] },
      hover(ms) {
        const i = nearest(rows.green_ms, ms);
        return i < 0 ? "" : `${hms(rows.green_ms[i])}: green ${rows.green_s[i].toFixed(1)} s, GOR ${gor[i].toFixed(0)} %, ROR5 ${ror[i].toFixed(0)} %${rows.failed[i] ? ", failed" : ""}`;
      },
      paint(pen) {
        rows.green_ms.forEach((ms, i) => rows.failed[i] && pen.box(ms, ms + Math.max(30_000, (pen.to - pen.from) / 900), 0, 104, "--c-yellow"));
        const size = pen.to - pen.from > 6 * 3.6e6 ? 2 : 3.5;
        pen.dots(rows.green_ms, gor, "--c-green", size);
        pen.dots(rows.green_ms, ror, "--c-red", size);
        pen.steps(cells.start_ms, cells.green_occupancy.map((v) => 100 * v), binned.bin_ms, "--c-green", { wide: 1.5 });
        pen.steps(cells.start_ms, cells.red_occupancy.map((v) => 100 * v), binned.bin_ms, "--c-red", { wide: 1.5 });
        pen.level(80, "--c-grey");
      },
    });
  });
}
