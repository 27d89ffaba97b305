// How are numbers, times and foreign text written? Always the same digits, always with a unit beside them.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const decimals = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

export const NONE = "–";
export const MINUS = "−";
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

export const int = (value) => (isNumber(value) ? whole.format(value) : NONE);

export const fixed = (value, digits = 1) =>
  isNumber(value) ? decimals[digits].format(value).replace("-", MINUS) : NONE;

export const percent = (ratio, digits = 0) => (isNumber(ratio) ? `${fixed(100 * ratio, digits)} %` : NONE);

export const signed = (value, digits = 0) =>
  isNumber(value) ? `${value > 0 ? "+" : ""}${fixed(value, digits)}` : NONE;

// "07:12:05" in UTC from milliseconds since the epoch.
export const clock = (ms) => (isNumber(ms) ? new Date(ms).toISOString().slice(11, 19) : "--:--:--");

export const hhmm = (ms) => (isNumber(ms) ? new Date(ms).toISOString().slice(11, 16) : "--:--");

// "07:12" from seconds of a day.
export function dayTime(seconds) {
  const minutes = Math.floor(seconds / 60) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

export function age(seconds) {
  if (!isNumber(seconds)) return NONE;
  if (seconds < 10) return `${fixed(seconds, 1)} s`;
  if (seconds < 120) return `${int(seconds)} s`;
  if (seconds < 7200) return `${int(seconds / 60)} min`;
  return `${int(seconds / 3600)} h`;
}

export const unit = (name) => String(name ?? "").replace("m3", "m³");

// max_pressure -> Max pressure
export function words(name) {
  const plain = String(name ?? "").replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

export const phases = (numbers) => (numbers?.length ? numbers.join(" + ") : NONE);

// Foreign text with its control, bidirectional and unpaired characters made visible.
export const visible = (value) =>
  String(value ?? "").replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
