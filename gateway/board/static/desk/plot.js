// How is a chart of the desk drawn? uPlot keeps axes, cursor and zoom; the view paints on the canvas.
import uPlot from "../vendor/uplot-1.6.32/uPlot.esm.js";
import { h, text } from "../js/dom.js";
import { color, onTheme } from "../js/theme.js";
import { day, hm, hms, zone } from "./time.js";

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const LEAST_MS = 2000;
const DAY = 86_400_000;

// Charts of one view that show the same time: zooming one zooms all of them.
export function createZoom() {
  const plots = new Set();
  const listeners = new Set();
  let busy = false;
  return {
    add: (plot) => plots.add(plot),
    remove: (plot) => plots.delete(plot),
    onChange: (listener) => listeners.add(listener),
    set(from, to) {
      if (busy) return;
      busy = true;
      plots.forEach((plot) => plot.setScale("x", { min: from / 1000, max: to / 1000 }));
      busy = false;
      listeners.forEach((listener) => listener(from, to));
    },
  };
}

// label: what a screen reader is told; x: [from, to] in ms; y: {range: [low, high], unit, ticks?, names?};
// start: the part shown first; paint(pen) draws; hover(ms, value, reach) gives the words for a place (reach: ms and value of 8 px).
export function createPlot({ label, height, x, y, paint, hover, zoom, gone, start = null }) {
  const place = h("div", { class: "plot", tabindex: "0", role: "group", "aria-label": `${label}. Drag or press plus and minus to zoom, arrow keys move, 0 shows all.` });
  const readout = h("p", { class: "caption readout" });
  const node = h("div", { class: "plot-frame" }, place, readout);
  place.style.height = `${height}px`;
  let plot = null;

  const axis = { stroke: () => color("--ink-2"), font: FONT, grid: { stroke: () => color("--rule"), width: 1 }, ticks: { show: false } };
  const options = (width) => ({
    width,
    height,
    pxAlign: true,
    padding: [10, 16, 0, 0],
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), zone() === "UTC" ? "Etc/UTC" : zone()),
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: true }, points: { show: false }, bind: { dblclick: () => () => zoom.set(...x) } },
    scales: { x: { time: true, range: (_, low, high) => [low, high] }, y: { range: y.range } },
    axes: [
      { ...axis, size: 26, space: 80, values: (u, splits) => splits.map((s) => timeWords(s * 1000, u)) },
      { ...axis, size: y.size ?? 48, space: 24, ...(y.ticks && { splits: () => y.ticks }), values: (_, splits) => splits.map((v) => (y.names ? (y.names[v] ?? "") : `${Number(v.toFixed(2))}`)), grid: y.names ? { show: false } : axis.grid },
    ],
    series: [{}, { show: false }],
    hooks: {
      draw: [(u) => painted(u)],
      setCursor: [(u) => tell(u)],
      setScale: [(u, key) => key === "x" && u.status && zoom.set(u.scales.x.min * 1000, u.scales.x.max * 1000)],
    },
  });

  function painted(u) {
    const { left, top, width, height: tall } = u.bbox;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(left, top, width, tall);
    u.ctx.clip();
    paint(pen(u));
    u.ctx.restore();
  }

  function tell(u) {
    const { left, top } = u.cursor;
    if (!hover || left === undefined || left < 0) return text(readout, "");
    const reach = { ms: 8 * 1000 * (u.posToVal(1, "x") - u.posToVal(0, "x")), value: 8 * Math.abs(u.posToVal(1, "y") - u.posToVal(0, "y")) };
    return text(readout, hover(u.posToVal(left, "x") * 1000, u.posToVal(top, "y"), reach) ?? "");
  }

  place.addEventListener("keydown", (event) => {
    if (!plot) return;
    const [low, high] = [plot.scales.x.min * 1000, plot.scales.x.max * 1000];
    const span = high - low;
    const moves = { "+": [0.25, -0.25], "=": [0.25, -0.25], "-": [-0.5, 0.5], ArrowLeft: [-0.25, -0.25], ArrowRight: [0.25, 0.25] };
    const move = event.key === "0" ? null : moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    if (move === null) zoom.set(...x);
    else zoom.set(...within(low + move[0] * span, high + move[1] * span, x));
  });

  const observer = new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width === 0) return;
    if (plot) plot.setSize({ width, height });
    else {
      plot = new uPlot(options(width), [[x[0] / 1000, x[1] / 1000], [null, null]], place);
      zoom.add(plot);
      if (start) queueMicrotask(() => zoom.set(...start));
    }
  });
  observer.observe(place);
  onTheme(() => plot?.redraw(false));
  gone?.addEventListener("abort", () => {
    observer.disconnect();
    if (plot) {
      zoom.remove(plot);
      plot.destroy();
    }
  });
  return { node, canvas: () => plot?.ctx.canvas ?? null, redraw: () => plot?.redraw(false) };
}

// What a view paints with: places in canvas pixels, and the few shapes of the trade.
function pen(u) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const [x0, x1] = [u.scales.x.min * 1000, u.scales.x.max * 1000];
  const [y0, y1] = [u.scales.y.min, u.scales.y.max];
  const ratio = uPlot.pxRatio;
  const px = (ms) => left + ((ms - x0) / (x1 - x0)) * width;
  const py = (v) => top + (1 - (v - y0) / (y1 - y0)) * height;
  return {
    ctx, px, py, ratio, from: x0, to: x1, left, top, width, height,
    dots(xs, ys, name, size = 2, pick = null) {
      ctx.fillStyle = color(name);
      const s = size * ratio;
      for (let i = 0; i < xs.length; i += 1) {
        if (xs[i] < x0 || xs[i] > x1 || (pick && !pick(i))) continue;
        ctx.fillRect(px(xs[i]) - s / 2, py(ys[i]) - s / 2, s, s);
      }
    },
    // Broken where nothing is known for `gap` ms.
    line(xs, ys, name, { wide = 1.5, gap = 900_000, dash = [] } = {}) {
      ctx.strokeStyle = color(name);
      ctx.lineWidth = wide * ratio;
      ctx.lineJoin = "round";
      ctx.setLineDash(dash.map((d) => d * ratio));
      ctx.beginPath();
      let before = -Infinity;
      for (let i = 0; i < xs.length; i += 1) {
        if (ys[i] === null || Number.isNaN(ys[i])) continue;
        if (xs[i] - before > gap) ctx.moveTo(px(xs[i]), py(ys[i]));
        else ctx.lineTo(px(xs[i]), py(ys[i]));
        before = xs[i];
      }
      ctx.stroke();
      ctx.setLineDash([]);
    },
    // Each value holds for `bin` ms from its time on.
    steps(xs, ys, bin, name, { wide = 2, dash = [] } = {}) {
      ctx.strokeStyle = color(name);
      ctx.lineWidth = wide * ratio;
      ctx.setLineDash(dash.map((d) => d * ratio));
      ctx.beginPath();
      for (let i = 0; i < xs.length; i += 1) {
        const joined = i > 0 && xs[i] - xs[i - 1] <= bin;
        if (joined) ctx.lineTo(px(xs[i]), py(ys[i]));
        else ctx.moveTo(px(xs[i]), py(ys[i]));
        ctx.lineTo(px(xs[i] + bin), py(ys[i]));
      }
      ctx.stroke();
      ctx.setLineDash([]);
    },
    bars(xs, ys, bin, name, bottom = null) {
      ctx.fillStyle = color(name);
      for (let i = 0; i < xs.length; i += 1) {
        const low = bottom ? bottom[i] : 0;
        const [a, b] = [px(xs[i]), px(xs[i] + bin)];
        if (b < left || a > left + width) continue;
        const inset = Math.min(ratio, (b - a) * 0.1);
        ctx.fillRect(a + inset, py(low + ys[i]), Math.max(1, b - a - 2 * inset), py(low) - py(low + ys[i]));
      }
    },
    box(from, to, low, high, name) {
      if (to < x0 || from > x1) return;
      ctx.fillStyle = name.startsWith("--") ? color(name) : name;
      const a = px(from);
      ctx.fillRect(a, py(high), Math.max(1, px(to) - a), py(low) - py(high));
    },
    level(v, name, dash = [4, 4]) {
      ctx.strokeStyle = color(name);
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash(dash.map((d) => d * ratio));
      ctx.beginPath();
      ctx.moveTo(left, py(v));
      ctx.lineTo(left + width, py(v));
      ctx.stroke();
      ctx.setLineDash([]);
    },
    // kind: circle, triangle, square, cross.
    symbol(ms, v, kind, name, size = 3.5) {
      if (ms < x0 || ms > x1) return;
      const [a, b, s] = [px(ms), py(v), size * ratio];
      ctx.fillStyle = ctx.strokeStyle = color(name);
      ctx.beginPath();
      if (kind === "circle") ctx.arc(a, b, s, 0, 7);
      else if (kind === "square") ctx.rect(a - s, b - s, 2 * s, 2 * s);
      else if (kind === "triangle") {
        ctx.moveTo(a, b - 1.2 * s);
        ctx.lineTo(a + 1.15 * s, b + s);
        ctx.lineTo(a - 1.15 * s, b + s);
        ctx.closePath();
      } else {
        ctx.lineWidth = 1.5 * ratio;
        ctx.moveTo(a - s, b - s);
        ctx.lineTo(a + s, b + s);
        ctx.moveTo(a + s, b - s);
        ctx.lineTo(a - s, b + s);
        ctx.stroke();
        return;
      }
      ctx.fill();
    },
    polygon(points, name, alpha = 1) {
      ctx.globalAlpha = alpha;
      ctx.fillStyle = color(name);
      ctx.beginPath();
      points.forEach(([ms, v], i) => (i ? ctx.lineTo(px(ms), py(v)) : ctx.moveTo(px(ms), py(v))));
      ctx.closePath();
      ctx.fill();
      ctx.globalAlpha = 1;
    },
    write(words, ms, v, name = "--ink") {
      ctx.fillStyle = color(name);
      ctx.font = FONT.replace("12px", `${12 * ratio}px`);
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      ctx.fillText(words, px(ms), py(v));
    },
  };
}

function within(low, high, [first, last]) {
  const span = Math.min(last - first, Math.max(LEAST_MS, high - low));
  const from = Math.max(first, Math.min(last - span, low + (high - low - span) / 2));
  return [from, from + span];
}

function timeWords(ms, u) {
  const span = 1000 * (u.scales.x.max - u.scales.x.min);
  if (span < 5 * 60_000) return hms(ms);
  return span > 1.5 * DAY && hm(ms) === "00:00" ? day(ms).slice(5) : hm(ms);
}

// The index of the nearest time in ascending `xs`; -1 without any.
export function nearest(xs, ms) {
  if (xs.length === 0) return -1;
  let [low, high] = [0, xs.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] < ms) low = middle;
    else high = middle;
  }
  return ms - xs[low] <= xs[high] - ms ? low : high;
}
