// Which view, intersection, range and choices does the address name? Everything on the desk can be linked to.
import { midnight } from "./time.js";

const MINUTE = 60_000;
export const PRESETS = [
  ["15m", "Last 15 minutes", 15 * MINUTE],
  ["1h", "Last hour", 60 * MINUTE],
  ["3h", "Last 3 hours", 180 * MINUTE],
  ["6h", "Last 6 hours", 360 * MINUTE],
  ["24h", "Last 24 hours", 1440 * MINUTE],
  ["today", "Today", null],
  ["yesterday", "Yesterday", null],
];
const DEFAULT = "3h";
const OWN = ["view", "at", "last", "from", "to"];

export function read(search, known) {
  const words = new URLSearchParams(search);
  const choice = (name, among) => (among.includes(words.get(name)) ? words.get(name) : among[0]);
  const span = { from: Date.parse(words.get("from") ?? ""), to: Date.parse(words.get("to") ?? "") };
  const chosen = span.from < span.to;
  return {
    view: choice("view", known.views.map((one) => one.id)),
    at: choice("at", known.intersections.map((one) => one.id)) ?? null,
    last: chosen ? null : choice("last", [DEFAULT, ...PRESETS.map(([id]) => id)]),
    from: chosen ? span.from : null,
    to: chosen ? span.to : null,
    rest: Object.fromEntries([...words].filter(([name]) => !OWN.includes(name))),
  };
}

export function write({ view, at, last, from, to, rest }) {
  const range = last === null ? { from: iso(from), to: iso(to) } : { last };
  const words = { view, ...(at && { at }), ...range, ...rest };
  return `/desk?${new URLSearchParams(words)}`;
}

// The range in milliseconds since the epoch; `now` is the city's.
export function range({ last, from, to }, now) {
  if (last === null) return { from_ms: from, to_ms: to };
  if (last === "today") return { from_ms: midnight(now), to_ms: now };
  if (last === "yesterday") return { from_ms: midnight(now, -1), to_ms: midnight(now) };
  return { from_ms: now - PRESETS.find(([id]) => id === last)[2], to_ms: now };
}

const iso = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
