// Which values does a timing sheet have, where do they stand, and which of them has somebody changed?
import { attr, h } from "../js/dom.js";
import { short } from "../js/strip.js";
import { section, table, words } from "./parts.js";

const PHASE = [
  ["min_green_s", "Min green"], ["max_green_s", "Max 1"], ["max_green_2_s", "Max 2"], ["passage_s", "Passage"], ["yellow_s", "Yellow"],
  ["red_clear_s", "Red clear"], ["walk_s", "Walk"], ["ped_clear_s", "Ped clear"], ["max_wait_s", "Max wait"],
];
const RECALLS = ["none", "min", "max", "ped"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function createFields({ sheet, changes, version, control }, changed) {
  const inputs = new Map();
  const differs = new Map(changes.map((one) => [one.where, one.after]));
  const field = (where, value, make) => {
    if (version) return shown(where, value, differs);
    const node = make();
    node.addEventListener("input", () => {
      mark(where);
      changed();
    });
    inputs.set(where, { node, value });
    return h("td", {}, node);
  };
  const number = (where, value) => field(where, value, () => h("input", { type: "number", step: "any", value: value ?? "", "aria-label": title(where) }));
  const word = (where, value, choices) => field(where, value, () => h("select", { "aria-label": title(where) }, choices.map((one) => h("option", { value: one, selected: one === value }, one))));
  const plain = (where, value) => field(where, value, () => h("input", { class: "wide", value: value ?? "", "aria-label": title(where) }));
  const plans = sheet.plans?.length ? sheet.plans.map((plan) => [`plans.${plan.number}`, plan]) : [["plan", sheet.plan]];

  function mark(where) {
    const one = inputs.get(where);
    attr(one.node, "data-changed", read(one) !== one.value);
  }
  const node = h(
    "div",
    { class: "sheet view-place" },
    section("Phases (seconds)", phaseTable(sheet, number, word)),
    section("Plans (seconds)", ...planTables(plans, sheet, number)),
    scheduleTable(sheet, control, plain),
    section("Lanes", laneTable(sheet, number)),
    overlapTable(sheet, number),
  );
  return {
    node,
    title,
    edits: () => Object.fromEntries([...inputs].map(([where, one]) => [where, read(one), one.value]).filter(([, now, before]) => now !== before).map(([where, now]) => [where, now])),
    reset() {
      for (const [where, one] of inputs) {
        one.node.value = one.value ?? "";
        mark(where);
      }
    },
    judge(faults) {
      for (const [where, one] of inputs) attr(one.node, "data-wrong", faults.some((fault) => fault.where === where || where.startsWith(`${fault.where}.`) && fault.where !== ""));
    },
  };
}

function read({ node, value }) {
  if (node.type !== "number") return node.value === "" && value === null ? null : node.value;
  if (node.value === "") return null;
  return Number(node.value);
}

function shown(where, value, differs) {
  const now = differs.get(where);
  return h("td", { class: "figure", "data-differs": differs.has(where), title: differs.has(where) ? `now ${now ?? "nothing"}` : null }, value === null || value === undefined ? "–" : String(value), differs.has(where) ? h("span", { class: "verdict-line" }, `now ${now ?? "nothing"}`) : null);
}

// "phases.2.min_green_s" -> "Phase 2 min green"
export function title(where) {
  const [list, name, ...rest] = where.split(".");
  const plain = (parts) => parts.join(" ").replaceAll("_", " ").replace(/ s$/, "");
  if (list === "phases") return `Phase ${name} ${plain(rest)}`.trim();
  if (list === "plans") return `Plan ${name} ${plain(rest)}`.trim();
  if (list === "plan") return `Plan ${plain([name, ...rest])}`.trim();
  return plain([words(list), name ?? "", ...rest]).trim();
}

function phaseTable(sheet, number, word) {
  const has = PHASE.filter(([key]) => sheet.phases.some((phase) => key in phase && (key !== "max_green_2_s" || phase[key] !== null)));
  const rows = sheet.phases.map((phase) => {
    const at = `phases.${phase.number}`;
    return h("tr", {}, h("th", { scope: "row" }, h("b", {}, String(phase.number)), ` ${phase.label}`), h("td", {}, `${phase.ring} / ${phase.barrier}`), has.map(([key]) => number(`${at}.${key}`, phase[key])), word(`${at}.recall`, phase.recall, RECALLS));
  });
  return table(["Phase", "Ring / barrier", ...has.map(([, name]) => name), "Recall"], rows, { "aria-label": "Phases" });
}

// Plans by rings side by side, one row each; a plan of stages has columns of its own.
function planTables(plans, sheet, number) {
  const ringed = plans.filter(([, plan]) => plan.splits.length > 0);
  const numbers = sheet.phases.map((phase) => phase.number);
  const order = (plan) => plan.sequence.map((ring) => ring.join(" ")).join(" / ");
  const rows = ringed.map(([at, plan]) => {
    const split = (n) => plan.splits.find((one) => one.phase === n);
    return h("tr", {}, h("th", { scope: "row" }, h("b", {}, String(plan.number)), h("span", { class: "verdict-line" }, order(plan))), number(`${at}.cycle_s`, plan.cycle_s), number(`${at}.offset_s`, plan.offset_s), numbers.map((n) => (split(n) ? number(`${at}.splits.${n}.split_s`, split(n).split_s) : h("td", {}, "–"))));
  });
  const name = (n) => `${n} ${short(sheet.phases.find((phase) => phase.number === n).label)}`;
  const both = ringed.length ? [table(["Plan", "Cycle", "Offset", ...numbers.map(name)], rows, { "aria-label": "Plans: cycle, offset and splits" })] : [];
  return [...both, ...plans.filter(([, plan]) => plan.stages.length > 0).map(([at, plan]) => stageTable(at, plan, number))];
}

function stageTable(at, plan, number) {
  const cells = plan.stages.map((one, i) => number(`${at}.stages.${i + 1}.split_s`, one.split_s));
  const row = h("tr", {}, h("th", { scope: "row" }, h("b", {}, String(plan.number))), number(`${at}.cycle_s`, plan.cycle_s), number(`${at}.offset_s`, plan.offset_s), cells);
  return table(["Plan", "Cycle", "Offset", ...plan.stages.map((one) => one.phases.join("+"))], [row], { "aria-label": `Stages of plan ${plan.number}` });
}

function scheduleTable(sheet, control, plain) {
  const rows = (sheet.schedule ?? []).map((one, i) => h("tr", {}, plain(`schedule.${i + 1}.begin`, one.begin), h("td", {}, days(one.days)), h("td", {}, one.plan === "free" ? "free" : `plan ${one.plan}`)));
  const modes = control.schedule.map((one) => h("tr", {}, h("td", {}, `${one.begin} to ${one.end}`), h("td", {}, days(one.days)), h("td", {}, `mode ${one.mode}`)));
  if (rows.length + modes.length === 0) return section("Schedule", h("p", { class: "caption" }, "One plan all week; no modes by time of day."));
  return section("Schedule", table(["From", "Days", "What"], [...rows, ...modes], { "aria-label": "Schedule" }));
}

const days = (list) => (!list?.length || list.length === DAYS.length ? "every day" : list.join(", "));

function laneTable(sheet, number) {
  const rows = sheet.lanes.map((lane) => h("tr", {}, h("th", { scope: "row" }, lane.id), h("td", {}, `${lane.turns.join(", ")}, phase ${lane.phases.join("+")}`), number(`lanes.${lane.id}.saturation_veh_h`, lane.saturation_veh_h), number(`lanes.${lane.id}.speed_mps`, lane.speed_mps)));
  return table(["Lane", "Serves", "Saturation, veh/h", "Speed, m/s"], rows, { "aria-label": "Lanes" });
}

function overlapTable(sheet, number) {
  if (!sheet.overlaps?.length) return null;
  const rows = sheet.overlaps.map((one) => h("tr", {}, h("th", { scope: "row" }, String(one.number)), h("td", {}, one.included.join("+")), number(`overlaps.${one.number}.yellow_s`, one.yellow_s), number(`overlaps.${one.number}.red_clear_s`, one.red_clear_s)));
  return section("Overlaps", table(["Overlap", "Of phases", "Yellow", "Red clear"], rows, { "aria-label": "Overlaps" }));
}
