// Arrivals on green | progression | 20 | Which share of the vehicles arrived while their phase was green, and how does it compare with the green time?
import { showBinned } from "../binned.js";
import { sum } from "../measures.js";

export const show = (place, desk) =>
  showBinned(place, desk, {
    measure: "platoon_ratio",
    what: "arrival at an advance detector",
    detectors: "advance",
    high: 100,
    unit: "Per cent. Above the dashed line platoons arrive on green; below it coordination does harm. Bars: vehicles, on a scale of their own.",
    series: [
      { column: "total", words: "vehicles", color: "--c-fill", kind: "bars" },
      { column: "on_green", words: "arrivals on green", color: "--c-green", kind: "steps", unit: "%", scale: 100 },
      { column: "green_ratio", words: "green time (g/C)", color: "--c-grey", kind: "dash", unit: "%", scale: 100 },
      { column: "platoon_ratio", words: "platoon ratio", color: "--ink", kind: "none", digits: 2 },
      { column: "arrival_type", words: "HCM arrival type", color: "--ink", kind: "none" },
    ],
    summary(rows) {
      const vehicles = sum(rows.total);
      const on = sum(rows.total.map((n, i) => n * rows.on_green[i]));
      return `${vehicles.toLocaleString("en")} arrivals, ${Math.round((100 * on) / vehicles)} % on green`;
    },
  });
