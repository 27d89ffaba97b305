// Purdue Link Pivot | progression | 40 | Which offsets would let more of the street arrive on green?
import { h } from "../../js/dom.js";
import { createFrame, empty } from "../frame.js";
import { ask, source, sum, tableOf } from "../measures.js";

export async function show(place, desk) {
  const told = await ask(desk, "link_pivot");
  if (told.street.length < 2) return empty(place, `${desk.at} is on no street of two signals: no lane in the city file leads from it to another (\`to\`).`);
  const events = sum(Object.values(told.log).map((log) => log.events));
  if (events === 0 || told.rows === 0) return empty(place, "The signals of this street logged nothing in this time.");
  const [from, to, cycle, shift, arrivals, before, after] = ["nearer", "to", "cycle_s", "shift_s", "arrivals", "before", "after"].map(told.get);
  const share = (vehicles, all) => (all > 0 ? `${Math.round((100 * vehicles) / all)} %` : "–");
  const total = [arrivals, before, after].map(sum);
  const frame = createFrame(place, desk, { source: `${source(told)} Cycle ${cycle[0]} s, the one in force for longest; both directions of each link together. It says something only while the signals run this cycle together.`, file: `link-pivot-${desk.at}`, table: tableOf(told), drawn: false });
  frame.node.remove();
  const rows = from.map((one, i) => h("tr", {}, h("th", { scope: "row" }, `${one} to ${to[i]}`), h("td", { class: "figure" }, `${shift[i]} s`), h("td", { class: "figure" }, arrivals[i].toFixed(1)), h("td", { class: "figure" }, share(before[i], arrivals[i])), h("td", { class: "figure" }, share(after[i], arrivals[i]))));
  const names = ["Link", "Green of the farther signal later by", "Arrivals a cycle", "On green now", "On green then"];
  const foot = h("tr", {}, h("th", { scope: "row" }, "All links"), h("td", {}), h("td", { class: "figure" }, total[0].toFixed(1)), h("td", { class: "figure" }, share(total[1], total[0])), h("td", { class: "figure" }, share(total[2], total[0])));
  place.append(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Links" }, h("table", { class: "desk-table" }, h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", class: i ? "figure" : null }, name)))), h("tbody", {}, rows, foot))));
  return undefined;
}
