// Where does the name of an intersection stand so that it hides as little street as possible?
import { distance } from "./lanes.js";

const EVERY_M = 6;
const HEIGHT_PX = 24;
const AFAR_PX = 5;

// `radius(id, scale)`: px around a crossing that its lamps take when the street is seen from afar. Where crossings
// stand tight, every name takes the same corner, so that it is plain which crossing it belongs to.
export function createPlacer(geometry, places, radius) {
  const points = geometry.lanes.flatMap((lane) => dense(lane.shape));
  const chosen = new Map();
  let choice = null;

  function choose(scale, afar, tight) {
    for (const { id, at, label } of places) {
      const box = { width: label.offsetWidth, clear: tight ? 0.8 * radius(id, scale) : afar ? radius(id, scale) + 3 : 15 * scale + 4 };
      const corners = [[1, -1], [1, 1], [-1, -1], [-1, 1]].map((corner) => offset(corner, box));
      const hidden = corners.map((corner) => points.filter((point) => inside(point, at, corner, box.width, scale, afar ? AFAR_PX : 3)).length);
      chosen.set(id, corners[tight ? 0 : hidden.indexOf(Math.min(...hidden))]);
    }
  }
  return (view, { afar, tight }) => {
    const { scale } = view.view;
    if (`${scale} ${afar}` !== choice) choose(scale, afar, tight);
    choice = `${scale} ${afar}`;
    for (const { id, at, label } of places) {
      const [x, y] = view.project(at);
      const [dx, dy] = chosen.get(id);
      label.style.transform = `translate(${(x + dx).toFixed(1)}px, ${(y + dy).toFixed(1)}px)`;
    }
  };
}

// The top left of a label in a corner of the crossing, in px from its middle.
const offset = ([right, down], { width, clear }) => [right > 0 ? clear : -clear - width, down > 0 ? clear - 2 : -clear - HEIGHT_PX + 2];

function inside([px, py], [x, y], [dx, dy], width, scale, room) {
  const [sx, sy] = [(px - x) * scale - dx, (y - py) * scale - dy];
  return sx > -room && sx < width + room && sy > -room && sy < HEIGHT_PX + room;
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
