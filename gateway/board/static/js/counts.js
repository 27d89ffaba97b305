// How are a few counts by name shown? The highest first.
import { h, onChange, show } from "./dom.js";
import { int, visible, words } from "./format.js";

// `said` writes a name, `value` a count; both as plain text.
export function createCounts(title, what, unit, empty, said = words, value = int) {
  const rows = h("tbody");
  const table = h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words(what)), h("th", { scope: "col" }, words(unit)))), rows);
  const none = h("p", { class: "quiet" }, empty);
  const render = onChange((counts) => {
    const sorted = Object.entries(counts).sort(([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || a.localeCompare(b));
    show(table, sorted.length > 0);
    show(none, sorted.length === 0);
    rows.replaceChildren(...sorted.map(([name, count]) => h("tr", {}, h("th", { scope: "row" }, visible(said(name))), h("td", { class: "figure" }, value(count)))));
  });
  return { node: h("div", { class: "counts" }, h("h3", {}, title), table, none), update: render };
}
