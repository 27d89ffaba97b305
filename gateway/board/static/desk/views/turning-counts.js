// Turning movement counts | traffic | 20 | How many vehicles turned left, went through or turned right from each approach, hour by hour?
import { h } from "../../js/dom.js";
import { createFrame } from "../frame.js";
import { ask, something, source, span, sum, top } from "../measures.js";
import { hm } from "../time.js";

const COLORS = { left: "--c-violet", through: "--c-blue", right: "--c-green", "through and right": "--c-teal", "left and through": "--c-red", "left and right": "--c-grey", "left and through and right": "--c-yellow" };

export async function show(place, desk) {
  const [told, model] = await Promise.all([ask(desk, "actuations"), desk.get("/api/desk/intersection", { at: desk.at })]);
  if (!something(place, desk, told, "vehicle at a detector")) return;
  const moves = movements(told, model);
  if (moves.length === 0) return void place.append(h("p", { class: "quiet empty" }, "None of the detectors that counted is a stop-line detector of a lane in the city file."));
  const x = span(desk, told);
  const peak = peakHour(moves);
  const frame = createFrame(place, desk, {
    legend: [...new Set(moves.map((one) => one.turns))].map((turns) => ["line", COLORS[turns] ?? "--c-grey", turns]),
    source: `${source(told)} Stop-line detectors of each lane, vehicles per hour. A lane that serves two movements is told as such.`,
    file: `tmc-${desk.at}`,
    table: () => table(moves),
  });
  place.insertBefore(peakWords(peak), frame.node.parentNode === place ? frame.node : null);
  frame.node.classList.add("two");
  const links = [...new Set(moves.map((one) => one.link))];
  const highest = top(Math.max(...moves.flatMap((one) => [...one.bins.values()])) * 4);
  links.forEach((link) => {
    const own = moves.filter((one) => one.link === link);
    frame.chart({
      title: `${link}: ${own.map((one) => `${sum([...one.bins.values()]).toLocaleString("en")} ${one.turns}`).join(", ")}`,
      height: 170,
      x,
      y: { range: [0, highest], size: 52 },
      hover(ms) {
        const start = Math.floor(ms / told.bin_ms) * told.bin_ms;
        return `${hm(start)} to ${hm(start + told.bin_ms)}: ${own.map((one) => `${one.bins.get(start) ?? 0} ${one.turns}`).join(", ")}`;
      },
      paint: (pen) => own.forEach((one) => pen.steps([...one.bins.keys()], [...one.bins.values()].map((n) => 4 * n), told.bin_ms, COLORS[one.turns] ?? "--c-grey")),
    });
  });
}

// Vehicles by bin of each approach and movement.
function movements(told, model) {
  const lanes = new Map(model.lanes.map((lane) => [lane.id, lane]));
  const stops = new Map(model.detectors.filter((one) => one.role === "stop").map((one) => [one.channel, lanes.get(one.lane)]));
  const found = new Map();
  const [start, channel, total] = ["start_ms", "channel", "total"].map(told.get);
  start.forEach((ms, i) => {
    const lane = stops.get(channel[i]);
    if (!lane) return;
    const turns = [...lane.turns].sort((a, b) => "ltr".indexOf(a[0]) - "ltr".indexOf(b[0])).join(" and ");
    const key = `${lane.link} ${turns}`;
    if (!found.has(key)) found.set(key, { link: lane.link, turns, bins: new Map() });
    const { bins } = found.get(key);
    bins.set(ms, (bins.get(ms) ?? 0) + total[i]);
  });
  return [...found.values()].sort((a, b) => a.link.localeCompare(b.link) || a.turns.localeCompare(b.turns));
}

// The busiest four quarters in a row and the peak hour factor (HCM).
function peakHour(moves) {
  const bins = new Map();
  moves.forEach((one) => one.bins.forEach((n, ms) => bins.set(ms, (bins.get(ms) ?? 0) + n)));
  const hours = [...bins.keys()].map((ms) => {
    const four = [0, 1, 2, 3].map((i) => bins.get(ms + i * 900_000) ?? 0);
    return { ms, vehicles: sum(four), factor: sum(four) / (4 * Math.max(...four)) };
  });
  return hours.reduce((best, one) => (one.vehicles > best.vehicles ? one : best));
}

const peakWords = ({ ms, vehicles, factor }) => h("p", { class: "facts" }, h("span", {}, "Peak hour ", h("b", {}, `${hm(ms)} to ${hm(ms + 3.6e6)}`)), h("span", {}, h("b", {}, vehicles.toLocaleString("en")), " vehicles"), h("span", {}, "peak hour factor ", h("b", {}, factor.toFixed(2))));

function table(moves) {
  const starts = [...new Set(moves.flatMap((one) => [...one.bins.keys()]))].sort((a, b) => a - b);
  return { names: ["start", ...moves.map((one) => `${one.link} ${one.turns}`)], rows: starts.map((ms) => [{ ms }, ...moves.map((one) => one.bins.get(ms) ?? 0)]) };
}
