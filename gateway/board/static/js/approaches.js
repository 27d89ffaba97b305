// Which approaches has an intersection, and which groups of movements does each of their signals serve? Metres only.
import { lengthOf, queueLine } from "./lanes.js";

// One approach per link: its groups from left to right as a driver sees them, and the line its queue grows along.
export function approachesOf(intersection, geometry, at) {
  const links = new Map();
  for (const lane of intersection.lanes) {
    const drawn = geometry.lanes.find((one) => one.id === lane.id);
    if (drawn) links.set(lane.link, [...(links.get(lane.link) ?? []), { ...lane, drawn }]);
  }
  return [...links].map(([link, lanes]) => approach(link, lanes, geometry, at));
}

function approach(link, lanes, geometry, at) {
  const heading = headingOf(lanes[0].drawn.shape);
  const right = [heading[1], -heading[0]];
  const placed = lanes.map((lane) => {
    const stop = lane.drawn.shape[lane.drawn.shape.length - 1];
    return { ...lane, aside: dot(stop, at, right), back: -dot(stop, at, heading) };
  });
  placed.sort((a, b) => a.aside - b.aside);
  const spine = longest(placed);
  return {
    link,
    lanes: placed.map((lane) => lane.id),
    groups: groupsOf(placed),
    heading,
    back: Math.max(...placed.map((lane) => lane.back)),
    spine: queueLine(spine.drawn, geometry.lanes),
    spineBack: spine.back,
    fromMiddle: spine.aside - placed[0].aside + spine.drawn.width / 2,
  };
}

// The longest lane; among those about as long, the one nearest the middle of the road.
function longest(lanes) {
  const most = Math.max(...lanes.map((lane) => lengthOf(lane.drawn.shape)));
  return lanes.find((lane) => lengthOf(lane.drawn.shape) > most - 20);
}

// Lanes that are released by the same phases make one group.
function groupsOf(lanes) {
  const groups = new Map();
  for (const lane of lanes) {
    const key = lane.phases.join("+");
    const group = groups.get(key) ?? { phases: lane.phases, turns: new Set(), asides: [] };
    lane.turns.forEach((turn) => group.turns.add(turn));
    group.asides.push(lane.aside);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ phases, turns, asides }) => ({
    phases,
    turn: turns.size === 1 ? [...turns][0] : "through",
    aside: asides.reduce((sum, one) => sum + one, 0) / asides.length,
  }));
}

const dot = ([x, y], [ox, oy], [ux, uy]) => (x - ox) * ux + (y - oy) * uy;

function headingOf(shape) {
  const [[ax, ay], [bx, by]] = shape.slice(-2);
  const length = Math.hypot(bx - ax, by - ay) || 1;
  return [(bx - ax) / length, (by - ay) / length];
}
