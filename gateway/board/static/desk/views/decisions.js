// Decisions | control | 10 | Why did it show what it showed? Pick a moment, an end of green or a decision.
import { attr, h, text } from "../../js/dom.js";
import { fixed } from "../../js/format.js";
import { hms, tenths } from "../time.js";
import { button, canvas, figure, phases, section, select, table, words } from "../parts.js";
import { createPainter } from "../strip_chart.js";

const SPANS = [["120", "2 minutes"], ["300", "5 minutes"], ["900", "15 minutes"], ["3600", "1 hour"]];

export async function show(place, desk) {
  const spanMs = 1000 * Number(desk.param("span", "300"));
  const until = Math.min(Number(desk.param("until", String(desk.range.to_ms))), desk.range.to_ms);
  const [from, to] = [Math.floor(until - spanMs), Math.ceil(until)];
  const found = await desk.get("/api/desk/strip", { at: desk.at, from_ms: from, to_ms: to });
  const why = createWhy();
  const moments = createMoments(found, pick);
  const chart = createChart(desk, found, from, to, pick);
  const picked = Number(desk.param("t", "0"));
  const move = (by) => desk.set({ until: String(Math.min(desk.range.to_ms, until + by * spanMs)), t: "0" });
  place.append(
    h(
      "div",
      { class: "view-tools" },
      select("Window", SPANS, String(spanMs / 1000), (span) => desk.set({ span })),
      button("Earlier", () => move(-0.5)),
      button("Later", () => move(0.5), { disabled: until >= desk.range.to_ms }),
      h("p", { class: "caption" }, `${hms(from)} to ${hms(to)}. Click the chart, or use the arrow keys on it.`),
    ),
    chart.node,
    h("div", { class: "decisions" }, section("Ends of green and decisions", moments.node), section("Why", why.node)),
  );
  const last = found.ends.at(-1)?.at_ms ?? found.decisions.at(-1)?.at_ms;
  if (picked >= from && picked <= to) pick(picked);
  else if (last) pick(last);
  else why.nothing();

  async function pick(at) {
    desk.note({ t: String(Math.round(at)) });
    chart.mark(at);
    moments.mark(at);
    if (found.decisions.length === 0) return why.failed("No decision is on record in this window, so nothing can be explained.");
    why.waiting();
    try {
      why.update(await desk.get("/api/desk/why", { at: desk.at, at_ms: Math.round(at) }));
    } catch (reason) {
      if (!desk.gone.aborted) why.failed(reason.message);
    }
    return undefined;
  }
}

function createChart(desk, found, from, to, pick) {
  const painter = createPainter(found, from, to);
  let at = null;
  const label = `Strip chart of ${found.phases.length} phases, ${found.detectors.length} detectors and the decisions`;
  const drawn = canvas(desk, painter.height, { "aria-label": label, tabindex: 0 }, (context, width) => painter.paint(context, width, at));
  const choose = (ms) => pick(Math.min(to, Math.max(from, ms)));
  drawn.node.addEventListener("click", (event) => choose(painter.timeAt(event.offsetX, drawn.node.clientWidth)));
  drawn.node.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1000, ArrowRight: 1000 }[event.key];
    if (!by) return;
    event.preventDefault();
    choose((at ?? to) + by * (event.shiftKey ? 10 : 1));
  });
  return {
    node: drawn.node,
    mark(ms) {
      at = ms;
      drawn.paint();
    },
  };
}

function createMoments({ ends, decisions }, pick) {
  const changes = decisions.filter((one) => one.changed);
  const rows = [
    ...ends.map((one) => [one.at_ms, `Phase ${one.phase} ended`, `${one.green_s === null ? "" : `after ${fixed(one.green_s)} s of green`}${one.cause ? ` (${one.cause})` : ""}`]),
    ...changes.map((one) => [one.at_ms, `Decided: ${one.serve ? `serve ${one.serve.replaceAll(",", "+")}` : "the local plan"}`, one.reason]),
  ].sort((a, b) => b[0] - a[0]);
  const nodes = rows.map(([at, what, more]) => [at, h("tr", {}, h("th", { scope: "row" }, button(hms(at), () => pick(at))), h("td", {}, what, h("span", { class: "verdict-line" }, more)))]);
  const node = rows.length ? h("div", { class: "moments" }, table(["Time", "What happened"], nodes.map(([, row]) => row), { "aria-label": "Ends of green and decisions" })) : h("p", { class: "quiet" }, "Nothing ended and nothing was decided in this window.");
  return {
    node,
    mark(at) {
      nodes.forEach(([ms, row]) => attr(row, "data-chosen", ms === at));
    },
  };
}

function createWhy() {
  const node = h("div", { class: "why", "aria-live": "polite" });
  const say = (words_) => node.replaceChildren(h("p", { class: "quiet" }, words_));
  return {
    node,
    nothing: () => say("Pick a moment on the chart."),
    waiting: () => say("Deciding again from the stored inputs"),
    failed: say,
    update: (found) => node.replaceChildren(...told(found)),
  };
}

function told(found) {
  const newest = new Map(found.ends.map((end) => [end.phase, end]));
  const ended = [...newest.values()].sort((a, b) => b.at_ns - a.at_ns).slice(0, 3);
  const served = (text_) => (text_ ? text_.replaceAll(",", "+") : "the local plan");
  return [
    h("p", { class: "caption" }, `In force at ${tenths(found.asked_ns / 1e6)}; decided at ${tenths(found.at_ns / 1e6)} by ${words(found.strategy)}: ${served(found.before)} → ${served(found.serve)}`),
    h("p", { class: "because" }, found.reason),
    h("p", {}, found.binding ? `Binding safety rule: ${words(found.binding).toLowerCase()}.` : "No safety rule stood against it."),
    h("p", { class: again(found.again) }, againWords(found.again)),
    ended.length ? h("p", { class: "caption" }, ended.map((end) => `Phase ${end.phase} ended at ${hms(end.at_ns / 1e6)}${end.green_s === null ? "" : ` after ${fixed(end.green_s)} s`}${end.cause ? ` (${end.cause})` : ""}. `)) : null,
    found.candidates.length ? candidates(found) : h("p", { class: "quiet" }, "Nothing was weighed."),
    inputs(found.inputs),
  ].filter(Boolean);
}

const again = ({ same, fault }) => (same ? "good" : fault ? "warn" : "bad");

const againWords = ({ same, fault, serve, reason }) => {
  if (same) return "Decided again from the stored inputs: the same.";
  return fault ? `Not decided again: ${fault}.` : `Decided again from the stored inputs: NOT the same, but ${serve}: ${reason}`;
};

function candidates({ candidates: list, serve }) {
  const rows = list.map((one) => h("tr", { "data-taken": String(one.serve.join(",") === serve) }, h("th", { scope: "row" }, phases(one.serve)), figure(fixed(one.score, 2)), h("td", {}, one.note)));
  return table(["Candidate", ["Score"], "What it rests on"], rows, { "aria-label": "Candidates" });
}

function inputs(told_) {
  const queues = Object.values(told_.queues ?? {});
  if (queues.length === 0) return null;
  const rows = queues.map((queue) => h("tr", {}, h("th", { scope: "row" }, queue.lane), figure(fixed(queue.vehicles)), figure(`± ${fixed(queue.sd)}`), figure(fixed(queue.moving)), figure(fixed(told_.flows?.[queue.lane], 0)), h("td", {}, queue.health)));
  const raw = h("pre", { class: "raw", tabindex: 0 });
  const details = h("details", {}, h("summary", {}, "All inputs as they are stored"), raw);
  details.addEventListener("toggle", () => text(raw, JSON.stringify(told_, null, 1)));
  return h("details", { open: true }, h("summary", {}, "What it saw"), table(["Lane", ["Queue"], ["sd"], ["Coming"], ["veh/h"], "Detectors"], rows, { "aria-label": "Inputs by lane" }), details);
}
