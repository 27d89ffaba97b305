// Time-space diagram | progression | 50 | When were the signals of the street green, and who could drive through?
import { createFrame, empty } from "../frame.js";
import { ask, rowsOf, source, span, tableOf } from "../measures.js";
import { hms } from "../time.js";

const MOST_MS = 2 * 3.6e6;
const FIRST_MS = 10 * 60_000;

export async function show(place, desk) {
  if (desk.range.to_ms - desk.range.from_ms > MOST_MS) desk = { ...desk, range: { from_ms: desk.range.to_ms - MOST_MS, to_ms: desk.range.to_ms } };
  const told = await ask(desk, "time_space");
  if (told.street.length < 2) return empty(place, `${desk.at} is on no street of two signals: no lane in the city file leads from it to another (\`to\`).`);
  if (told.rows === 0) return empty(place, "The signals of this street logged no green in this time.");
  const greens = ["onward", "back"].map((one) => rowsOf(told, (all, i) => all.what[i] === "green" && all.way[i] === one));
  const bands = ["onward", "back"].map((one) => polygons(rowsOf(told, (all, i) => all.what[i] === "band" && all.way[i] === one)));
  const length = told.street.at(-1).at_m;
  const thick = length / 60;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: [["bar", "--c-green", "green onward (above)"], ["bar", "--c-teal", "green back (below)"], ["bar", "--c-blue", "through on green, onward"], ["bar", "--c-violet", "through on green, back"]],
    source: `${source(told)} At most the last two hours of the chosen time; bands at the speed of the lanes (${Math.round(3.6 * (told.street[1]?.speed_mps ?? 0))} km/h).`,
    file: `time-space-${desk.at}`,
    table: tableOf(told),
  });
  const wanted = frame.choice("way", "Direction", [["both", "Both"], ["onward", `${told.street[0].id} to ${told.street.at(-1).id}`], ["back", `${told.street.at(-1).id} to ${told.street[0].id}`]]);
  frame.chart({
    title: `${told.street.length} signals, ${Math.round(length)} m; ${bands[0].length} bands onward, ${bands[1].length} back`,
    height: 120 + 46 * told.street.length,
    x,
    start: x[1] - x[0] > 1.5 * FIRST_MS ? [x[1] - FIRST_MS, x[1]] : null,
    y: { range: [-4 * thick, length + 4 * thick], ticks: told.street.map((stop) => stop.at_m), names: Object.fromEntries(told.street.map((stop) => [stop.at_m, stop.id])), size: 60 },
    hover(ms, v) {
      const stop = told.street.reduce((best, one) => (Math.abs(one.at_m - v) < Math.abs(best.at_m - v) ? one : best));
      const shown = greens.map((own, i) => (own.device.some((id, k) => id === stop.id && own.begin_ms[k] <= ms && ms < own.end_ms[k]) ? ["onward", "back"][i] : null)).filter(Boolean);
      return `${hms(ms)}, ${Math.round(v)} m: ${stop.id} at ${Math.round(stop.at_m)} m green ${shown.join(" and ") || "neither way"}`;
    },
    paint(pen) {
      bands.forEach((own, i) => (wanted === "both" || wanted === ["onward", "back"][i]) && own.forEach((points) => pen.polygon(points, ["--c-blue", "--c-violet"][i], 0.28)));
      greens.forEach((own, i) => {
        const [low, high] = i === 0 ? [0, thick] : [-thick, 0];
        own.begin_ms.forEach((ms, k) => pen.box(ms, own.end_ms[k], own.at_m[k] + low, own.at_m[k] + high, ["--c-green", "--c-teal"][i]));
      });
    },
  });
  return undefined;
}

// Each band as the outline of when it passes where.
function polygons(rows) {
  const found = new Map();
  rows.number.forEach((number, i) => {
    if (!found.has(number)) found.set(number, []);
    found.get(number).push([rows.begin_ms[i], rows.end_ms[i], rows.at_m[i]]);
  });
  return [...found.values()].map((own) => [...own.map(([begin, , at]) => [begin, at]), ...[...own].reverse().map(([, end, at]) => [end, at])]);
}
