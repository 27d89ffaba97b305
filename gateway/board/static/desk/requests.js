// How are preemptions and requests for priority drawn: when each came and how long it took, and a table of its steps?
import { h } from "../js/dom.js";
import { createFrame } from "./frame.js";
import { ask, mean, something, source, span, tableOf, top } from "./measures.js";
import { nearest } from "./plot.js";
import { day, hms } from "./time.js";

const SHOWN = 100;

export async function showRequests(place, desk, { measure, what, took, words, parts }) {
  const told = await ask(desk, measure);
  if (!something(place, desk, told, what)) return;
  const [at, number, seconds] = ["at_ms", "number", took].map(told.get);
  const frame = createFrame(place, desk, { legend: [["bar", "--c-violet", `seconds ${words}`]], source: source(told), file: `${measure}-${desk.at}`, table: tableOf(told) });
  frame.chart({
    title: `${at.length} in all, ${mean(seconds).toFixed(1)} s on average`,
    height: 220,
    x: span(desk, told),
    y: { range: [0, top(Math.max(...seconds) * 1.1)] },
    hover(ms) {
      const i = nearest(at, ms);
      return i < 0 ? "" : `${hms(at[i])}: number ${number[i]}, ${seconds[i].toFixed(1)} s`;
    },
    paint(pen) {
      at.forEach((ms, i) => {
        pen.line([ms, ms + 1], [0, seconds[i]], "--c-violet", { wide: 2, gap: Infinity });
        pen.symbol(ms, seconds[i], "circle", "--c-violet", 4);
      });
    },
  });
  const cell = (value) => h("td", { class: "figure" }, value < 0 ? "–" : String(Number(value.toFixed(1))));
  const row = (i) => h("tr", {}, h("th", { scope: "row" }, `${day(at[i])} ${hms(at[i])}`), h("td", { class: "figure" }, String(number[i])), parts.map(([name]) => cell(told.get(name)[i])));
  const names = ["Time", "Number", ...parts.map(([, title]) => title)];
  place.append(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Single requests" }, h("table", { class: "desk-table" }, h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", class: i ? "figure" : null }, name)))), h("tbody", {}, at.slice(-SHOWN).map((_, i) => row(Math.max(0, at.length - SHOWN) + i))))));
}
