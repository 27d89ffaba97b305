// Where does the name of an intersection stand so that it hides as little street as possible?
import { distance } from "./lanes.js";

const EVERY_M = 6;
const HEIGHT_PX = 24;

export function createPlacer(geometry, places) {
  const points = geometry.lanes.flatMap((lane) => dense(lane.shape));
  const chosen = new Map();
  let scaleOfChoice = null;

  function choose(scale) {
    for (const { id, at, label } of places) {
      const box = { width: label.offsetWidth, clear: 15 * scale + 4 };
      const corners = [[1, -1], [1, 1], [-1, -1], [-1, 1]].map((corner) => offset(corner, box));
      const hidden = corners.map((corner) => points.filter((point) => inside(point, at, corner, box.width, scale)).length);
      chosen.set(id, corners[hidden.indexOf(Math.min(...hidden))]);
    }
    scaleOfChoice = scale;
  }
  return (view) => {
    const { scale } = view.view;
    if (scale !== scaleOfChoice) choose(scale);
    for (const { id, at, label } of places) {
      const [x, y] = view.project(at);
      const [dx, dy] = chosen.get(id);
      label.style.transform = `translate(${(x + dx).toFixed(1)}px, ${(y + dy).toFixed(1)}px)`;
    }
  };
}

// The top left of a label in a corner of the crossing, in px from its middle.
const offset = ([right, down], { width, clear }) => [right > 0 ? clear : -clear - width, down > 0 ? clear - 2 : -clear - HEIGHT_PX + 2];

function inside([px, py], [x, y], [dx, dy], width, scale) {
  const [sx, sy] = [(px - x) * scale - dx, (y - py) * scale - dy];
  return sx > -3 && sx < width + 3 && sy > -3 && sy < HEIGHT_PX + 3;
}

function dense(shape) {
  const points = [];
  for (let i = 1; i < shape.length; i += 1) {
    const [[ax, ay], [bx, by]] = [shape[i - 1], shape[i]];
    const steps = Math.max(1, Math.ceil(distance(shape[i - 1], shape[i]) / EVERY_M));
    for (let j = 0; j <= steps; j += 1) points.push([ax + ((bx - ax) * j) / steps, ay + ((by - ay) * j) / steps]);
  }
  return points;
}
