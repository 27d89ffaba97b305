// Timing sheet | intersection | 20 | Phases, plans and schedule as they run or ran; what other values would do.
import { attr, h, show as visible, text } from "../../js/dom.js";
import { fixed, int } from "../../js/format.js";
import { send } from "../../js/api.js";
import { dateTime, hm } from "../time.js";
import { button, figure, section, select, table, words } from "../parts.js";
import { createFields } from "../sheet_fields.js";

const WAIT_MS = 350;

export async function show(place, desk) {
  const version = desk.param("version");
  const told = await desk.get("/api/desk/sheet", { at: desk.at, version });
  const effects = createEffects(desk);
  const candidate = createCandidate(desk, version, told.writable, () => fields.edits());
  let waiting = null;
  const fields = createFields(told, () => {
    clearTimeout(waiting);
    waiting = setTimeout(judge, WAIT_MS);
  });
  desk.leaving(() => clearTimeout(waiting));
  const reset = button("Undo all", () => {
    fields.reset();
    judge();
  });
  const sumo = h("a", { href: "#" }, "Try these in SUMO");
  place.append(
    h(
      "div",
      { class: "view-tools" },
      select("Version", versionOptions(told), version, (id) => desk.set({ version: id })),
      version ? null : reset,
      version ? null : sumo,
      h("p", { class: "caption" }, `${words(told.control.mode)} by ${words(told.control.strategy)}; the plans below run when nobody commands, and coordinate where the strategy follows them.`),
    ),
    version ? h("p", { class: "warn" }, `An earlier sheet; ${told.changes.length} values differ from what runs now and are marked.`) : h("p", { class: "caption" }, "Change a value to see what it would do. Nothing is applied."),
    effects.summary,
    fields.node,
    effects.detail,
    section(version ? "Roll back" : "Candidate", candidate.node),
  );
  if (version) [effects.summary, effects.detail].forEach((node) => visible(node, false));
  else await judge();

  async function judge() {
    const edits = fields.edits();
    attr(sumo, "href", desk.link("trials", { edits: JSON.stringify(edits) }));
    attr(reset, "disabled", Object.keys(edits).length === 0);
    candidate.update(edits);
    if (version) return;
    try {
      const found = await send("/api/desk/sheet/try", { at: desk.at, edits, from_ms: Math.floor(desk.range.from_ms), to_ms: Math.ceil(desk.range.to_ms) });
      if (desk.gone.aborted) return;
      fields.judge(found.faults);
      effects.update(found, fields.title);
    } catch (reason) {
      if (!desk.gone.aborted) effects.failed(reason.message);
    }
  }
}

function versionOptions({ versions }) {
  const earlier = versions.filter((one) => one.differs > 0).map((one) => [one.id, `${dateTime(one.begun_ms).replace("T", " ")}: ${one.differs} values differ`]);
  return [["", "Runs now"], ...earlier];
}

function createEffects() {
  const summary = h("div", { class: "effects", "aria-live": "polite" });
  const detail = h("div", { class: "view-place" });
  return {
    summary,
    detail: section("Volumes, delay and capacity", detail),
    failed: (why) => summary.replaceChildren(h("p", { class: "bad" }, why)),
    update(found, title) {
      const changed = found.changes.length > 0;
      summary.replaceChildren(...[...judgement(found, title, changed), ...found.plans.map((plan) => totals(plan, changed))].filter(Boolean));
      const none = h("p", { class: "quiet" }, "Nothing was counted in this range: choose another to see delay and capacity.");
      const basis = h("p", { class: "caption" }, `Volumes of the busiest quarter of the range, from ${hm(found.peak_ms)}. Control delay by the HCM for fixed-time operation of the plan (T = 0.25 h, k = 0.5); X is volume over capacity.`);
      detail.replaceChildren(...(found.plans.length ? [...found.plans.map((plan) => effectTable(found, plan, changed)), advised(found.advice), basis] : [none]));
    },
  };
}

function judgement(found, title, changed) {
  const changes = found.changes.map((one) => `${title(one.where)}: ${one.before ?? "nothing"} → ${one.after ?? "nothing"}`);
  const sound = changed && !found.faults.length;
  return [
    changed ? h("p", {}, h("b", {}, "Tried: "), changes.join("; ")) : null,
    ...found.faults.map((one) => h("p", { class: "bad" }, `Not sound: ${[title(one.where), one.what].filter(Boolean).join(": ")}`)),
    ...found.warnings.map((one) => h("p", { class: "warn" }, `${title(one.where)}: ${one.what}`)),
    sound ? h("p", { class: "good" }, found.warnings.length ? "Sound, with the warnings above." : "Sound, and what the formulas ask for.") : null,
  ];
}

function totals({ before, after }, changed) {
  const side = (one) => `${fixed(one.delay_s)} s per vehicle (${one.grade}), highest X ${fixed(one.x, 2)}`;
  const then = changed && after ? ` → ${side(after)}` : "";
  return h("p", {}, h("b", {}, `Plan ${before.plan}: `), `${side(before)}${then}`);
}

function advised(advice) {
  const splits = Object.keys(advice.splits).length ? Object.entries(advice.splits).map(([n, s]) => `${n}: ${fixed(s, 0)}`).join(", ") : advice.stages.map((s) => fixed(s, 0)).join(" + ");
  return h("p", { class: "caption" }, `Webster for these volumes: cycle ${fixed(advice.cycle_s, 0)} s, splits ${splits}; ${fixed(advice.delay_s)} s per vehicle (${advice.grade}).`);
}

function effectTable(found, { before, after }, changed) {
  const second = changed ? after : null;
  const lanes = Object.keys(before.lanes);
  const cells = (side, lane, versus) => {
    const one = side?.lanes[lane];
    const better = versus && one ? Math.sign(one.delay_s - versus.lanes[lane].delay_s) : 0;
    return [figure(one ? int(one.capacity_veh_h) : "–"), figure(one ? fixed(one.x, 2) : "–"), figure(one ? fixed(one.delay_s) : "–", { class: better ? "figure clear-effect" : "figure" }), h("td", {}, one?.grade ?? "")];
  };
  const rows = lanes.map((lane) => h("tr", {}, h("th", { scope: "row" }, lane), figure(int(found.volumes[lane])), ...cells(before, lane), ...(second ? cells(second, lane, before) : [])));
  const total = (side) => [figure(""), figure(fixed(side.x, 2)), figure(fixed(side.delay_s)), h("td", {}, side.grade ?? "")];
  rows.push(h("tr", {}, h("th", { scope: "row" }, h("b", {}, "All vehicles")), figure(int(Object.values(found.volumes).reduce((a, b) => a + b, 0))), ...total(before), ...(second ? total(second) : [])));
  const four = (word) => [[`${word} veh/h`], ["X"], ["Delay, s"], "LOS"];
  return h(
    "div",
    {},
    h("h4", {}, `Plan ${before.plan}, cycle ${fixed(before.cycle_s, 0)} s${second && second.cycle_s !== before.cycle_s ? ` → ${fixed(second.cycle_s, 0)} s` : ""}`),
    table(["Lane", ["Volume"], ...four(second ? "Now" : "Capacity"), ...(second ? four("Then") : [])], rows, { "aria-label": `Delay and capacity of plan ${before.plan}` }),
  );
}

function createCandidate(desk, version, writable, edits) {
  const out = h("div", { class: "view-place", "aria-live": "polite" });
  const write = button(version ? "Write a city file with this sheet" : "Write a city file with these values", async () => {
    try {
      const found = await send("/api/desk/sheet/candidate", { at: desk.at, edits: version ? {} : edits(), version });
      out.replaceChildren(
        h("p", { class: "good" }, `Written to ${found.path}; ${found.changes.length} values change. It is not in force.`),
        h("p", {}, `Check it with `, h("code", {}, found.next), ", put it in the place of the city file and start arterial again: the change then goes on record."),
        h("pre", { class: "diff", tabindex: 0, "aria-label": "What changes in the city file" }, found.diff),
      );
    } catch (reason) {
      out.replaceChildren(h("p", { class: "bad" }, `Not written: ${reason.message}`));
    }
  });
  return {
    node: h("div", { class: "view-place" }, h("p", { class: "caption" }, writable ? "A candidate is a copy of the city file in which only what differs is written anew. An engineer puts it into force." : "This city has no city file that could be written anew."), h("div", {}, write), out),
    update(now) {
      attr(write, "disabled", !writable || (!version && Object.keys(now).length === 0));
      text(write, version ? "Write a city file with this sheet" : "Write a city file with these values");
    },
  };
}
