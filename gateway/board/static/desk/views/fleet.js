// Fleet | city | 10 | How did every intersection do? One line each; a click on a heading sorts, on a name opens the intersection.
import { attr, h, text } from "../../js/dom.js";
import { createFrame, empty } from "../frame.js";
import { dateTime, hm } from "../time.js";

export const uses = { intersection: false, range: true };

const percent = (share, digits = 0) => (share === null ? "–" : `${(100 * share).toFixed(digits)} %`);
const many = (n) => n.toLocaleString("en");
// [field, heading, words of a line, what makes it bad]
const COLUMNS = [
  ["vehicles", "Vehicles", (one) => many(one.vehicles)],
  ["on_green", "Arrivals on green", (one) => percent(one.on_green)],
  ["split_failures", "Split failures", (one) => `${many(one.split_failures)} of ${many(one.cycles)}`, (one) => one.split_failure_share > 0.1],
  ["gap_out", "Gap-outs", (one) => percent(one.gap_out)],
  ["max_out", "Max-outs", (one) => percent(one.max_out), (one) => one.max_out > 0.5],
  ["force_off", "Force-offs", (one) => percent(one.force_off)],
  ["ped_delay_s", "Pedestrian delay", (one) => (one.ped_delay_s === null ? "–" : `${one.ped_delay_s.toFixed(1)} s`), (one) => one.ped_delay_s > 60],
  ["faulty", "Faulty detectors", (one) => `${one.faulty} of ${one.detectors}`, (one) => one.faulty > 0],
  ["complete", "Data complete", (one) => percent(one.complete), (one) => one.complete < 0.98],
];

export async function show(place, desk) {
  const told = await desk.get("/api/desk/fleet", { from_ms: Math.round(desk.range.from_ms), to_ms: Math.round(desk.range.to_ms) });
  if (told.lines.length === 0) return empty(place, "The city file has no intersections.");
  const measured = told.lines.filter((one) => one.bins > 0);
  const frame = createFrame(place, desk, { source: words(told, measured), file: "fleet", table: () => ({ names: Object.keys(told.lines[0]), rows: told.lines.map(Object.values) }), drawn: false });
  frame.node.remove();
  if (told.measuring) again(desk);
  if (measured.length === 0) return empty(place, told.measuring ? "These quarters of an hour are being measured now." : "Nothing was measured in this time: a quarter of an hour is, eleven minutes after it is over.");
  place.append(table(told.lines, desk));
  return undefined;
}

function words({ lines, over_ms: over }, measured) {
  const until = Math.max(...measured.map((one) => one.until_ms), 0);
  const missing = lines.length - measured.length;
  const upto = until ? ` Measured up to ${dateTime(until).replace("T", " ")}${until < over ? `, though ${hm(over)} is over` : ""}.` : "";
  return `Sums of quarters of an hour, each measured once it is over.${upto}${missing ? ` ${missing} of ${lines.length} intersections have none in this time.` : ""}`;
}

// What is being measured is looked at again.
function again(desk) {
  const timer = setTimeout(() => desk.go({}), 5000);
  desk.leaving(() => clearTimeout(timer));
}

function table(lines, desk) {
  const rows = new Map(lines.map((one) => [one, line(one, desk)]));
  const body = h("tbody");
  let [by, down] = [desk.param("sort", "id"), desk.param("order", "up") === "down"];
  const heads = new Map([["id", "Intersection"], ...COLUMNS.map(([field, title]) => [field, title])].map(([field, title]) => [field, head(field, title)]));
  function head(field, title) {
    const click = () => {
      [by, down] = [field, by === field ? !down : field !== "id"];
      desk.note({ sort: by, order: down ? "down" : "up" });
      arrange();
    };
    return h("th", { scope: "col", class: field === "id" ? null : "figure" }, h("button", { type: "button", onclick: click }, title));
  }
  function arrange() {
    const value = (one) => one[by === "split_failures" ? "split_failure_share" : by] ?? -1;
    const order = [...lines].sort((a, b) => (down ? -1 : 1) * (typeof value(a) === "string" ? value(a).localeCompare(value(b), "en", { numeric: true }) : value(a) - value(b)));
    body.replaceChildren(...order.map((one) => rows.get(one)));
    heads.forEach((node, field) => attr(node, "aria-sort", field === by ? (down ? "descending" : "ascending") : null));
  }
  arrange();
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Intersections" }, h("table", { class: "desk-table fleet" }, h("thead", {}, h("tr", {}, [...heads.values()])), body));
}

function line(one, desk) {
  const name = h("a", { href: desk.link("coordination-diagram", { at: one.id }) });
  text(name, one.name && one.name !== one.id ? `${one.id} ${one.name}` : one.id);
  return h("tr", { "data-id": one.id }, h("th", { scope: "row" }, name), COLUMNS.map(([field, , told, bad]) => h("td", { class: "figure", "data-field": field, "data-bad": one.bins > 0 && bad?.(one) }, one.bins ? told(one) : "–")));
}
