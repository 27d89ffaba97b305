// What does a lamp of the overview look like? Round for through traffic, pointed for a turn with its own phase.
import { svg } from "./dom.js";

export const LAMP_PX = 9;

const SHAPES = {
  through: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
  left: "M-5 0L4-4.8L4 4.8Z",
  right: "M5 0L-4-4.8L-4 4.8Z",
};

// Red has a dark core: it differs from green for an eye that does not tell the two colours apart.
const CORES = { through: 0, left: 1.2, right: -1.2 };

export const lamp = (turn, attributes) =>
  svg(
    "g",
    { class: "lamp", ...attributes },
    svg("path", { d: SHAPES[turn] ?? SHAPES.through }),
    svg("circle", { class: "core", cx: CORES[turn] ?? 0, r: turn === "through" ? 1.6 : 1.3 }),
  );
