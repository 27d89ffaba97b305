// Detectors | detectors | 10 | Which detectors can be believed, and since when are the others broken?
import { h } from "../../js/dom.js";
import { age, int } from "../../js/format.js";
import { color } from "../../js/theme.js";
import { dateTime, hm } from "../time.js";
import { canvas, figure, table, words } from "../parts.js";

const HEIGHT = 46;
const LONGEST_MS = 48 * 3_600_000;
const BROKEN_FIRST = (one) => (one.state === "ok" ? 2 : one.state === "unknown" ? 1 : 0);

export async function show(place, desk) {
  const to = Math.ceil(desk.range.to_ms);
  const from = Math.max(Math.floor(desk.range.from_ms), to - LONGEST_MS);
  const found = await desk.get("/api/desk/detectors", { at: desk.at, from_ms: from, to_ms: to });
  const broken = found.detectors.filter((one) => one.broken_since_ms !== null);
  const list = [...found.detectors].sort((a, b) => BROKEN_FIRST(a) - BROKEN_FIRST(b) || a.channel - b.channel);
  const most = Math.max(1, ...found.detectors.flatMap((one) => one.hits.map(([, n]) => n)));
  place.append(
    h("p", { class: broken.length ? "bad" : "good" }, broken.length ? `${broken.length} of ${list.length} detectors are not believed.` : `None of ${list.length} detectors is known to be broken.`),
    h("p", { class: "legend-line" }, h("span", {}, "Upper band: share of time occupied"), h("span", {}, `Bars: hits in a quarter of an hour, up to ${int(most)}`), h("span", {}, "Line below: believed, or red where not, grey where nobody judged")),
    table(["Detector", "State", "Broken since", ["Hits"], h("span", {}, `${hm(from)} to ${hm(to)}`)], list.map((one) => row(one, { desk, found, from, to, most })), { class: "states", "aria-label": "Detectors" }),
  );
  if (from > desk.range.from_ms) place.append(h("p", { class: "caption" }, "The last 48 hours of the range are shown."));
}

function row(one, { desk, found, from, to, most }) {
  const hits = one.hits.reduce((sum, [, n]) => sum + n, 0);
  const faults = one.spells.filter(([state]) => state !== "ok" && state !== "unknown");
  const label = `Detector ${one.channel}: ${hits} hits; ${faults.length ? faults.map(([state, since]) => `${words(state)} from ${hm(since)}`).join(", ") : "no fault"}`;
  const day = canvas(desk, HEIGHT, { "aria-label": label }, (context, width) => paint(context, width, one, { cells: found.cells, bin: found.bin_ms, from, to, most, now: found.now_ms }));
  const broken = one.broken_since_ms !== null;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("b", {}, String(one.channel)), ` ${one.role}, ${one.distance_m} m`, h("span", { class: "verdict-line" }, one.lane)),
    h("td", { class: "state", "data-state": one.state, "data-broken": broken }, words(one.state), one.state === "ok" ? null : h("span", { class: "verdict-line" }, one.reason)),
    h("td", {}, broken ? dateTime(one.broken_since_ms).replace("T", " ") : "–", broken ? h("span", { class: "verdict-line" }, `for ${age((found.now_ms - one.broken_since_ms) / 1000)}`) : null),
    figure(int(hits)),
    h("td", { class: "day-cell" }, day.node),
  );
}

function paint(context, width, one, { cells, bin, from, to, most, now }) {
  const x = (ms) => ((Math.min(to, Math.max(from, ms)) - from) / (to - from)) * width;
  const ink = { accent: color("--accent"), rule: color("--rule"), dim: color("--rule-2"), red: color("--red"), green: color("--green") };
  one.occupied.forEach((share, i) => {
    if (share < 0) return;
    context.globalAlpha = 0.08 + (0.92 * share) / 100;
    context.fillStyle = ink.accent;
    context.fillRect((i * width) / cells, 0, width / cells + 0.5, 12);
  });
  context.globalAlpha = 1;
  context.fillStyle = ink.dim;
  for (const [start, n] of one.hits) {
    const height = (24 * n) / most;
    context.fillRect(x(start), 38 - height, Math.max(1, x(start + bin) - x(start) - 1), height);
  }
  context.fillStyle = ink.rule;
  context.fillRect(0, 38, width, 1);
  for (const [state, since, until] of one.spells) {
    context.fillStyle = state === "ok" ? ink.green : state === "unknown" ? ink.rule : ink.red;
    const end = until ?? now;
    context.fillRect(x(since), 41, Math.max(1, x(end) - x(since)), 4);
  }
}
