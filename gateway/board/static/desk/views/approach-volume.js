// Approach volume | traffic | 10 | How many vehicles crossed the stop line on each phase, and when is the peak hour?
import { showBinned } from "../binned.js";
import { sum } from "../measures.js";

export const show = (place, desk) =>
  showBinned(place, desk, {
    measure: "turning_movement_counts",
    what: "vehicle at a stop-bar count detector",
    detectors: "stop-bar count",
    by: "movement",
    unit: "Vehicles per hour.",
    series: [
      { column: "veh_h", words: "vehicles per hour", color: "--c-soft", kind: "bars", axis: true },
      { column: "vehicles", words: "vehicles", color: "--ink", kind: "none" },
    ],
    summary: (rows) => `${sum(rows.vehicles).toLocaleString("en")} vehicles, peak ${Math.max(...rows.veh_h)} an hour`,
  });
