// What is wrong now, who cares for it, and what is to be done about it?
import { covers, get, me, send } from "./api.js";
import { attr, body, h, head, onChange, show, text } from "./dom.js";
import { age, clock, int, visible } from "./format.js";

const SNOOZES = [[3600, "1 hour"], [4 * 3600, "4 hours"], [24 * 3600, "1 day"], [7 * 86_400, "1 week"]];
const SHOWN = 6;
const URGENCY = { 1: "Now", 2: "Today", 3: "When convenient" };

export function createAlarms() {
  const section = document.getElementById("alarms");
  const count = h("span", { class: "caption", id: "alarm-count", "aria-live": "polite" });
  const list = h("ul", { class: "alarm-list" });
  const none = h("p", { class: "quiet all-well" }, "No active alarms.");
  const fault = h("p", { class: "fault", role: "alert" });
  const may = { act: false };
  const rows = new Map();
  let [now, all] = [0, false];
  const more = h("button", { type: "button", class: "plain more-alarms", onclick: () => { all = !all; } });
  head("alarms").append(count);
  body("alarms").replaceChildren(fault, list, more, none, createHistory());
  me().then((who) => { may.act = covers(who, "operator"); rows.forEach((row) => row.allow(may.act)); }).catch(() => {});

  const act = async (path, wish) => {
    text(fault, "");
    try {
      await send(path, wish);
    } catch (refusal) {
      text(fault, `Not done: ${refusal.message}.`);
    }
  };
  const arrange = onChange((ids) => {
    list.replaceChildren(...ids.map((id) => rows.get(id).node));
  });
  return {
    update({ alarms, now_ms: at }) {
      show(section, Boolean(alarms));
      if (!alarms) return;
      now = at;
      const active = alarms.active;
      const there = new Set(active.map((one) => one.id));
      for (const id of rows.keys()) if (!there.has(id)) rows.delete(id);
      for (const one of active) {
        if (!rows.has(one.id)) rows.set(one.id, createRow(one, act));
        rows.get(one.id).update(one, now);
        rows.get(one.id).allow(may.act);
      }
      arrange(active.slice(0, all ? active.length : SHOWN).map((one) => one.id));
      show(more, active.length > SHOWN);
      text(more, all ? "Show fewer" : `Show all ${int(active.length)}`);
      show(none, active.length === 0);
      const open = active.filter((one) => !one.acknowledged_by && !one.cause && !one.suspended_until_ms).length;
      text(count, active.length === 0 ? "" : `${int(active.length)} active, ${int(open)} not acknowledged`);
    },
  };
}

function createRow(alarm, act) {
  const name = `${alarm.title}, ${alarm.subject}`;
  const state = h("span", { class: "alarm-state" });
  const since = h("span", { class: "caption" });
  const told = h("span", { class: "alarm-text" });
  const ack = h("button", { type: "button", class: "plain", "aria-label": `Acknowledge: ${name}`, onclick: () => act("/api/alarms/ack", { id: alarm.id }) }, "Acknowledge");
  const snooze = h("select", { "aria-label": `Snooze: ${name}` }, h("option", { value: "" }, "Snooze"), SNOOZES.map(([seconds, label]) => h("option", { value: seconds }, label)));
  snooze.addEventListener("change", () => {
    if (snooze.value) act("/api/alarms/snooze", { rule: alarm.rule, subject: alarm.subject, seconds: Number(snooze.value) });
    snooze.value = "";
  });
  const resume = h("button", { type: "button", class: "plain", "aria-label": `End the snooze: ${name}`, onclick: () => act("/api/alarms/snooze", { rule: alarm.rule, subject: alarm.subject, seconds: 0 }) }, "End snooze");
  const buttons = h("span", { class: "alarm-acts" }, ack, snooze, resume);
  const node = h(
    "li",
    { class: "alarm", "data-priority": alarm.priority, "data-alarm": alarm.id },
    h("span", { class: "alarm-urgency" }, h("b", {}, alarm.priority), h("span", { class: "caption" }, URGENCY[alarm.priority])),
    h("div", { class: "alarm-what" }, h("p", { class: "alarm-title" }, h("b", {}, alarm.title), " ", h("bdi", { class: "alarm-subject" }, visible(alarm.subject)), " ", state), h("p", {}, told), since, h("details", { class: "runbook" }, h("summary", {}, "What to do"), runbook(alarm))),
    buttons,
  );
  return {
    node,
    allow(allowed) {
      show(buttons, allowed);
    },
    update(one, now) {
      text(told, visible(one.text));
      text(since, `Since ${clock(one.raised_ms)} UTC, ${age(Math.max(0, now - one.raised_ms) / 1000)}`);
      text(state, stateWords(one, now));
      attr(node, "data-quiet", Boolean(one.acknowledged_by || one.suspended_until_ms || one.cause));
      show(ack, !one.acknowledged_by);
      show(snooze, !one.suspended_until_ms);
      show(resume, Boolean(one.suspended_until_ms));
    },
  };
}

function stateWords(one, now) {
  const words = [];
  if (one.acknowledged_by) words.push(`acknowledged by ${visible(one.acknowledged_by)}`);
  if (one.suspended_until_ms) words.push(`snoozed for ${age(Math.max(0, one.suspended_until_ms - now) / 1000)}`);
  if (one.cause) words.push("part of another alarm");
  if (one.escalated && !one.acknowledged_by) words.push("nobody has answered");
  return words.join(", ");
}

const runbook = (one) =>
  h(
    "div",
    {},
    h("p", {}, one.means),
    h("ul", { class: "steps" }, one.check.map((step) => h("li", {}, step))),
    h("p", {}, h("b", {}, "Arterial meanwhile: "), one.done),
    h("p", { class: "caption" }, `${one.rule}, ${one.code}`),
  );

function createHistory() {
  const rows = h("tbody");
  const none = h("p", { class: "quiet", hidden: true }, "There were none.");
  const table = h("table", {}, h("thead", {}, h("tr", {}, ["Over", "Alarm", "What it was", "Lasted"].map((name) => h("th", { scope: "col" }, name)))), rows);
  const node = h("details", { class: "history" }, h("summary", {}, "Alarms that are over"), h("div", { class: "scroll" }, table), none);
  node.addEventListener("toggle", async () => {
    if (!node.open) return;
    const { over } = await get("/api/alarms/history").catch(() => ({ over: [] }));
    show(none, over.length === 0);
    show(table, over.length > 0);
    rows.replaceChildren(...over.slice(0, 50).map((one) => h("tr", {}, h("td", { class: "caption" }, `${clock(one.cleared_ms)} UTC`), h("td", {}, `${one.title} `, h("bdi", {}, visible(one.subject))), h("td", {}, visible(one.text)), h("td", {}, age((one.cleared_ms - one.raised_ms) / 1000)))));
  });
  return node;
}
