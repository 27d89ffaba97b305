// Pedestrian delay | people | 10 | How long do pedestrians wait from pressing the button to walk?
import { createFrame } from "../frame.js";
import { ask, mean, ofPhase, phaseName, quantile, something, source, span, sum, tableOf, top } from "../measures.js";
import { nearest } from "../plot.js";
import { hms } from "../time.js";

export async function show(place, desk) {
  const [told, volume] = await Promise.all([ask(desk, "pedestrian_delay", { each: true }), ask(desk, "pedestrian_volume")]);
  if (!something(place, desk, told, "walk after a pressed button")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["circle", "--c-teal", "one wait"], ["dash", "--c-violet", "85th percentile"], ["bar", "--c-fill", "people crossing, estimated from presses (a scale of its own)"]],
    source: `${source(told)} Seconds.`,
    file: `pedestrian-delay-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const highest = top(Math.max(...told.get("delay_s")));
  const busiest = Math.max(1, ...volume.get("people"));
  told.phases.forEach((phase) => {
    const [rows, people] = [ofPhase(told, phase), ofPhase(volume, phase)];
    const p85 = quantile(rows.delay_s, 0.85);
    frame.chart({
      title: `${phaseName(desk, phase)}: ${rows.delay_s.length} waits, mean ${mean(rows.delay_s).toFixed(1)} s, longest ${Math.max(...rows.delay_s).toFixed(0)} s; some ${Math.round(sum(people.people ?? []))} people`,
      height: 170,
      x,
      y: { range: [0, highest] },
      hover(ms) {
        const i = nearest(rows.walk_ms, ms);
        return i < 0 ? "" : `${hms(rows.walk_ms[i])}: waited ${rows.delay_s[i].toFixed(1)} s for walk`;
      },
      paint(pen) {
        pen.bars(people.start_ms ?? [], (people.people ?? []).map((v) => (0.9 * highest * v) / busiest), volume.bin_ms, "--c-fill");
        rows.walk_ms.forEach((ms, i) => pen.symbol(ms, rows.delay_s[i], "circle", "--c-teal", pen.to - pen.from > 6 * 3.6e6 ? 2.4 : 4));
        pen.level(p85, "--c-violet");
      },
    });
  });
}
