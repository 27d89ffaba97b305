// How are phases, walks, detectors and decisions drawn over time, one row each?
import { color } from "../js/theme.js";
import { hms } from "./time.js";

const LEFT = 62;
const ROW = 17;
const THIN = 12;
const AXIS = 20;
const STEPS_S = [5, 10, 30, 60, 300, 900];

export function createPainter(found, from, to) {
  const rows = [];
  let y = AXIS;
  const add = (kind, number, title, height) => {
    rows.push({ kind, number, title, y, height });
    y += height;
  };
  found.phases.forEach((phase) => add("phase", phase.number, `Phase ${phase.number}`, ROW));
  y += 6;
  add("decision", 0, "Decisions", ROW);
  y += 6;
  const order = { stop: 0, advance: 1, area: 2 };
  [...found.detectors].sort((a, b) => order[a.role] - order[b.role] || a.channel - b.channel).forEach((one) => add("detector", one.channel, `${one.role} ${one.channel}`, THIN));
  const rowOf = (kind, number) => rows.find((row) => row.kind === kind && row.number === number);
  const scale = (width) => (width - LEFT) / (to - from);

  function paint(context, width, at) {
    const k = scale(width);
    const x = (ms) => LEFT + (Math.min(to, Math.max(from, ms)) - from) * k;
    const ink = { text: color("--ink"), dim: color("--ink-2"), rule: color("--rule"), accent: color("--accent"), green: color("--green"), yellow: color("--amber"), red_clear: color("--red") };
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    axis(context, width, x, ink);
    rows.forEach((row) => {
      context.fillStyle = ink.dim;
      context.fillText(row.title, 0, row.y + row.height / 2, LEFT - 6);
      context.fillStyle = ink.rule;
      context.fillRect(LEFT, row.y + row.height - 1, width - LEFT, 1);
    });
    found.stretches.forEach(([what, number, begin, end]) => stretch(context, what, number, x(begin), x(end), ink));
    decisions(context, x, ink);
    if (at !== null) {
      context.fillStyle = ink.accent;
      context.fillRect(x(at) - 1, AXIS - 4, 2, y - AXIS + 4);
    }
  }

  function axis(context, width, x, ink) {
    const wanted = ((to - from) / 1000 / Math.max(2, (width - LEFT) / 90)) * 1;
    const step = 1000 * (STEPS_S.find((one) => one >= wanted) ?? 900);
    for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) {
      context.fillStyle = ink.rule;
      context.fillRect(x(ms), AXIS - 4, 1, y - AXIS + 4);
      context.fillStyle = ink.dim;
      if (x(ms) < width - 40) context.fillText(hms(ms), x(ms) + 3, 8);
    }
  }

  function stretch(context, what, number, x0, x1, ink) {
    const wide = Math.max(1, x1 - x0);
    if (what === "on") return bar(context, rowOf("detector", number), x0, wide, ink.accent, 2, 0.75);
    const row = rowOf("phase", number);
    if (what in ink && what !== "text") return bar(context, row, x0, wide, ink[what], 1, 1);
    if (what === "walk") return line(context, row, x0, wide, ink.text, 3);
    if (what === "ped_clear") return line(context, row, x0, wide, ink.text, 1);
    if (what === "call") return line(context, row, x0, wide, ink.dim, 1, -3);
    return undefined;
  }

  function bar(context, row, x0, wide, fill, inset) {
    if (!row) return;
    context.fillStyle = fill;
    context.fillRect(x0, row.y + inset, wide, row.height - 2 * inset - 1);
  }

  function line(context, row, x0, wide, fill, thick, up = 0) {
    if (!row) return;
    context.fillStyle = fill;
    context.fillRect(x0, row.y + row.height / 2 - thick / 2 + up, wide, thick);
  }

  function decisions(context, x, ink) {
    const row = rowOf("decision", 0);
    let free = 0;
    found.decisions.filter((one) => one.changed).forEach((one) => {
      const at = x(one.at_ms);
      context.fillStyle = one.binding ? ink.red_clear : ink.text;
      context.fillRect(at, row.y + 2, 2, row.height - 4);
      const label = one.serve ? one.serve.replaceAll(",", "+") : "plan";
      if (at < free) return;
      context.fillStyle = ink.text;
      context.fillText(label, at + 4, row.y + row.height / 2);
      free = at + 10 + context.measureText(label).width;
    });
  }

  return { height: y + 4, paint, timeAt: (px, width) => from + (px - LEFT) / scale(width) };
}
