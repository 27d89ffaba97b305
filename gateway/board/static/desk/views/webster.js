// Webster what-if | phases | 70 | What would Webster's cycle and splits do with the traffic that was counted?
import { h } from "../../js/dom.js";
import { createFrame } from "../frame.js";
import { ask, phaseName, something, source, sum, tableOf } from "../measures.js";

export async function show(place, desk) {
  const told = await ask(desk, "webster");
  if (!something(place, desk, told, "vehicle at a stop-line detector")) return;
  const columns = ["phase", "volume_veh_h", "cycle_s", "split_s", "saturation", "delay_s", "webster_cycle_s", "webster_split_s", "webster_saturation", "webster_delay_s"];
  const all = Object.fromEntries(columns.map((name) => [name, told.get(name)]));
  const delay = (name) => sum(all[name].map((s, i) => s * all.volume_veh_h[i])) / sum(all.volume_veh_h);
  const [now, then] = [delay("delay_s"), delay("webster_delay_s")];
  const frame = createFrame(place, desk, { source: `${source(told)} Mean flows of the chosen time against the plan in the city file. Delays are those the formulas expect (Webster, HCM), not measured ones; choose a time with one kind of traffic.`, file: `webster-${desk.at}`, table: tableOf(told), drawn: false });
  frame.node.remove();
  const fact = (words, value) => h("span", {}, `${words} `, h("b", {}, value));
  place.append(h("p", { class: "facts" }, fact("Cycle now", `${all.cycle_s[0]} s`), fact("after Webster", `${all.webster_cycle_s[0]} s`), fact("expected delay now", `${now.toFixed(1)} s per vehicle`), fact("then", `${then.toFixed(1)} s`)));
  const names = ["Phase", "Vehicles per hour", "Split now, s", "Split then, s", "Saturation now", "Saturation then", "Delay now, s", "Delay then, s"];
  const figure = (value, digits, bad) => h("td", { class: "figure", "data-bad": bad }, value.toFixed(digits));
  const rows = all.phase.map((phase, i) => h("tr", {}, h("th", { scope: "row" }, phaseName(desk, phase)), figure(all.volume_veh_h[i], 0), figure(all.split_s[i], 1), figure(all.webster_split_s[i], 1), figure(all.saturation[i], 2, all.saturation[i] > 1), figure(all.webster_saturation[i], 2, all.webster_saturation[i] > 1), figure(all.delay_s[i], 1), figure(all.webster_delay_s[i], 1)));
  place.append(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Phases" }, h("table", { class: "desk-table" }, h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", class: i ? "figure" : null }, name)))), h("tbody", {}, rows))));
}
