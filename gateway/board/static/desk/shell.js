// Which view is shown, of which intersection and time, and what does a view get to work with? (docs/desk.md)
import { toLogin } from "../js/api.js";
import { Connection } from "../js/connection.js";
import { attr, h, show, text } from "../js/dom.js";
import { range, read, write } from "./address.js";
import { createBar } from "./bar.js";
import { setZone } from "./time.js";

const place = document.getElementById("view");
const started = { known: null, at: 0 };
let state = null;
let leave = () => {};
let connection = null;
const watchers = new Set();

begin();

async function begin() {
  try {
    const answer = await fetch("/api/desk", { cache: "no-store" });
    if (answer.status === 401) toLogin();
    if (!answer.ok) throw new Error(await told(answer));
    started.known = await answer.json();
  } catch (reason) {
    place.replaceChildren(failure(`The desk cannot be loaded: ${reason.message}`, begin));
    return;
  }
  started.at = performance.now();
  setZone(started.known.timezone);
  document.getElementById("top").replaceChildren();
  const bar = createBar(started.known, change);
  const nav = createNav(started.known);
  const open = () => {
    state = read(location.search, started.known);
    render(bar, nav);
  };
  started.open = open;
  addEventListener("popstate", open);
  open();
}

// `parts` of the address are changed; a new entry in the browser's history.
function change(parts) {
  const next = { ...state, ...parts };
  if (parts.view && parts.view !== state.view) next.rest = {};
  history.pushState(null, "", write(next));
  started.open();
}

async function render(bar, nav) {
  leave();
  const view = started.known.views.find((one) => one.id === state.view);
  if (!view) return place.replaceChildren(h("p", { class: "quiet" }, "The desk has no views."));
  const gone = new AbortController();
  const endings = [];
  leave = () => {
    gone.abort();
    endings.forEach((end) => end());
  };
  const status = h("p", { class: "quiet view-status", role: "status" });
  const body = h("div", { class: "view-place" });
  place.dataset.view = view.id;
  delete place.dataset.ready;
  place.replaceChildren(h("div", { class: "view-head" }, h("h2", {}, view.title), h("p", {}, view.about)), status, body);
  const late = setTimeout(() => text(status, "Reading the log"), 250);
  const now = started.known.now_ms + (performance.now() - started.at);
  const span = range(state, now);
  bar.update(state, span, { intersection: true, range: true });
  nav.update(state);
  const intersection = started.known.intersections.find((one) => one.id === state.at) ?? null;
  document.title = `${view.title}${intersection ? ` · ${intersection.id}` : ""} · ${started.known.name}`;
  try {
    const module = await import(`./views/${view.id}.js`);
    if (gone.signal.aborted) return undefined;
    bar.update(state, span, { intersection: true, range: true, ...module.uses });
    await module.show(body, desk({ intersection, span, gone, endings, now }));
    place.dataset.ready = view.id;
  } catch (reason) {
    if (gone.signal.aborted) return undefined;
    body.replaceChildren(failure(reason.message, () => render(bar, nav)));
    place.dataset.ready = "failed";
  } finally {
    clearTimeout(late);
    if (!gone.signal.aborted) show(status, false);
  }
  return undefined;
}

// What a view gets; see docs/desk.md.
function desk({ intersection, span, gone, endings, now }) {
  return {
    city: started.known,
    intersection,
    at: state.at,
    range: span,
    now_ms: now,
    gone: gone.signal,
    param: (name, fallback = "") => state.rest[name] ?? fallback,
    set: (words) => change({ rest: { ...state.rest, ...words } }),
    // Into the address without showing the view again, for what the view has drawn already.
    note(words) {
      state = { ...state, rest: { ...state.rest, ...words } };
      history.replaceState(null, "", write(state));
    },
    link: (view, { at = state.at, last = state.last, from = state.from, to = state.to, ...rest } = {}) => write({ view, at, last, from, to, rest }),
    go: (parts) => (Object.keys(parts).length ? change(parts) : started.open()),
    get: (path, query = {}) => get(path, query, gone.signal),
    live(listener) {
      watchers.add(listener);
      endings.push(() => watchers.delete(listener));
      connection ??= new Connection({ onCity() {}, onLive: (snapshot) => watchers.forEach((one) => one(snapshot)) });
    },
    leaving: (end) => endings.push(end),
  };
}

async function get(path, query, signal) {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined));
  const answer = await fetch(`${path}${[...words].length ? `?${words}` : ""}`, { cache: "no-store", signal });
  if (answer.status === 401) toLogin();
  if (!answer.ok) throw new Error(await told(answer));
  return answer.json();
}

async function told(answer) {
  const body = await answer.json().catch(() => ({}));
  return body.error ?? `the server answered ${answer.status}`;
}

const failure = (why, again) => h("div", {}, h("p", { class: "quiet", role: "alert" }, why), h("button", { type: "button", class: "plain", onclick: again }, "Try again"));

function createNav({ views, groups }) {
  const nav = document.getElementById("nav");
  const links = views.map((one) => [one, h("a", { onclick: (event) => follow(event, one.id) }, one.title)]);
  for (const [group, title] of Object.entries(groups)) {
    const own = links.filter(([one]) => one.group === group).map(([, link]) => link);
    if (own.length) nav.append(h("h2", {}, title), ...own);
  }
  return {
    update(now) {
      links.forEach(([one, link]) => {
        attr(link, "href", write({ ...now, view: one.id, rest: {} }));
        attr(link, "aria-current", one.id === now.view ? "page" : null);
      });
    },
  };
}

function follow(event, id) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  change({ view: id });
  place.focus({ preventScroll: true });
  scrollTo(0, 0);
}
