// What if, in SUMO | control | 30 | What would another plan or strategy have done on the traffic of this range?
import { attr, h, show as visible, text } from "../../js/dom.js";
import { NONE, age, fixed } from "../../js/format.js";
import { send } from "../../js/api.js";
import { title } from "../sheet_fields.js";
import { dateTime } from "../time.js";
import { again, button, figure, section, select, table, words } from "../parts.js";

const FIRST = ["delay_s", "stops", "wait_s", "worst_wait_p95_s", "ped_wait_s", "queue_veh", "full_lane_s", "finished", "co2_kg", "teleports"];

export async function show(place, desk) {
  const known = await desk.get("/api/desk/trials");
  if (known.missing) place.append(h("p", { class: "warn" }, known.missing));
  const chosen = Number(desk.param("trial", "0")) || known.trials[0]?.id;
  const result = h("div", { class: "view-place" });
  place.append(createForm(desk, known), known.trials.length ? createList(desk, known, chosen) : h("p", { class: "quiet" }, "Nothing has been tried yet."), result);
  if (!chosen) return;
  const panel = createPanel(desk, chosen);
  result.append(panel.node);
  again(desk, 1000, async () => {
    if (!panel.ended()) panel.update(await desk.get(`/api/desk/trials/${chosen}`));
  });
}

function createForm(desk, known) {
  const edits = parsed(desk.param("edits", "{}"));
  const changed = Object.entries(edits);
  const wish = { base: desk.param("base", "local"), strategy: desk.param("strategy", changed.length ? "local" : known.strategies.find((one) => one === "lookahead") ?? "local"), seeds: String(known.seeds) };
  const options = known.strategies.map((one) => [one, one === "local" ? "The plan (local)" : words(one)]);
  const fault = h("p", { class: "told", role: "alert" });
  const seeds = h("input", { type: "number", min: 1, max: 20, value: wish.seeds });
  const start = h("button", { type: "submit", class: "plain main-action", disabled: Boolean(known.missing) }, "Try it");
  const run = async (event) => {
    event.preventDefault();
    attr(start, "disabled", true);
    text(fault, "Preparing: reading counts, writing demand");
    try {
      const { from_ms, to_ms } = desk.range;
      const begun = await send("/api/desk/trials", { at: desk.at, base: wish.base, strategy: wish.strategy, edits, seeds: Number(seeds.value), from_ms: Math.floor(from_ms), to_ms: Math.ceil(to_ms) });
      desk.set({ trial: String(begun.id) });
    } catch (reason) {
      text(fault, reason.message);
      attr(start, "disabled", null);
    }
  };
  const demand = known.own_demand ? "The scenario brings its own demand." : "Demand is built from what detectors counted in the range (a quarter of an hour to three hours).";
  return h(
    "form",
    { class: "view-place", onsubmit: run },
    h("p", { class: "caption" }, `${demand} Each seed is another day with the same flows; the runs share seeds, so differences are paired. It runs behind everything else, one at a time.`),
    h(
      "div",
      { class: "form" },
      select("What ran", options, wish.base, (value) => { wish.base = value; }),
      select("Against", options, wish.strategy, (value) => { wish.strategy = value; }),
      h("label", { class: "field" }, h("span", {}, "Seeds"), seeds),
      start,
    ),
    changed.length ? h("p", {}, `With ${changed.length} other values at ${desk.at}: ${changed.map(([where, value]) => `${title(where)} = ${value}`).join("; ")}. `, h("a", { href: desk.link("timing-sheet") }, "Timing sheet")) : h("p", { class: "caption" }, "With the sheet that runs. ", h("a", { href: desk.link("timing-sheet") }, "Change values on the timing sheet"), " to try another."),
    fault,
  );
}

function parsed(words_) {
  try {
    const found = JSON.parse(words_);
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

function createList(desk, known, chosen) {
  const rows = known.trials.map((one) =>
    h(
      "tr",
      { "data-taken": String(one.id === chosen) },
      h("th", { scope: "row" }, button(String(one.id), () => desk.set({ trial: String(one.id) }), { "aria-label": `Show trial ${one.id}` })),
      h("td", {}, what(one.wish)),
      h("td", {}, `${dateTime(one.wish.from_ms).replace("T", " ")}, ${Math.round((one.wish.to_ms - one.wish.from_ms) / 60_000)} min`),
      h("td", {}, words(one.state)),
      h("td", {}, one.who),
    ),
  );
  return section("Trials", table(["Number", "What", "Traffic of", "State", "By"], rows, { "aria-label": "Trials" }));
}

function what({ base, strategy, edits, version, at }) {
  const changed = Object.keys(edits).length;
  const sheet = version ? ` with sheet ${version.slice(0, 8)} of ${at}` : changed ? ` with ${changed} other values at ${at}` : "";
  return `${words(base)} against ${words(strategy)}${sheet}`;
}

function createPanel(desk, id) {
  const fill = h("i");
  const meter = h("div", { class: "meter", role: "progressbar", "aria-label": "Progress of the trial", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const status = h("p", { role: "status" });
  const cancel = button("Cancel", async () => {
    attr(cancel, "disabled", true);
    await send(`/api/desk/trials/${id}/cancel`, {}).catch((reason) => text(status, reason.message));
  });
  const out = h("div", { class: "view-place" });
  const node = section(`Trial ${id}`, meter, status, cancel, out);
  let state = null;
  return {
    node,
    ended: () => state !== null && state !== "running",
    update(trial) {
      state = trial.state;
      const percent = Math.round(100 * trial.share);
      fill.style.setProperty("width", `${percent}%`);
      attr(meter, "aria-valuenow", percent);
      visible(cancel, state === "running");
      visible(meter, state === "running");
      const passed = ((trial.ended_ms ?? Date.now()) - trial.begun_ms) / 1000;
      text(status, state === "running" ? `${percent} %, running for ${age(passed)}` : `${words(state)} after ${age(passed)}${trial.why ? `: ${trial.why}` : ""}`);
      if (state !== "running") out.replaceChildren(...ended(trial));
    },
  };
}

function ended({ result, remarks }) {
  const said = h("ul", {}, remarks.map((one) => h("li", { class: "caption" }, one)));
  if (!result?.strategies) return [said];
  const [base, other] = result.strategies;
  if (!other) return [said];
  const keys = [...FIRST, ...result.measures.map((one) => one.key).filter((key) => !FIRST.includes(key))];
  const rows = keys.map((key) => resultRow(result.measures.find((one) => one.key === key), base, other)).filter(Boolean);
  return [
    table(["Measure, mean over seeds ± 95 %", [base.name], [other.name], ["Difference ± 95 %"], ["p"]], rows, { class: "results", "aria-label": "Result side by side" }),
    h("p", { class: "caption" }, `Seeds ${base.seeds.join(", ")}; differences are paired by seed (Student t). Simulated delay is no field result.`),
    said,
  ];
}

function resultRow(measure, base, other) {
  if (!measure) return null;
  const [a, b] = [base.values[measure.key], other.values[measure.key]];
  if (a.mean === null && b.mean === null) return null;
  const clear = b.p !== null && b.p < 0.05;
  const spread = (mean, half) => (mean === null ? NONE : `${fixed(mean, Math.min(3, measure.digits))}${half === null ? "" : ` ± ${fixed(half, Math.min(3, measure.digits))}`}`);
  const sign = b.difference > 0 ? "+" : "";
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, words(measure.heading), h("span", { class: "verdict-line" }, measure.doc)),
    figure(spread(a.mean, a.half_width)),
    figure(spread(b.mean, b.half_width)),
    figure(b.difference === null ? NONE : `${sign}${spread(b.difference, b.difference_half_width)}`, { class: clear ? "figure clear-effect" : "figure" }),
    figure(b.p === null ? NONE : fixed(b.p, 3)),
  );
}
