// How is a mark explained? A small drawing with the mark's own class, and words beside it.
import { h, svg } from "./dom.js";

export const key = (words, width, ...shapes) =>
  h(
    "span",
    { class: "key" },
    svg("svg", { width, height: 12, "aria-hidden": "true" }, shapes.map(([name, attributes]) => svg(name, attributes))),
    words,
  );
