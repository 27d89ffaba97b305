// How does a person change between light and dark, and who must redraw then?
const KEY = "arterial-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

export const theme = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");

export function onTheme(listener) {
  listeners.add(listener);
}

export function toggleTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem(KEY, next); } catch { /* not remembered, but shown */ }
  announce();
}

// A colour of the style sheet, for the canvas charts.
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const announce = () => listeners.forEach((listener) => listener(theme()));
system.addEventListener("change", announce);
