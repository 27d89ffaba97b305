// How long do people wait under adaptive and under fixed-time control, and where does each number come from?
import { createChart } from "./chart.js";
import { attr, body, h, onChange, show, text } from "./dom.js";
import { MINUS, fixed, hhmm, int } from "./format.js";

const SOURCES = {
  twin: "twin street on the fixed plan, same demand, same seed",
  street: "this street, on the fixed plan",
};

// The axis names minutes: two of its times are never within the same one.
const WHOLE_MINUTES_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

export function createDelay() {
  const adaptive = figure("Adaptive", "accent");
  const plan = figure("Fixed time", "plain");
  const change = figure("Difference", "none");
  const chart = createChart({
    series: [{ label: "Adaptive", color: "--accent", width: 2 }, { label: "Fixed time", color: "--ink-2", width: 2, dash: [5, 4] }],
    unit: "s/veh",
    digits: 1,
    height: 190,
    xText: (seconds) => hhmm(1000 * seconds),
    xSteps: WHOLE_MINUTES_S,
    label: "Mean delay in seconds per vehicle over street time, adaptive and fixed time",
  });
  const explain = h("p", { class: "caption explain" });
  const empty = h("p", { class: "quiet" }, "No delay is measured here: that needs trips with a known end, as the simulated street has them.");
  const full = h("div", { class: "delay" }, h("div", { class: "figures" }, adaptive.node, plan.node, change.node), h("div", { class: "delay-chart" }, chart.node), explain);
  body("delay").replaceChildren(full, empty);
  show(full, false);
  show(empty, false);
  const draw = onChange((rows) => chart.update(rows));
  return {
    update({ delay }) {
      show(full, delay !== null);
      show(empty, delay === null);
      if (delay === null) return;
      adaptive.set(delay.adaptive, "this street");
      plan.set(delay.fixed_time, SOURCES[delay.fixed_time?.source] ?? "");
      change.compare(delay.adaptive, delay.fixed_time);
      draw(delay.series.filter((row) => row[1] !== null || row[2] !== null).length < 2 ? [] : delay.series);
      text(explain, delay.explain || `Mean over trips finished in the last ${int(delay.window_s / 60)} min.`);
    },
  };
}

function figure(name, mark) {
  const value = h("b", { class: "big" }, "–");
  const unit = h("span", { class: "unit" }, "s/veh");
  const note = h("span", { class: "caption" });
  const node = h("div", { class: `figure-block mark-${mark}` }, h("span", { class: "figure-name" }, name), h("span", { class: "figure-value" }, value, unit), note);
  return {
    node,
    set(measured, source) {
      const known = measured?.mean_s !== null && measured?.mean_s !== undefined;
      attr(node, "data-old", known && !measured.live);
      text(value, known ? fixed(measured.mean_s) : "–");
      text(note, !known ? "No trip finished yet" : measured.live ? source : `Last measured ${hhmm(measured.at_ms)} UTC, ${source}`);
    },
    compare(one, other) {
      const known = Boolean(one?.mean_s) && Boolean(other?.mean_s);
      const ratio = known ? (one.mean_s - other.mean_s) / other.mean_s : null;
      text(value, known ? `${ratio < 0 ? MINUS : "+"}${fixed(Math.abs(100 * ratio), 0)}` : "–");
      text(unit, known ? "%" : "");
      text(note, !known ? "Needs both" : `${fixed(Math.abs(one.mean_s - other.mean_s))} s ${ratio < 0 ? "less" : "more"} per vehicle with adaptive`);
      attr(node, "data-old", known && !(one.live && other.live));
    },
  };
}
