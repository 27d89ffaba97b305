// Approach delay | progression | 30 | How long do vehicles wait that arrive on red? Start-up and the queue in front are left out.
import { showBinned } from "../binned.js";
import { sum } from "../measures.js";

export const show = (place, desk) =>
  showBinned(place, desk, {
    measure: "approach_delay",
    what: "arrival at an advance detector",
    detectors: "advance",
    unit: "Seconds per vehicle. Bars: vehicles, on a scale of their own.",
    series: [
      { column: "total", words: "vehicles", color: "--c-fill", kind: "bars" },
      { column: "average_s", words: "delay per vehicle", color: "--c-blue", kind: "steps", unit: "s", digits: 1 },
    ],
    summary: (rows) => `${((3600 * sum(rows.total_h)) / sum(rows.total)).toFixed(1)} s per vehicle, ${sum(rows.total_h).toFixed(1)} h in all`,
  });
