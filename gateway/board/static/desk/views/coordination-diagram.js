// Purdue Coordination Diagram | progression | 10 | When in its cycle did each vehicle arrive? Dots between red and green wait, dots above green do not.
import { createFrame } from "../frame.js";
import { ask, ofPhase, phaseName, quantile, something, source, span, tableOf } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

export async function show(place, desk) {
  const told = await ask(desk, "purdue_coordination_diagram");
  if (!something(place, desk, told, "whole cycle of a phase with advance detectors")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["dot", "--ink", "arrival at the advance detector"], ["line", "--c-green", "begin of green"], ["line", "--c-yellow", "begin of yellow"], ["line", "--c-red", "begin of red, end of the cycle"]],
    source: `${source(told, "advance")} Seconds since red began; longer cycles (a phase was skipped) leave the chart at the top.`,
    file: `pcd-${desk.at}`,
    table: tableOf(told),
  });
  const wanted = frame.choice("phase", "Phase", [["", "All"], ...told.phases.map((phase) => [String(phase), phaseName(desk, phase)])]);
  const shown = told.phases.filter((phase) => !wanted || String(phase) === wanted);
  const parted = shown.map((phase) => split(ofPhase(told, phase)));
  const busiest = parted.reduce((best, one) => (one.end.s.length > best.end.s.length ? one : best));
  const high = Math.ceil((1.3 * quantile(busiest.end.s, 0.9)) / 10) * 10;
  shown.forEach((phase, row) => {
    const parts = parted[row];
    const green = parts.arrival.on.filter(Boolean).length;
    const share = parts.arrival.ms.length ? `${Math.round((100 * green) / parts.arrival.ms.length)} % on green` : "no arrivals";
    frame.chart({
      title: `${phaseName(desk, phase)}: ${parts.arrival.ms.length.toLocaleString("en")} arrivals, ${share}`,
      height: shown.length === 1 ? 420 : 230,
      x,
      y: { range: [0, high] },
      hover: (ms, s, reach) => tell(parts, ms, s, reach),
      paint(pen) {
        pen.dots(parts.arrival.ms, parts.arrival.s, "--ink", pen.to - pen.from > 4 * 3.6e6 ? 1.6 : 3);
        pen.line(parts.green.ms, parts.green.s, "--c-green");
        pen.line(parts.yellow.ms, parts.yellow.s, "--c-yellow");
        pen.line(parts.end.ms, parts.end.s, "--c-red");
      },
    });
  });
}

function split(rows) {
  const parts = Object.fromEntries(["arrival", "green", "yellow", "end"].map((what) => [what, { ms: [], s: [], on: [] }]));
  rows.what.forEach((what, i) => {
    parts[what].ms.push(rows.at_ms[i]);
    parts[what].s.push(rows.since_s[i]);
    parts[what].on.push(rows.on_green[i]);
  });
  return parts;
}

function tell({ arrival, green, yellow, end }, ms, s, reach) {
  const i = nearest(arrival.ms, ms);
  const hit = [i - 2, i - 1, i, i + 1, i + 2].find((k) => k >= 0 && k < arrival.ms.length && Math.abs(arrival.ms[k] - ms) <= reach.ms && Math.abs(arrival.s[k] - s) <= reach.value);
  if (hit !== undefined) return `${hms(arrival.ms[hit])}: arrived ${arrival.s[hit].toFixed(1)} s into the cycle, on ${arrival.on[hit] ? "green" : "red or yellow"}`;
  const c = nearest(end.ms, ms);
  if (c < 0) return "";
  return `${hms(ms)}, ${s.toFixed(0)} s: green at ${green.s[c]?.toFixed(1)} s, yellow at ${yellow.s[c]?.toFixed(1)} s, cycle ${end.s[c].toFixed(1)} s`;
}
