// How does a person choose intersection, range and view at the top of the desk?
import { createAccount } from "../js/account.js";
import { attr, h, show, text } from "../js/dom.js";
import { onTheme, theme, toggleTheme } from "../js/theme.js";
import { PRESETS } from "./address.js";
import { dateTime, fromLocal, zone } from "./time.js";

export function createBar(known, change) {
  const views = select("View", grouped(known), (id) => change({ view: id }));
  views.node.classList.add("view-choice");
  const places = select("Intersection", known.intersections.map((one) => h("option", { value: one.id }, label(one))), (id) => change({ at: id }));
  const step = (by) => {
    const ids = known.intersections.map((one) => one.id);
    change({ at: ids[(ids.indexOf(places.input.value) + by + ids.length) % ids.length] });
  };
  const placing = h("div", { class: "stepper" }, places.node, button("‹", "Previous intersection", () => step(-1)), button("›", "Next intersection", () => step(1)));
  const ranging = createRange(change);
  document.getElementById("top").append(
    h("div", { class: "desk-place" }, h("h1", {}, known.name), h("a", { href: "/" }, "Live board")),
    h("div", { class: "corner" }, createAccount(), themeButton()),
    views.node,
    placing,
    ranging.node,
  );
  return {
    update(state, range, uses) {
      views.input.value = state.view;
      if (state.at) places.input.value = state.at;
      show(placing, uses.intersection && known.intersections.length > 0);
      show(ranging.node, uses.range);
      ranging.update(state, range);
    },
  };
}

const label = ({ id, name }) => (name && name !== id ? `${id} ${name}` : id);

function grouped({ views, groups }) {
  return Object.entries(groups)
    .map(([group, title]) => [title, views.filter((one) => one.group === group)])
    .filter(([, own]) => own.length > 0)
    .map(([title, own]) => h("optgroup", { label: title }, own.map((one) => h("option", { value: one.id }, one.title))));
}

function createRange(change) {
  let shown = { from_ms: 0, to_ms: 0 };
  const preset = select("Range", [...PRESETS.map(([id, name]) => h("option", { value: id }, name)), h("option", { value: "" }, "From and to")], (id) => change(id ? { last: id, from: null, to: null } : { last: null, from: shown.from_ms, to: shown.to_ms }));
  const shift = (by) => {
    const length = shown.to_ms - shown.from_ms;
    change({ last: null, from: shown.from_ms + by * length, to: shown.to_ms + by * length });
  };
  const typed = () => {
    const [from, to] = [fromLocal(begin.input.value), fromLocal(end.input.value)];
    const wrong = !(from < to);
    end.input.setCustomValidity(wrong ? "The end must be after the begin." : "");
    if (wrong) end.input.reportValidity();
    else change({ last: null, from, to });
  };
  const [begin, end] = [moment("From", typed), moment("To", typed)];
  return {
    node: h("div", { class: "range" }, h("div", { class: "stepper" }, preset.node, button("‹", "Earlier", () => shift(-1)), button("›", "Later", () => shift(1))), begin.node, end.node),
    update({ last }, range) {
      shown = range;
      preset.input.value = last ?? "";
      end.input.setCustomValidity("");
      if (document.activeElement !== begin.input) begin.input.value = dateTime(range.from_ms);
      if (document.activeElement !== end.input) end.input.value = dateTime(range.to_ms);
      text(begin.label, `From (${zone()})`);
    },
  };
}

function moment(name, changed) {
  const title = h("span", {}, name);
  const input = h("input", { type: "datetime-local", onchange: changed });
  return { node: h("label", { class: "field" }, title, input), input, label: title };
}

function select(name, options, chosen) {
  const input = h("select", {}, options);
  input.addEventListener("change", () => chosen(input.value));
  return { node: h("label", { class: "field" }, h("span", {}, name), input), input };
}

const button = (sign, name, click) => h("button", { type: "button", class: "plain", "aria-label": name, title: name, onclick: click }, sign);

function themeButton() {
  const node = h("button", { type: "button", class: "plain theme", onclick: toggleTheme });
  const name = () => {
    text(node, theme() === "dark" ? "Light" : "Dark");
    attr(node, "aria-label", `Use the ${theme() === "dark" ? "light" : "dark"} theme`);
  };
  onTheme(name);
  name();
  return node;
}
