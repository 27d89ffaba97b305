// Is every message that came in accounted for, how fast do they flow, and what was refused?
import { createChart } from "./chart.js";
import { createCounts } from "./counts.js";
import { createMarks } from "./marks.js";
import { attr, body, h, onChange, show, text } from "./dom.js";
import { age, clock, fixed, int, visible, words } from "./format.js";

export function createPipeline() {
  const balance = createBalance();
  const links = createLinks();
  const received = rate("Received", "accent");
  const stored = rate("Stored", "broad");
  const chart = createChart({
    series: [{ label: "Stored", color: "--rule-2", width: 4 }, { label: "Received", color: "--accent", width: 1.5 }],
    unit: "per s",
    height: 130,
    xText: (seconds, all) => sinceLast(seconds, all),
    xSplits: (all) => [4, 3, 2, 1, 0].map((minutes) => all[all.length - 1] - 60 * minutes).filter((at) => at >= all[0]),
    label: "Readings received and stored per second over the last five minutes",
  });
  const kinds = createCounts("By kind", "kind", "received", "Nothing received yet.");
  const reasons = createCounts("Refused by reason", "reason", "refused", "Nothing refused.");
  const marks = createMarks();
  const refused = createRefused();
  body("pipeline").replaceChildren(
    balance.node,
    h("div", { class: "pipeline" }, h("div", { class: "flow" }, h("div", { class: "figures" }, received.node, stored.node), chart.node), links.node, kinds.node, reasons.node),
    marks.node,
    refused.node,
  );
  return {
    update({ pipeline, wall_ms: now }) {
      balance.update(pipeline);
      links.update(pipeline, now);
      received.set(pipeline.received_per_s);
      stored.set(pipeline.stored_per_s);
      chart.update(pipeline.series.map(([at, came, kept]) => [at, kept, came]));
      kinds.update(pipeline.kinds);
      reasons.update(pipeline.refused_by_reason);
      marks.update(pipeline);
      refused.update(pipeline.recent_refused);
    },
  };
}

function sinceLast(seconds, all) {
  const minutes = (seconds - all[all.length - 1]) / 60;
  return minutes > -0.05 ? "now" : `${minutes.toFixed(minutes % 1 === 0 ? 0 : 1).replace("-", "−")} min`;
}

function createBalance() {
  const names = ["received", "stored", "refused", "duplicate", "waiting"];
  const signs = ["", "=", "+", "+", "+"];
  const values = Object.fromEntries(names.map((name) => [name, h("b")]));
  const verdict = h("span", { class: "verdict", id: "balance" });
  const dropped = h("p", { class: "caption dropped", hidden: true });
  const terms = names.map((name, i) =>
    h("span", { class: "term" }, h("span", { class: "sign", "aria-hidden": i === 0 }, signs[i]), values[name], h("span", { class: "caption" }, name)),
  );
  return {
    node: h("div", { class: "balance" }, h("p", { class: "equation" }, terms), verdict, dropped),
    update(pipeline) {
      names.forEach((name) => text(values[name], int(pipeline[name])));
      const gap = pipeline.received - (pipeline.stored + pipeline.refused + pipeline.duplicate + pipeline.waiting);
      const good = pipeline.balanced && gap === 0;
      attr(verdict, "data-good", good);
      show(dropped, pipeline.overrun > 0);
      text(dropped, `${int(pipeline.overrun)} best-effort messages (QoS 0) were dropped under load, before the books.`);
      text(verdict, good ? "The books balance" : balanceFault(gap));
    },
  };
}

const balanceFault = (gap) => {
  if (gap > 0) return `Does not balance: ${int(gap)} readings unaccounted for`;
  if (gap < 0) return `Does not balance: ${int(-gap)} readings counted twice`;
  return "Arterial reports that its books do not balance";
};

function rate(name, mark) {
  const value = h("b", { class: "medium" });
  return {
    node: h("div", { class: `figure-block mark-${mark}` }, h("span", { class: "figure-name" }, name), h("span", { class: "figure-value" }, value, h("span", { class: "unit" }, "readings per s"))),
    set: (number) => text(value, fixed(number, number < 100 ? 1 : 0)),
  };
}

function createLinks() {
  const broker = link("Broker");
  const stores = new Map();
  const list = h("dl", {}, broker.nodes);
  const full = h("p", { class: "caption why", role: "status", hidden: true });
  const named = onChange((names) => {
    stores.clear();
    names.forEach((name) => stores.set(name, link("Store")));
    list.replaceChildren(...[broker, ...stores.values()].flatMap((one) => one.nodes));
  });
  return {
    node: h("div", { class: "links" }, h("h3", {}, "Connections"), list, full),
    update({ broker: one, store, stores: all = [store], spool = {} }, now) {
      broker.set(one.name, one.state === "connected", one.state === "connected" ? "Connected" : "Down", sinceWords(one, now), one.why);
      named(all.map(({ name }) => name));
      all.forEach((other) => stores.get(other.name).set(other.name, other.state === "ok", STORE_WORDS[other.state] ?? words(other.state), behind(other, now), other.why));
      show(full, Boolean(spool.full));
      text(full, `The buffer on disk is full: nothing is acknowledged, the broker holds what comes.`);
    },
  };
}

const STORE_WORDS = { ok: "Writing", down: "Down", full: "Buffer full" };

const behind = (store, now) => {
  const waiting = store.waiting === undefined ? "" : `, ${int(store.waiting)} waiting`;
  return `${sinceWords(store, now)}, ${age(store.lag_s)} behind${waiting}`;
};

const sinceWords = ({ since_ms: since }, now) => `for ${age(Math.max(0, now - since) / 1000)}`;

function link(title) {
  const name = h("dt");
  const badge = h("span", { class: "badge" });
  const since = h("span", { class: "caption" });
  const fault = h("p", { class: "caption why" });
  return {
    nodes: [name, h("dd", {}, badge, since, fault)],
    set(kind, good, words, duration, why) {
      text(name, `${title}, ${kind}`);
      attr(badge, "data-good", good);
      text(badge, words);
      text(since, ` ${duration}`);
      text(fault, good ? "" : visible(why));
    },
  };
}

function createRefused() {
  const list = h("ul", { class: "refused-list" });
  const none = h("p", { class: "quiet" }, "No message has been refused.");
  const render = onChange((recent) => {
    show(none, recent.length === 0);
    list.replaceChildren(...recent.slice(0, 8).map(refusedRow));
  });
  return { node: h("div", { class: "refused" }, h("h3", {}, "Latest refused"), list, none), update: render };
}

const refusedRow = (one) =>
  h(
    "li",
    {},
    h("span", { class: "caption" }, `${clock(one.at_ms)} UTC`),
    h("b", {}, visible(words(one.reason))),
    h("bdi", { class: "topic" }, visible(one.topic)),
    h("span", { class: "told" }, visible(one.detail)),
    h("code", {}, h("bdi", {}, visible(one.preview) || "(empty)")),
  );
