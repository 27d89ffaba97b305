// Approach speed | traffic | 30 | How fast do vehicles approach on green, judged by how long they occupy a detector?
import { showBinned } from "../binned.js";
import { sum } from "../measures.js";

export const show = (place, desk) =>
  showBinned(place, desk, {
    measure: "approach_speed",
    what: "vehicle on green at an advance detector",
    detectors: "advance",
    unit: "km/h, for vehicles of 4.5 m on a loop of 2 m: means of many are of use, single values are not. Bars: vehicles, on a scale of their own.",
    series: [
      { column: "vehicles", words: "vehicles", color: "--c-fill", kind: "bars" },
      { column: "average_mps", words: "mean", color: "--c-blue", kind: "steps", unit: "km/h", scale: 3.6 },
      { column: "percentile_85_mps", words: "85th percentile", color: "--c-violet", kind: "dash", unit: "km/h", scale: 3.6 },
      { column: "percentile_15_mps", words: "15th percentile", color: "--c-grey", kind: "dash", unit: "km/h", scale: 3.6 },
    ],
    summary: (rows) => `${((3.6 * sum(rows.average_mps.map((v, i) => v * rows.vehicles[i]))) / sum(rows.vehicles)).toFixed(0)} km/h on average`,
  });
