// Guide | city | 90 | What does each view show?
import { h } from "../../js/dom.js";

export const uses = { intersection: false, range: false };

export function show(place, desk) {
  const { views, groups } = desk.city;
  for (const [group, title] of Object.entries(groups)) {
    const own = views.filter((one) => one.group === group);
    if (own.length === 0) continue;
    const rows = own.map((one) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: desk.link(one.id) }, one.title)), h("td", {}, one.about)));
    place.append(h("section", {}, h("h3", {}, title), h("div", { class: "scroll" }, h("table", {}, h("tbody", {}, rows)))));
  }
}
