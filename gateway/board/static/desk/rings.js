// The live ring-barrier bar: what each ring serves, against its programmed split, and what is planned next.
import { attr, h, text } from "../js/dom.js";
import { fixed } from "../js/format.js";
import { short } from "../js/strip.js";
import { phases } from "./parts.js";

const SHOWN = ["green", "yellow", "red_clear"];

export function createRings(still) {
  const byNumber = new Map(still.phases.map((phase) => [phase.number, phase]));
  const rows = still.rings.map((ring) => ring.map((number, i) => createCell(byNumber.get(number), i > 0 ? byNumber.get(ring[i - 1]) : null)));
  const cursor = h("i");
  const cycle = h("div", { class: "cycle-line" }, cursor);
  const where = h("p", { class: "caption" });
  const planned = h("p", { class: "caption" });
  return {
    node: h("div", {}, rows.map((cells) => h("div", { class: "ring" }, cells.map((cell) => cell.node))), cycle, where, planned),
    update(live) {
      const { plan } = live;
      const next = live.planned.find((step) => step.in_s > 0.5);
      rows.flat().forEach((cell) => cell.update(live, next));
      cursor.style.setProperty("left", `${((100 * plan.at_s) / plan.cycle_s).toFixed(1)}%`);
      text(where, plan.free ? "No plan runs: free." : `Plan ${plan.number}: second ${fixed(plan.at_s, 0)} of ${fixed(plan.cycle_s, 0)}, offset ${fixed(plan.offset_s, 0)} s.`);
      text(planned, live.planned.length ? `Planned: ${live.planned.map((step) => `${phases(step.serve)}${step.in_s > 0.5 ? ` in ${fixed(step.in_s, 0)} s` : " now"}`).join(", then ")}.` : "No further step is planned now.");
    },
  };
}

function createCell(phase, before) {
  const timer = h("span");
  const split = h("span");
  const run = h("i", { class: "ring-run" });
  const node = h("div", { class: "ring-phase", "data-barrier": before && before.barrier !== phase.barrier }, h("b", {}, `${phase.number} ${short(phase.label)}`), timer, split, run);
  return {
    node,
    update({ status, plan }, next) {
      const state = status.phases[phase.number] ?? {};
      const current = SHOWN.includes(state.color);
      const programmed = splitOf(plan, phase.number);
      node.style.setProperty("flex", `${programmed ?? 20} 1 0`);
      attr(node, "data-color", current ? state.color : null);
      attr(node, "data-next", !current && Boolean(next?.serve.includes(phase.number)));
      text(timer, current ? `${fixed(state.elapsed_s)} s${state.call || state.ped_call ? " · call" : ""}` : calls(state));
      text(split, programmed === null ? "" : `split ${fixed(programmed, 0)} s`);
      const green = programmed === null ? phase.max_green_s : programmed - phase.yellow_s - phase.red_clear_s;
      run.style.setProperty("width", state.color === "green" ? `${Math.min(100, (100 * (state.elapsed_s ?? 0)) / green)}%` : "0");
      attr(node, "title", `Phase ${phase.number}, ${phase.label}: minimum green ${phase.min_green_s} s, maximum ${phase.max_green_s} s${programmed === null ? "" : `, programmed green ${fixed(green)} s`}`);
    },
  };
}

const calls = (state) => [state.call ? "call" : "", state.ped_call ? "ped call" : ""].filter(Boolean).join(", ");

function splitOf(plan, number) {
  if (plan.stages.length) {
    const own = plan.stages.filter((stage) => stage.phases.includes(number));
    return own.length ? own.reduce((sum, stage) => sum + stage.split_s, 0) : null;
  }
  return plan.splits[number] ?? null;
}
