// Purdue Phase Termination | phases | 10 | Why did each green end: gap-out, max-out or force-off?
import { createFrame } from "../frame.js";
import { ask, phaseName, something, source, span, tableOf } from "../measures.js";
import { hms } from "../time.js";

const LOOK = { gap_out: ["circle", "--c-green", "gap-out"], max_out: ["triangle", "--c-red", "max-out"], force_off: ["square", "--c-blue", "force-off"] };

export async function show(place, desk) {
  const told = await ask(desk, "phase_termination", { each: true });
  if (!something(place, desk, told, "end of green with a reason")) return;
  const least = Number(desk.param("row", "1"));
  const phases = [...new Set([...(desk.intersection?.phases ?? []).map((p) => p.number), ...told.phases])].sort((a, b) => b - a);
  const names = Object.fromEntries(phases.map((phase, i) => [i, innerWidth < 640 ? String(phase) : phaseName(desk, phase).replace("Phase ", "")]));
  const points = phases.map((phase) => consecutive(told, phase, least));
  const frame = createFrame(place, desk, {
    legend: Object.values(LOOK),
    source: source(told),
    file: `terminations-${desk.at}`,
    table: tableOf(told),
  });
  frame.choice("row", "In a row at least", [["1", "1"], ["2", "2"], ["3", "3"], ["5", "5"]]);
  frame.chart({
    title: counts(told),
    height: 60 + 42 * phases.length,
    x: span(desk, told),
    y: { range: [-0.6, phases.length - 0.4], ticks: phases.map((_, i) => i), names, size: innerWidth < 640 ? 34 : 112 },
    hover: (ms, v, reach) => tell(points, phases, ms, v, reach),
    paint(pen) {
      phases.forEach((_, i) => pen.line([pen.from, pen.to], [i, i], "--rule", { wide: 1, gap: Infinity }));
      const small = pen.to - pen.from > 6 * 3.6e6;
      points.forEach((own, i) => own.forEach(({ ms, cause }) => pen.symbol(ms, i + OFFSET[cause], LOOK[cause][0], LOOK[cause][1], small ? 2.2 : 4)));
    },
  });
}

const OFFSET = { gap_out: -0.2, force_off: 0, max_out: 0.2 };

// UDOT's filter: only causes that came `least` times in a row.
function consecutive(told, phase, least) {
  const [at, phases, causes] = ["at_ms", "phase", "cause"].map(told.get);
  const own = at.map((ms, i) => ({ ms, phase: phases[i], cause: causes[i] })).filter((one) => one.phase === phase);
  let run = [];
  const kept = [];
  for (const one of [...own, { cause: null }]) {
    if (run.length && run[0].cause !== one.cause) {
      if (run.length >= least) kept.push(...run);
      run = [];
    }
    run.push(one);
  }
  return kept;
}

function counts(told) {
  const causes = told.get("cause");
  return Object.entries(LOOK).map(([cause, [, , words]]) => `${causes.filter((one) => one === cause).length.toLocaleString("en")} ${words}s`).join(", ");
}

function tell(points, phases, ms, v, reach) {
  const row = Math.round(v);
  const near = (points[row] ?? []).filter((one) => Math.abs(one.ms - ms) <= reach.ms).sort((a, b) => Math.abs(a.ms - ms) - Math.abs(b.ms - ms))[0];
  return near ? `${hms(near.ms)}: phase ${phases[row]} ended by ${LOOK[near.cause][2]}` : "";
}
