// What stands around the charts of a view: legend, source, export as PNG and CSV, the numbers as a table?
import { h, text } from "../js/dom.js";
import { color } from "../js/theme.js";
import { createPlot, createZoom } from "./plot.js";
import { dateTime, hm } from "./time.js";

const TABLE_ROWS = 300;

// legend: [[shape, "--colour", words]]; table: {names, rows} with times as {ms}; file: name of the exports.
export function createFrame(place, desk, { legend = [], source = "", file, table = null, drawn = true }) {
  const reset = button("All", "Show the whole time again", () => zoom.set(...span));
  reset.hidden = true;
  const tools = h("div", { class: "tools" }, reset, drawn ? button("PNG", "Save the charts as a picture", () => savePicture(charts, caption(), file)) : null, table && button("CSV", "Save the numbers", () => saveCsv(table(), file)));
  const plots = h("div", { class: "plots" });
  const charts = [];
  const zoom = createZoom();
  let span = [desk.range.from_ms, desk.range.to_ms];
  zoom.onChange((from, to) => {
    reset.hidden = from <= span[0] && to >= span[1];
  });
  place.append(
    h("div", { class: "chart-head" }, h("ul", { class: "chart-legend" }, legend.map(([shape, name, words]) => h("li", {}, mark(shape, name), words))), tools),
    h("p", { class: "caption source" }, source),
    plots,
  );
  if (table && drawn) place.append(numbers(table));
  const caption = () => `${document.title}, ${dateTime(span[0])} to ${dateTime(span[1])}`;
  return {
    node: plots,
    zoom,
    tools,
    // One chart with a title; see createPlot.
    chart({ title, ...options }) {
      span = options.x ?? span;
      const plot = createPlot({ label: title, zoom, gone: desk.gone, x: span, ...options });
      charts.push({ title, plot });
      plots.append(h("section", { class: "chart-one" }, title && h("h3", {}, title), plot.node));
      return plot;
    },
    // A choice among the view's own words in the address.
    choice(name, label, choices) {
      const input = h("select", { onchange: () => desk.set({ [name]: input.value }) }, choices.map(([value, words]) => h("option", { value }, words)));
      input.value = desk.param(name, choices[0][0]);
      tools.prepend(h("label", { class: "inline-choice" }, h("span", {}, label), input));
      return input.value;
    },
  };
}

const button = (words, title, click) => h("button", { type: "button", class: "plain", title, onclick: click }, words);

function mark(shape, name) {
  const node = h("span", { class: `mark mark-${shape}`, "aria-hidden": "true" });
  node.style.setProperty("--mark", `var(${name})`);
  return node;
}

// A view without anything to draw says why.
export function empty(place, why) {
  place.append(h("p", { class: "quiet empty" }, why));
}

function numbers(table) {
  const body = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers" });
  const node = h("details", { class: "numbers" }, h("summary", {}, "Numbers"), body);
  node.addEventListener("toggle", () => {
    if (!node.open || body.firstChild) return;
    const { names, rows } = table();
    const shown = rows.slice(0, TABLE_ROWS);
    body.append(
      h("table", {}, h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, shown.map((row) => h("tr", {}, row.map((cell) => h("td", { class: typeof cell === "number" ? "figure" : null }, words(cell))))))),
      rows.length > shown.length ? h("p", { class: "caption" }, `The first ${TABLE_ROWS} of ${rows.length.toLocaleString("en")} rows; the CSV has all.`) : "",
    );
  });
  return node;
}

const words = (cell) => (cell === null || cell === undefined ? "–" : typeof cell === "object" ? `${dateTime(cell.ms).slice(0, 10)} ${clockOf(cell.ms)}` : typeof cell === "boolean" ? (cell ? "yes" : "no") : String(cell));
const clockOf = (ms) => (ms % 60_000 === 0 ? hm(ms) : new Date(Date.parse(`${dateTime(ms)}:00Z`) + (ms % 60_000)).toISOString().slice(11, 21));

function saveCsv({ names, rows }, file) {
  const cell = (value) => {
    const plain = value !== null && typeof value === "object" ? new Date(value.ms).toISOString() : String(value ?? "");
    return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  const lines = [names, ...rows].map((row) => row.map(cell).join(","));
  save(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }), `${file}.csv`);
}

// The charts one below the other, with their titles, on the colour of the page.
function savePicture(charts, caption, file) {
  const all = charts.map(({ title, plot }) => ({ title, canvas: plot.canvas() })).filter(({ canvas }) => canvas);
  if (all.length === 0) return;
  const ratio = devicePixelRatio || 1;
  const [head, gap] = [34 * ratio, 26 * ratio];
  const sheet = document.createElement("canvas");
  sheet.width = Math.max(...all.map(({ canvas }) => canvas.width));
  sheet.height = head + all.reduce((sum, { canvas }) => sum + canvas.height + gap, 0);
  const ctx = sheet.getContext("2d");
  ctx.fillStyle = color("--bg");
  ctx.fillRect(0, 0, sheet.width, sheet.height);
  ctx.fillStyle = color("--ink");
  ctx.font = `600 ${14 * ratio}px system-ui, sans-serif`;
  ctx.fillText(caption, 8 * ratio, 22 * ratio);
  ctx.font = `${13 * ratio}px system-ui, sans-serif`;
  let top = head;
  for (const { title, canvas } of all) {
    ctx.fillText(title ?? "", 8 * ratio, top + 16 * ratio);
    ctx.drawImage(canvas, 0, top + gap);
    top += canvas.height + gap;
  }
  sheet.toBlob((blob) => save(blob, `${file}.png`));
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export { text };
