// Delay and level of service | phases | 80 | What delay and which level of service does the Highway Capacity Manual expect of what was counted?
import { createFrame } from "../frame.js";
import { ask, phaseName, something, source, span, tableOf } from "../measures.js";
import { hm } from "../time.js";

const GRADES = { A: "#2c9a5b", B: "#7fb53c", C: "#d9b92b", D: "#e8912d", E: "#dd5f2f", F: "#b3202a" };

export async function show(place, desk) {
  const told = await ask(desk, "hcm_delay", { bin: Number(desk.param("bin", "15")) });
  if (!something(place, desk, told, "whole cycle of a phase with stop-bar count detectors")) return;
  const [start, phase, volume, saturation, delay, grade] = ["start_ms", "phase", "volume_veh_h", "saturation", "delay_s", "grade"].map(told.get);
  const phases = [...told.phases].reverse();
  const at = new Map(start.map((ms, i) => [`${ms} ${phase[i]}`, i]));
  const short = innerWidth < 640;
  const frame = createFrame(place, desk, {
    legend: Object.keys(GRADES).map((one) => ["bar", `--los-${one.toLowerCase()}`, `${one}${{ A: " up to 10 s", F: " over 80 s, or over capacity" }[one] ?? ""}`]),
    source: `${source(told, "stop-bar count")} Control delay after HCM 2000 with 1,800 vehicles per hour a lane. Over capacity the queue is not counted, so the true delay is higher.`,
    file: `level-of-service-${desk.at}`,
    table: tableOf(told),
  });
  frame.choice("bin", "Bins", [["15", "15 min"], ["30", "30 min"], ["60", "1 h"]]);
  frame.chart({
    title: Object.keys(GRADES).map((one) => `${one} ${grade.filter((g) => g === one).length}`).join(", "),
    height: 50 + 36 * phases.length,
    x: span(desk, told),
    y: { range: [-0.6, phases.length - 0.4], ticks: phases.map((_, i) => i), names: Object.fromEntries(phases.map((p, i) => [i, short ? String(p) : phaseName(desk, p).replace("Phase ", "")])), size: short ? 34 : 112 },
    hover(ms, v) {
      const p = phases[Math.round(v)];
      const i = at.get(`${Math.floor(ms / told.bin_ms) * told.bin_ms} ${p}`);
      return i === undefined ? "" : `${hm(start[i])}, phase ${p}: level ${grade[i]}, ${delay[i].toFixed(1)} s per vehicle, ${volume[i].toFixed(0)} vehicles per hour, saturation ${saturation[i].toFixed(2)}`;
    },
    paint: (pen) => start.forEach((ms, i) => pen.box(ms, ms + told.bin_ms, phases.indexOf(phase[i]) - 0.42, phases.indexOf(phase[i]) + 0.42, GRADES[grade[i]])),
  });
}
