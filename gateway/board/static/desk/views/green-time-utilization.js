// Green time utilization | phases | 50 | Which seconds of green are used? What is pale at the end of green is time that others could have.
import { createFrame } from "../frame.js";
import { ask, ofPhase, phaseName, quantile, something, source, span, tableOf } from "../measures.js";
import { hm } from "../time.js";

const STEP_S = 2;

export async function show(place, desk) {
  const told = await ask(desk, "green_time_utilization");
  if (!something(place, desk, told, "vehicle on green at a stop-bar count detector")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["bar", "--c-blue", "many vehicles a green in these 2 s (dark), few (pale)"]],
    source: `${source(told, "stop-bar count")} Seconds since green began.`,
    file: `green-time-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const highest = 10 * Math.ceil((quantile(told.get("since_s"), 0.99) + STEP_S) / 10);
  told.phases.forEach((phase) => {
    const rows = ofPhase(told, phase);
    const most = Math.max(0.1, quantile(rows.vehicles, 0.98));
    const at = new Map(rows.start_ms.map((ms, i) => [`${ms} ${rows.since_s[i]}`, i]));
    frame.chart({
      title: `${phaseName(desk, phase)}: up to ${most.toFixed(1)} vehicles in 2 s of a green`,
      height: 180,
      x,
      y: { range: [0, highest] },
      hover(ms, s) {
        const i = at.get(`${Math.floor(ms / told.bin_ms) * told.bin_ms} ${Math.floor(s / STEP_S) * STEP_S}`);
        return i === undefined ? "" : `${hm(rows.start_ms[i])}, ${rows.since_s[i]} to ${rows.since_s[i] + STEP_S} s of green: ${rows.vehicles[i].toFixed(2)} vehicles a green, ${rows.greens[i]} greens`;
      },
      paint(pen) {
        rows.start_ms.forEach((ms, i) => {
          pen.ctx.globalAlpha = Math.max(0.03, Math.min(1, rows.vehicles[i] / most));
          pen.box(ms, ms + told.bin_ms, rows.since_s[i], rows.since_s[i] + STEP_S, "--c-blue");
        });
        pen.ctx.globalAlpha = 1;
      },
    });
  });
}
