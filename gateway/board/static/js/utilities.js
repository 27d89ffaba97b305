// What do the water, power and gas meters report?
import { body, h, onChange, text } from "./dom.js";
import { fixed, int, unit, words } from "./format.js";

export function createUtilities() {
  const rows = new Map();
  const table = h("tbody");
  const titles = ["Network", "Reporting", "Now", "Counters, sum"];
  const empty = h("p", { class: "quiet" }, "No meters are configured.");
  const full = h("table", { class: "wide" }, h("thead", {}, h("tr", {}, titles.map((name) => h("th", { scope: "col" }, name)))), table);
  const arrange = onChange((names) => {
    rows.clear();
    names.forEach((name) => rows.set(name, createRow(name)));
    table.replaceChildren(...[...rows.values()].map((row) => row.node));
    body("utilities").replaceChildren(names.length ? full : empty);
  });
  return {
    update({ utilities }) {
      const present = Object.entries(utilities).filter(([, one]) => one.devices > 0);
      arrange(present.map(([name]) => name));
      present.forEach(([name, one]) => rows.get(name).update(one));
    },
  };
}

function createRow(name) {
  const reporting = figure();
  const now = figure();
  const counter = figure();
  return {
    node: h("tr", {}, h("th", { scope: "row" }, words(name)), reporting.node, now.node, counter.node),
    update(one) {
      reporting.set(int(one.reporting), `of ${int(one.devices)}`);
      now.set(fixed(one.total), unit(one.total_unit));
      counter.set(fixed(one.counter), unit(one.counter_unit));
    },
  };
}

function figure() {
  const value = h("b");
  const after = h("span", { class: "unit" });
  return {
    node: h("td", { class: "figure" }, value, after),
    set(number, name) {
      text(value, number);
      text(after, name);
    },
  };
}
