// Where does a lane run, and where does its queue stand? Plain geometry in metres, nothing of the page.
export const VEHICLE_M = 7.0;
const JOIN_M = 4;
const REACH_M = 400;

export function lengthOf(shape) {
  let total = 0;
  for (let i = 1; i < shape.length; i += 1) total += distance(shape[i - 1], shape[i]);
  return total;
}

export const distance = ([ax, ay], [bx, by]) => Math.hypot(bx - ax, by - ay);

// The line a queue grows along: from the stop line of `lane` backwards, through the lanes that feed it.
export function queueLine(lane, lanes) {
  const line = [...lane.shape].reverse();
  const seen = new Set([lane.id]);
  while (lengthOf(line) < REACH_M) {
    const start = line[line.length - 1];
    const feeder = nearest(lanes, start, seen);
    if (!feeder) break;
    seen.add(feeder.id);
    line.push(...[...feeder.shape].reverse());
  }
  return line;
}

function nearest(lanes, point, seen) {
  let best = null;
  let least = JOIN_M;
  for (const lane of lanes) {
    if (seen.has(lane.id) || lane.approach) continue;
    const gap = distance(lane.shape[lane.shape.length - 1], point);
    if (gap < least) [best, least] = [lane, gap];
  }
  return best;
}

// A short stroke across `line`, `along` metres from its start and `width` metres wide, as [a, b].
export function across(line, along, width) {
  let left = Math.max(0, along);
  for (let i = 1; i < line.length; i += 1) {
    const step = distance(line[i - 1], line[i]);
    if (left <= step || i === line.length - 1) return stroke(line[i - 1], line[i], step, left, width);
    left -= step;
  }
  return [line[0], line[0]];
}

function stroke([ax, ay], [bx, by], step, along, width) {
  if (step === 0) return [[ax, ay], [ax, ay]];
  const [ux, uy] = [(bx - ax) / step, (by - ay) / step];
  const [x, y] = [ax + ux * Math.min(along, step), ay + uy * Math.min(along, step)];
  const [nx, ny] = [(-uy * width) / 2, (ux * width) / 2];
  return [[x - nx, y - ny], [x + nx, y + ny]];
}

export const path = (shape) => shape.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

// Where an intersection is: the middle of its junction, or of its stop lines when no junction bears its name.
export function centre(intersection, geometry) {
  const junction = geometry.junctions.find((one) => one.id === intersection.id);
  const own = new Set(intersection.lanes.map((lane) => lane.id));
  const stops = geometry.lanes.filter((lane) => own.has(lane.id)).map((lane) => lane.shape[lane.shape.length - 1]);
  const points = stops.length ? stops : junction?.shape ?? [];
  if (points.length === 0) return null;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
