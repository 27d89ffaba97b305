// How does a view get a measure, and what does it say when there is nothing to draw?
import { dateTime } from "./time.js";
import { empty } from "./frame.js";

// The answer of /api/desk/measure with its columns decoded: `get(name)` is one, `phases` those that occur.
export async function ask(desk, name, { each = false, bin = 15, extra = {} } = {}) {
  const { from_ms, to_ms } = desk.range;
  const query = { name, at: desk.at, from_ms: Math.round(from_ms), to_ms: Math.round(to_ms), bin_min: bin, ...(each && { each }), ...extra };
  const told = await desk.get("/api/desk/measure", query);
  const get = (column) => {
    const values = told.columns[column] ?? [];
    return told.words[column] ? values.map((i) => told.words[column][i]) : values;
  };
  return { ...told, get, phases: [...new Set(told.columns.phase ?? [])].sort((a, b) => a - b), bin_ms: told.bin_s * 1000 };
}

// The rows of `told` that `pick(i)` names, as an object of columns.
export function rowsOf(told, pick) {
  const names = Object.keys(told.columns);
  const all = Object.fromEntries(names.map((name) => [name, told.get(name)]));
  const own = Object.fromEntries(names.map((name) => [name, []]));
  for (let i = 0; i < told.rows; i += 1) if (pick(all, i)) names.forEach((name) => own[name].push(all[name][i]));
  return own;
}

export const ofPhase = (told, phase) => rowsOf(told, (all, i) => all.phase[i] === phase);

// The part of the chosen range in which there are events.
export function span(desk, ...answers) {
  const logs = answers.flatMap((told) => Object.values(told.log));
  const [first, last] = [logs.map((log) => log.first_ms).filter(Number), logs.map((log) => log.last_ms).filter(Number)];
  const quarter = 900_000;
  const from = Math.max(desk.range.from_ms, Math.floor(Math.min(...first) / quarter) * quarter);
  const to = Math.min(desk.range.to_ms, Math.max(...last) + 1000);
  return to > from ? [from, to] : [desk.range.from_ms, desk.range.to_ms];
}

// Says why there is nothing to draw; true when there is something.
export function something(place, desk, told, what) {
  const events = Object.values(told.log).reduce((sum, log) => sum + log.events, 0);
  const range = `between ${dateTime(desk.range.from_ms).replace("T", " ")} and ${dateTime(desk.range.to_ms).replace("T", " ")}`;
  if (told.rows > 0) return true;
  if (events === 0) empty(place, `${desk.at} logged nothing ${range}. Choose another time.`);
  else empty(place, `No ${what} in the ${events.toLocaleString("en")} events that ${desk.at} logged ${range}.`);
  return false;
}

export function source(told, detectors = "") {
  const events = Object.values(told.log).reduce((sum, log) => sum + log.events, 0);
  const channels = [...new Set(Object.values(told.channels).flat())].sort((a, b) => a - b);
  const seen = detectors ? `; ${detectors} detectors ${channels.join(", ") || "(none in the city file)"}` : "";
  return `From ${events.toLocaleString("en")} high-resolution events${seen}.`;
}

// All rows as a table for people and CSV; times become {ms}.
export const tableOf = (told) => () => {
  const names = Object.keys(told.columns);
  const columns = names.map((name) => (name.endsWith("_ms") ? told.get(name).map((ms) => ({ ms })) : told.get(name)));
  return { names: names.map((name) => name.replace(/_ms$/, "")), rows: Array.from({ length: told.rows }, (_, i) => columns.map((column) => column[i])) };
};

export const phaseName = (desk, number) => {
  const phase = desk.intersection?.phases.find((one) => one.number === number);
  return phase?.label ? `Phase ${number}, ${phase.label}` : `Phase ${number}`;
};

export const mean = (values) => (values.length ? values.reduce((sum, v) => sum + v, 0) / values.length : null);
export const sum = (values) => values.reduce((total, v) => total + v, 0);
export const quantile = (values, q) => {
  if (values.length === 0) return 0;
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(q * ordered.length))];
};
// A round number at or above `value` for the top of an axis.
export function top(value) {
  const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return power * (steps.find((step) => step * power >= value * 1.0001) ?? 10);
}
