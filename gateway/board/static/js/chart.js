// How is a time series drawn? One look for every chart, in the colours of the theme, sized by its place.
import uPlot from "../vendor/uplot-1.6.32/uPlot.esm.js";
import { h, show, text } from "./dom.js";
import { fixed } from "./format.js";
import { color, onTheme } from "./theme.js";

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

// series: [{label, color: "--accent", width, dash?}], the first drawn lowest; height in px; xText(seconds, all) names a
// time; xSplits(all), where given, says which times the axis shows, xSteps how many seconds may lie between two of them.
export function createChart({ series, unit, height, xText, xSplits, xSteps, label, digits = 0 }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": label });
  const readout = h("p", { class: "caption readout" });
  const empty = h("p", { class: "quiet chart-empty" }, "No values yet.");
  const node = h("div", { class: "chart-frame" }, empty, place, readout);
  let plot = null;
  let width = 0;
  let data = [[], ...series.map(() => [])];
  const axis = { stroke: () => color("--ink-2"), font: FONT, grid: { stroke: () => color("--rule"), width: 1 }, ticks: { show: false } };
  const options = () => ({
    width,
    height,
    pxAlign: true,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(1, high) * 1.1] } },
    axes: [
      { ...axis, size: 26, space: 90, grid: { show: false }, ...(xSplits && { splits: () => xSplits(data[0]) }), ...(xSteps && { incrs: xSteps }), values: (_, splits) => splits.map((value) => xText(value, data[0])) },
      { ...axis, size: 46, space: 28, values: (_, splits) => splits.map((value) => fixed(value, splits[1] - splits[0] < 1 ? 1 : 0)) },
    ],
    series: [{}, ...series.map(line)],
    hooks: { setCursor: [(chart) => tell(chart)] },
  });

  function tell(chart) {
    const index = chart.cursor.idx;
    const known = index !== null && index !== undefined && data[0].length > 0;
    const parts = series.map(({ label: name }, i) => {
      const value = known ? data[i + 1][index] : null;
      return `${name} ${value === null || value === undefined ? "–" : `${fixed(value, digits)} ${unit}`}`;
    });
    text(readout, known ? `${xText(data[0][index], data[0])}: ${parts.join(", ")}` : "");
  }

  function draw() {
    show(empty, data[0].length === 0);
    show(place, data[0].length > 0);
    if (width === 0 || data[0].length === 0) return;
    if (plot === null) plot = new uPlot(options(), data, place);
    else plot.setData(data);
  }
  new ResizeObserver(() => {
    if (place.clientWidth === 0) return;
    width = place.clientWidth;
    if (plot) plot.setSize({ width, height });
    else draw();
  }).observe(place);
  onTheme(() => plot?.redraw(false));
  place.style.height = `${height}px`;
  return {
    node,
    // rows: [[ms, ...values]], oldest first.
    update(rows) {
      data = [rows.map(([ms]) => ms / 1000), ...series.map((_, i) => rows.map((row) => row[i + 1] ?? null))];
      draw();
    },
  };
}

const line = ({ label, color: name, width, dash }) => ({
  label,
  stroke: () => color(name),
  width,
  dash,
  points: { show: false },
  spanGaps: false,
});
