// What is every intersection doing, how long are its queues, and why was it told so?
import { attr, body, h, show, text } from "./dom.js";
import { age, fixed, int, words } from "./format.js";
import { isOld } from "./freshness.js";
import { key } from "./key.js";
import { orderWords } from "./orders.js";
import { createStrip } from "./strip.js";

const MODES = { remote: "Remote", local: "Local plan", flash: "Flashing", offline: "Offline" };

export function createIntersections(city, select) {
  if (city.intersections.length === 0) {
    body("intersections").replaceChildren(h("p", { class: "quiet" }, "No intersections are configured."));
    return { update() {} };
  }
  const rows = city.intersections.map((one) => createRow(one, select));
  body("intersections").replaceChildren(columns(), h("ul", { class: "rows" }, rows.map((row) => row.node)), stripLegend());
  return {
    update(live) {
      const longest = Math.max(20, ...Object.values(live.intersections).flatMap((one) => sums(one)));
      rows.forEach((row) => row.update(live.intersections[row.id], longest, live.now_ms));
    },
    select(id) {
      rows.forEach((row) => row.select(row.id === id));
    },
  };
}

const UNDECIDED = {
  remote: "No decision yet.",
  local: "The cabinet runs its local plan; Arterial sends no command.",
  flash: "The cabinet flashes; Arterial sends no command.",
  offline: "The cabinet is not heard; Arterial sends no command.",
};

// Why there is no decision to show.
export const undecided = (status) => UNDECIDED[status?.mode] ?? "Waiting for the first signal state.";

// "Offline" is for what was heard once.
export const modeWords = (status) => ((status?.age_s ?? null) === null ? "Not heard yet" : MODES[status.mode]);

function seenWords(status, old) {
  if ((status?.age_s ?? null) === null) return "";
  return old ? `Last heard ${age(status.age_s)} ago` : `State ${age(status.age_s)} old`;
}

const columns = () =>
  h("div", { class: "row row-head", "aria-hidden": "true" }, ["Intersection", "Rings and barriers", "Queue on all lanes", "Last decision"].map((title) => h("span", {}, title)));

export const stripLegend = () =>
  h(
    "p",
    { class: "legend" },
    key("Vehicle call", 8, ["circle", { class: "call", cx: 4, cy: 6, r: 3 }]),
    key("Pedestrian call", 8, ["circle", { class: "ped-call", cx: 4, cy: 6, r: 2.6 }]),
    key("Decided to serve", 16, ["rect", { class: "next", y: 4.5, width: 16, height: 3 }]),
    key(
      "Green so far, of the maximum; mark: minimum",
      24,
      ["rect", { class: "key-rail", y: 4.5, width: 24, height: 3 }],
      ["rect", { class: "key-run", y: 4.5, width: 13, height: 3 }],
      ["rect", { class: "key-run", x: 6, y: 2.5, width: 1.5, height: 7 }],
    ),
  );

export function sums(status) {
  if (status.queues.length === 0) return [];
  const add = (values) => values.reduce((total, value) => total + value, 0);
  const truths = status.queues.map((queue) => queue.truth).filter((value) => value !== null);
  return [add(status.queues.map((queue) => queue.estimate)), truths.length ? add(truths) : NaN].filter((value) => !Number.isNaN(value));
}

function createRow(intersection, select) {
  const strip = createStrip(intersection);
  const mode = h("span", { class: "mode" });
  const strategy = h("span", { class: "caption" });
  const seen = h("span", { class: "caption age" });
  const order = h("span", { class: "order", hidden: true });
  const name = h("button", { type: "button", class: "name", "aria-pressed": "false", onclick: () => select(intersection.id) }, h("b", {}, intersection.id), ` ${intersection.name}`);
  const queue = createQueueBar();
  const reason = h("p", { class: "reason" });
  const node = h(
    "li",
    { class: "row", "data-intersection": intersection.id, onclick: () => select(intersection.id) },
    h("div", { class: "who" }, name, h("span", { class: "who-line" }, mode, strategy), order, seen),
    strip.node,
    queue.node,
    reason,
  );
  return {
    id: intersection.id,
    node,
    select(chosen) {
      attr(name, "aria-pressed", String(chosen));
      attr(node, "data-selected", chosen);
    },
    update(status, longest, now) {
      const told = orderWords(status?.operation, now);
      show(order, told !== "");
      text(order, told);
      const old = !status || isOld(status.age_s);
      attr(node, "data-old", old);
      attr(mode, "data-mode", status?.mode ?? "offline");
      text(mode, modeWords(status));
      text(strategy, status ? words(status.strategy) : "");
      text(seen, seenWords(status, old));
      strip.update(status);
      queue.update(status, longest);
      text(reason, status?.decision?.reason ?? undecided(status));
    },
  };
}

function createQueueBar() {
  const estimate = h("b");
  const truth = h("span", { class: "caption" });
  const bar = h("span", { class: "bar" }, h("span", { class: "bar-fill" }), h("span", { class: "bar-tick" }));
  const node = h("div", { class: "queue" }, h("span", { class: "queue-line" }, h("span", {}, estimate, h("span", { class: "unit" }, "veh est.")), truth), bar);
  return {
    node,
    update(status, longest) {
      const [estimated, real] = status ? sums(status) : [];
      text(estimate, fixed(estimated));
      text(truth, real === undefined ? "" : `${int(real)} true`);
      setBar(bar, estimated, real, longest);
    },
  };
}

// A bar for the estimate with a tick at the truth, both in shares of `longest`.
export function setBar(bar, estimated, real, longest) {
  const share = (value) => `${(100 * Math.min(1, Math.max(0, value / longest))).toFixed(1)}%`;
  bar.children[0].style.width = share(estimated ?? 0);
  bar.children[1].style.left = share(real ?? 0);
  attr(bar.children[1], "hidden", real === undefined || real === null);
}
