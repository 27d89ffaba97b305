// What is stored with a flag, what became of the refused, and whose clock is wrong?
import { createCounts } from "./counts.js";
import { h, show, text } from "./dom.js";
import { MINUS, age, fixed, int } from "./format.js";

const FLAGS = {
  late: "Late", retained: "Retained by the broker", clock: "Clock in doubt", range: "Implausible", stuck: "Stuck",
  rate: "Too fast", gap: "After a gap", substituted: "Estimated", unknown: "Nobody vouches", reset: "Counter set back",
  rollover: "Counter at its end",
};
const FAULTS = {
  outage: "Feeds out", silent: "Silent", stuck: "Stuck", range: "Implausible", rate: "Jumping", clock: "Clock wrong",
};
const FATES = { kept: "Kept", accepted: "Accepted later", purged: "Purged", evicted: "Evicted" };

export function createMarks() {
  const flagged = createCounts("Stored with a flag", "flag", "readings", "No reading is flagged.", (name) => FLAGS[name] ?? name);
  const faults = createCounts("Not well now", "what", "devices", "Every device is well, as far as anybody knows.", (name) => FAULTS[name] ?? name);
  const fates = createCounts("What became of the refused", "fate", "payloads", "Nothing refused.", (name) => FATES[name] ?? name);
  const topics = createCounts("Refused by topic", "topic", "payloads", "Nothing refused.", String);
  const clocks = createCounts("Device clocks furthest off", "device", "ahead", "No clock measured yet.", String, ahead);
  const note = h("p", { class: "caption" });
  clocks.node.append(note);
  return {
    node: h("div", { class: "marks" }, flagged.node, faults.node, clocks.node, fates.node, topics.node),
    update({ flagged: flags = {}, findings = {}, refused_ledger: ledger = {}, refused_by_topic: by = {}, clocks: all = { worst: [] } }) {
      flagged.update(some(flags, FLAGS));
      faults.update(some(findings, FAULTS));
      fates.update(some(ledger, FATES));
      topics.update(by);
      clocks.update(Object.fromEntries(all.worst.map((one) => [one.device, one.ahead_s])));
      show(note, all.measured > 0);
      text(note, `${int(all.measured)} devices measured${all.steps ? `; this computer's own clock was set (${int(all.steps)}×)` : ""}`);
    },
  };
}

const some = (counts, names) => Object.fromEntries(Object.keys(names).filter((name) => counts[name]).map((name) => [name, counts[name]]));

// "+1 h", "−0.1 s": how far a clock is ahead of ours.
const ahead = (seconds) => `${seconds < 0 ? MINUS : "+"}${Math.abs(seconds) < 10 ? `${fixed(Math.abs(seconds), 2)} s` : age(Math.abs(seconds))}`;
