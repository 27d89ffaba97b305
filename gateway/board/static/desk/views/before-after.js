// Before and after | city | 40 | What changed between two periods, at matched weekdays and times, and how sure is it?
import { h, svg, text } from "../../js/dom.js";
import { MINUS, NONE, fixed } from "../../js/format.js";
import { dateTime, fromLocal, midnight } from "../time.js";
import { button, figure, section, table } from "../parts.js";

export const uses = { range: false };

const WEEK = 7 * 86_400_000;

export async function show(place, desk) {
  const chosen = { before: desk.param("before", usual(desk, 2)), after: desk.param("after", usual(desk, 1)), all: desk.param("all") };
  const form = createForm(chosen, (wish) => desk.set({ ...wish, run: "1" }));
  const out = h("div", { class: "view-place", "aria-live": "polite" });
  place.append(form.node, out);
  if (!desk.param("run")) {
    out.append(h("p", { class: "quiet" }, "Choose two periods. Quarters of an hour of the same weekday and time are paired; what does not match is said."));
    return;
  }
  const query = { before: chosen.before, after: chosen.after, at: chosen.all ? "" : desk.at };
  const found = await desk.get("/api/desk/before-after", query);
  const words = new URLSearchParams(query);
  out.append(
    h("p", { class: "view-tools" }, h("a", { href: `/api/desk/before-after.html?${words}`, target: "_blank", rel: "noopener" }, "Page to print"), h("a", { href: `/api/desk/before-after.pdf?${words}`, download: "" }, "PDF")),
    ...found.map(report),
    h("p", { class: "caption" }, "Bootstrap over the pairs in blocks of an hour, 2000 draws, seeded: the same data give the same numbers. At equal volume: the difference where volume did not change, by a line fitted over the change of volume."),
  );
}

// The week `n` weeks ago, whole days.
function usual(desk, n) {
  const today = midnight(desk.now_ms);
  return `${dateTime(midnight(today - n * WEEK + WEEK / 14))}..${dateTime(midnight(today - (n - 1) * WEEK + WEEK / 14))}`;
}

function createForm(chosen, compare) {
  const sides = ["before", "after"].map((side) => createPeriod(side, chosen[side]));
  const all = h("input", { type: "checkbox", checked: Boolean(chosen.all) });
  const fault = h("p", { class: "told", role: "alert" });
  const run = (event) => {
    event.preventDefault();
    const wrong = sides.find((side) => !side.valid());
    text(fault, wrong ? "A period must begin before it ends." : "");
    if (!wrong) compare({ before: sides[0].value(), after: sides[1].value(), all: all.checked ? "1" : "" });
  };
  return {
    node: h("form", { class: "form", onsubmit: run }, sides.map((side) => side.node), h("label", {}, all, " Every intersection"), h("button", { type: "submit", class: "plain main-action" }, "Compare"), fault),
  };
}

function createPeriod(side, value) {
  const [from, to] = value.split("..");
  const inputs = [["From", from], ["To", to]].map(([name, at]) => [name, h("input", { type: "datetime-local", value: at })]);
  const title = side === "before" ? "Before" : "After";
  return {
    node: h("fieldset", {}, h("legend", {}, title), inputs.map(([name, input]) => h("label", { class: "field" }, h("span", {}, name), input))),
    value: () => inputs.map(([, input]) => input.value).join(".."),
    valid: () => fromLocal(inputs[0][1].value) < fromLocal(inputs[1][1].value),
  };
}

const number = (value, digits, sign = false) => (value === null ? NONE : `${sign && value > 0 ? "+" : ""}${fixed(value, digits)}`);
const interval = (low, high, digits) => (low === null ? NONE : `${number(low, digits, true)} to ${number(high, digits, true)}`);

function report(one) {
  const rows = one.rows.map((row) => {
    const clear = row.low !== null && !(row.low <= 0 && 0 <= row.high);
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, row.heading, h("span", { class: "verdict-line" }, row.verdict)),
      figure(number(row.before, row.digits)),
      figure(number(row.after, row.digits)),
      figure(number(row.difference, row.digits, true), { class: clear ? "figure clear-effect" : "figure" }),
      figure(interval(row.low, row.high, row.digits)),
      h("td", {}, forest(row)),
      figure(row.equal_low === null ? NONE : `${number(row.equal_difference, row.digits, true)} (${interval(row.equal_low, row.equal_high, row.digits)})`),
      figure(String(row.bins)),
    );
  });
  const doubtful = (remark) => remark.startsWith("Days do not match") || remark.startsWith("Traffic ") || remark.includes("nothing can be compared");
  return section(
    one.name === one.intersection ? one.name : `${one.intersection} ${one.name}`,
    h("p", {}, period("Before", one.before), h("br"), period("After", one.after)),
    h("ul", {}, one.remarks.map((remark) => h("li", { class: doubtful(remark) ? "warn" : "caption" }, remark))),
    one.rows.length ? table(["Measure", ["Before"], ["After"], ["Difference"], ["95 % interval"], "Around zero", ["At equal volume"], ["Pairs"]], rows, { "aria-label": `Before and after at ${one.intersection}` }) : null,
  );
}

function period(word, { from_ms: from, to_ms: to, days, bins }) {
  const list = days.slice(0, 14).map(([date, weekday]) => `${weekday} ${date.slice(8)}`).join(", ");
  return `${word}: ${dateTime(from).replace("T", " ")} to ${dateTime(to).replace("T", " ")}, ${bins ? `${bins} quarters with data on ${list}${days.length > 14 ? " and more" : ""}` : "no data"}`;
}

// The interval around zero: a whisker, its middle, and a line where nothing changed.
function forest({ low, high, difference, heading }) {
  if (low === null) return null;
  const reach = 1.15 * Math.max(Math.abs(low), Math.abs(high), 1e-9);
  const x = (value) => 60 + (55 * value) / reach;
  return svg(
    "svg",
    { class: "forest", width: 120, height: 16, role: "img", "aria-label": `${heading}: ${difference < 0 ? MINUS : ""}${Math.abs(difference)}` },
    svg("line", { x1: 60, x2: 60, y1: 0, y2: 16 }),
    svg("line", { class: "whisker", x1: x(low), x2: x(high), y1: 8, y2: 8 }),
    svg("circle", { class: "point", cx: x(difference), cy: 8, r: 3 }),
  );
}
