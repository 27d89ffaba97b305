// What do the engineer's views have in common: tables, buttons, asking again and again, a canvas that fits.
import { h } from "../js/dom.js";
import { onTheme } from "../js/theme.js";

export const table = (titles, rows, attributes = {}) =>
  h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": attributes["aria-label"] ?? "Table" }, h("table", attributes, h("thead", {}, h("tr", {}, titles.map(heading))), h("tbody", {}, rows)));

const heading = (title) => (Array.isArray(title) ? h("th", { scope: "col", class: "figure" }, title[0]) : h("th", { scope: "col" }, title));

export const figure = (words, attributes = {}) => h("td", { class: "figure", ...attributes }, words);

export const button = (words, onclick, attributes = {}) => h("button", { type: "button", class: "plain", onclick, ...attributes }, words);

export const section = (title, ...children) => h("section", { class: "part" }, h("h3", {}, title), ...children);

export function select(name, options, chosen, change) {
  const input = h("select", {}, options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
  input.addEventListener("change", () => change(input.value));
  return h("label", { class: "field" }, h("span", {}, name), input);
}

// Asks `work` every `everyMs` until the view is left; not while nobody looks. A fault is told, and asked again.
export function again(desk, everyMs, work, told) {
  let timer = null;
  const turn = async () => {
    try {
      if (!document.hidden) await work();
      told?.("");
    } catch (reason) {
      if (desk.gone.aborted) return;
      told?.(reason.message);
    }
    if (!desk.gone.aborted) timer = setTimeout(turn, everyMs);
  };
  desk.leaving(() => clearTimeout(timer));
  turn();
}

// A canvas as wide as its place; draw(context, width, height) is called whenever size or theme change.
export function canvas(desk, height, attributes, draw) {
  const node = h("canvas", { class: "drawn", role: "img", ...attributes });
  node.style.setProperty("height", `${height}px`);
  const paint = () => {
    const [width, ratio] = [node.clientWidth, devicePixelRatio || 1];
    if (width === 0 || desk.gone.aborted) return;
    node.width = Math.round(width * ratio);
    node.height = Math.round(height * ratio);
    const context = node.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
  };
  const observer = new ResizeObserver(paint);
  observer.observe(node);
  desk.leaving(() => observer.disconnect());
  onTheme(paint);
  return { node, paint };
}

export const phases = (numbers) => (numbers?.length ? numbers.join("+") : "none");

export const words = (name) => {
  const plain = String(name ?? "").replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
