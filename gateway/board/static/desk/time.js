// What time is it in the city, and what does a person mean by a date and a time there?
const HOUR = 3_600_000;
const state = { zone: "UTC", format: null, offsets: new Map() };

export function setZone(name) {
  state.zone = name;
  state.offsets.clear();
  state.format = new Intl.DateTimeFormat("en-GB", { timeZone: name, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
setZone("UTC");

export const zone = () => state.zone;

// Milliseconds to add to UTC for the city's clock at `ms`.
export function offset(ms) {
  const hour = Math.floor(ms / HOUR);
  if (!state.offsets.has(hour)) state.offsets.set(hour, measured(hour * HOUR));
  return state.offsets.get(hour);
}

function measured(ms) {
  const part = Object.fromEntries(state.format.formatToParts(new Date(ms)).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - ms;
}

const local = (ms) => new Date(ms + offset(ms)).toISOString();

export const dateTime = (ms) => local(ms).slice(0, 16);
export const day = (ms) => local(ms).slice(0, 10);
export const hm = (ms) => local(ms).slice(11, 16);
export const hms = (ms) => local(ms).slice(11, 19);
export const tenths = (ms) => local(ms).slice(11, 21);

// "2026-11-26T07:30" on the city's clock as milliseconds since the epoch; NaN when it is no time.
export function fromLocal(text) {
  const plain = Date.parse(`${text}Z`);
  if (Number.isNaN(plain)) return NaN;
  const first = plain - offset(plain);
  return plain - offset(first);
}

// Midnight of the day of `ms` in the city, `days` later.
export function midnight(ms, days = 0) {
  const noon = fromLocal(`${day(ms)}T12:00`) + days * 24 * HOUR;
  return fromLocal(`${day(noon)}T00:00`);
}
