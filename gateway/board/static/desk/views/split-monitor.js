// Split monitor | phases | 20 | How long was each phase's split, and how does it compare with the programmed one?
import { createFrame } from "../frame.js";
import { ask, mean, ofPhase, phaseName, quantile, something, source, span, tableOf, top } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

const LOOK = { gap_out: ["circle", "--c-green", "gap-out"], max_out: ["triangle", "--c-red", "max-out"], force_off: ["square", "--c-blue", "force-off"], "": ["cross", "--c-grey", "not logged"] };

export async function show(place, desk) {
  const [told, programmed, model] = await Promise.all([ask(desk, "split_monitor", { each: true }), ask(desk, "programmed_splits"), desk.get("/api/desk/intersection", { at: desk.at })]);
  if (!something(place, desk, told, "whole split")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [...Object.values(LOOK), ["line", "--ink", "programmed split"], ["dash", "--c-violet", "85th percentile"]],
    source: `${source(told)} Green, yellow and red clearance, seconds. ${programmed.rows ? "Programmed splits as logged (134 to 149)." : "Programmed splits of the plan in the city file: this log tells none."}`,
    file: `splits-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const highest = top(quantile(told.get("split_s"), 0.995) * 1.05);
  told.phases.forEach((phase) => {
    const rows = ofPhase(told, phase);
    const plan = splitsOf(phase, programmed, model, x);
    const p85 = quantile(rows.split_s, 0.85);
    frame.chart({
      title: `${phaseName(desk, phase)}: ${rows.split_s.length.toLocaleString("en")} splits, mean ${mean(rows.split_s).toFixed(1)} s, 85th percentile ${p85.toFixed(1)} s`,
      height: 180,
      x,
      y: { range: [0, highest] },
      hover(ms) {
        const i = nearest(rows.green_ms, ms);
        return i < 0 ? "" : `${hms(rows.green_ms[i])}: ${rows.split_s[i].toFixed(1)} s, ended by ${LOOK[rows.cause[i]][2]}`;
      },
      paint(pen) {
        const size = pen.to - pen.from > 6 * 3.6e6 ? 1.8 : 3.2;
        rows.green_ms.forEach((ms, i) => pen.symbol(ms, rows.split_s[i], LOOK[rows.cause[i]][0], LOOK[rows.cause[i]][1], size));
        pen.level(p85, "--c-violet");
        plan.forEach(([from, to, s]) => pen.line([Math.max(from, pen.from), Math.min(to, pen.to)], [s, s], "--ink", { wide: 2, gap: Infinity }));
      },
    });
  });
}

// [from, to, seconds] of each programmed split of a phase.
function splitsOf(phase, programmed, model, [from, to]) {
  const own = programmed.rows ? ofPhase(programmed, phase) : { at_ms: [], split_s: [] };
  if (own.at_ms.length) return own.at_ms.map((ms, i) => [ms, own.at_ms[i + 1] ?? to, own.split_s[i]]);
  const planned = (model.plan.splits ?? []).find((one) => one.phase === phase);
  return planned ? [[from, to, planned.split_s]] : [];
}
