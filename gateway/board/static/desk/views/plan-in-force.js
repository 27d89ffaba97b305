// Plan in force | phases | 90 | Under which pattern and cycle did the intersection run?
import { createFrame } from "../frame.js";
import { ask, something, source, span, tableOf, top } from "../measures.js";
import { hm } from "../time.js";

export async function show(place, desk) {
  const told = await ask(desk, "coordination");
  if (!something(place, desk, told, "quarter of an hour without a gap")) return;
  const [start, pattern, cycle] = ["start_ms", "pattern", "cycle_s"].map(told.get);
  const x = span(desk, told);
  const known = cycle.some((s) => s > 0);
  const frame = createFrame(place, desk, {
    legend: [["line", "--c-blue", "cycle commanded, seconds"], ["bar", "--c-fill", "pattern"]],
    source: `${source(told)}${known ? "" : " This log tells no cycle (132): the intersection runs free, or does not log it."}`,
    file: `plan-${desk.at}`,
    table: tableOf(told),
  });
  frame.chart({
    title: `Patterns: ${[...new Set(pattern)].map((p) => p || "none told").join(", ")}`,
    height: 220,
    x,
    y: { range: [0, top(Math.max(60, ...cycle) * 1.05)] },
    hover(ms) {
      const i = start.findIndex((s) => s <= ms && ms < s + told.bin_ms);
      return i < 0 ? "" : `${hm(start[i])}: pattern ${pattern[i] || "not told"}, cycle ${cycle[i] ? `${cycle[i]} s` : "not told"}`;
    },
    paint(pen) {
      let first = 0;
      start.forEach((ms, i) => {
        if (i + 1 < start.length && pattern[i + 1] === pattern[i]) return;
        if (pattern[i] % 2) pen.box(start[first], ms + told.bin_ms, 0, 1e6, "--c-fill");
        pen.write(pattern[i] ? `Pattern ${pattern[i]}` : "", start[first] + (pen.to - pen.from) / 200, top(Math.max(60, ...cycle) * 1.05) * 0.08, "--ink");
        first = i + 1;
      });
      if (known) pen.steps(start, cycle, told.bin_ms, "--c-blue");
    },
  });
}
