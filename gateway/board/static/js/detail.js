// The selected intersection: its lanes one by one, and why it shows what it shows.
import { attr, body, h, head, onChange, svg, text } from "./dom.js";
import { age, clock, fixed, int, phases, words } from "./format.js";
import { isOld } from "./freshness.js";
import { modeWords, setBar, undecided } from "./intersections.js";
import { centre } from "./lanes.js";
import { createScene, headColor } from "./scene.js";
import { switchStrategy } from "./connection.js";
import { createOrders } from "./orders.js";

const RADIUS_M = 62;
const COLOR_WORDS = { green: "Green", yellow: "Yellow", red: "Red", flash: "Flashing", unknown: "Unknown" };

export function createDetail(city, select) {
  if (city.intersections.length === 0) {
    body("detail").replaceChildren(h("p", { class: "quiet" }, "Nothing to select: no intersections are configured."));
    return { update() {} };
  }
  const title = document.getElementById("detail-title");
  const place = h("div", { class: "detail" });
  const strategy = strategyPicker(city);
  head("detail").append(strategy.node, stepper(city, select));
  body("detail").replaceChildren(place);
  const close = city.geometry ? closeUp(city) : null;
  let chosen = null;
  let parts = [];
  let latest = null;

  function render() {
    if (latest === null || chosen === null) return;
    parts.forEach((part) => part.update(latest.intersections[chosen.id], latest.now_ms));
    strategy.update(chosen.id, latest.intersections[chosen.id]);
    close?.update(latest);
  }
  return {
    update(live) {
      latest = live;
      render();
    },
    select(id) {
      chosen = city.intersections.find((one) => one.id === id);
      text(title, `${chosen.id} ${chosen.name}`);
      parts = [decisionPart(), createOrders(chosen), lanesPart(chosen)];
      const [decision, orders, lanes] = parts.map((part) => part.node);
      place.replaceChildren(...(close ? [close.node] : []), h("div", {}, decision, orders), lanes);
      close?.look(chosen);
      render();
    },
  };
}

function stepper(city, select) {
  const title = document.getElementById("detail-title");
  const move = (by) => {
    const ids = city.intersections.map((one) => one.id);
    const now = ids.findIndex((id) => title.textContent.startsWith(`${id} `));
    select(ids[(now + by + ids.length) % ids.length]);
  };
  const button = (name, by) => h("button", { type: "button", class: "plain", onclick: () => move(by) }, name);
  return h("div", { class: "controls" }, button("Previous", -1), button("Next", 1));
}

function strategyPicker(city) {
  const fault = h("span", { class: "fault", role: "status" });
  const choose = h("select", { id: "detail-strategy" }, city.strategies.map((one) => h("option", { value: one.name, title: one.doc }, words(one.name))));
  let id = null;
  choose.addEventListener("change", async () => {
    text(fault, "");
    try {
      await switchStrategy(choose.value, id);
    } catch (reason) {
      text(fault, `Not switched: ${reason.message}`);
    }
  });
  return {
    node: h("label", { class: "picker" }, "Strategy here ", choose, fault),
    update(next, status) {
      if (id !== next) text(fault, "");
      id = next;
      if (status && document.activeElement !== choose) choose.value = status.strategy;
    },
  };
}

function closeUp(city) {
  const scene = createScene(city);
  const node = svg("svg", { class: "closeup", "aria-hidden": "true" }, scene.world);
  let at = null;
  const draw = () => {
    const [width, height] = [node.clientWidth, node.clientHeight];
    if (!at || width === 0) return;
    const scale = Math.min(width, height) / (2 * RADIUS_M);
    const [tx, ty] = [width / 2 - at[0] * scale, height / 2 + at[1] * scale];
    attr(scene.world, "transform", `matrix(${scale} 0 0 ${-scale} ${tx} ${ty})`);
    scene.world.style.setProperty("--k", scale);
  };
  new ResizeObserver(draw).observe(node);
  return {
    node,
    update: scene.update,
    look(intersection) {
      at = centre(intersection, city.geometry);
      draw();
    },
  };
}

function decisionPart() {
  const when = h("span", { class: "caption" });
  const mode = h("span", { class: "mode" });
  const reason = h("p", { class: "because" });
  const binding = h("p", { class: "caption" });
  const operation = h("p", { class: "caption" });
  const table = h("tbody");
  const scores = h("table", { class: "scores" }, h("thead", {}, h("tr", {}, ["Phases", "Score", ""].map((name, i) => h("th", { scope: "col", class: i === 1 ? "figure" : null }, name)))), table);
  const candidates = onChange(({ list, serve }) => {
    attr(scores, "hidden", list.length === 0);
    table.replaceChildren(...list.map((one) => candidateRow(one, serve)));
  });
  return {
    node: h("div", { class: "decision" }, h("h3", {}, "Last decision"), h("p", { class: "meta" }, mode, when), reason, binding, operation, scores),
    update(status) {
      const decision = status?.decision;
      attr(mode, "data-mode", status?.mode ?? "offline");
      text(mode, modeWords(status));
      text(when, decision ? decisionWords(decision) : "");
      text(reason, decision?.reason ?? undecided(status));
      text(binding, decision?.binding ? `Held by the safety rule: ${words(decision.binding).toLowerCase()}` : "No safety rule stood against it.");
      attr(binding, "hidden", !decision);
      const told = operationWords(status?.operation);
      text(operation, told);
      attr(operation, "hidden", !told);
      candidates({ list: decision?.candidates ?? [], serve: decision?.serve ?? [] });
    },
  };
}

function operationWords(operation) {
  if (!operation) return "";
  const usual = operation.says === "adaptive" || operation.until_ms;
  const mode = usual ? "" : `${words(operation.says)}: ${operation.why}`;
  const ladder = operation.step === "adaptive" ? "" : `Detectors leave it ${words(operation.step).toLowerCase()}: ${operation.cause}`;
  return [mode, ladder].filter(Boolean).join(" ");
}

function decisionWords({ strategy, at_ms: at, serve }) {
  const order = serve.length ? `serve ${phases(serve)}` : "no command";
  return `${words(strategy)} at ${clock(at)}, ${order}`;
}

function candidateRow({ serve, score, note }, chosen) {
  const taken = phases(serve) === phases(chosen);
  return h("tr", { "data-taken": taken }, h("th", { scope: "row" }, phases(serve)), h("td", { class: "figure" }, fixed(score, 2)), h("td", {}, note));
}

function lanesPart(intersection) {
  const rows = intersection.lanes.map(laneRow);
  const titles = ["Lane", "Signal", "Estimate, veh", "True, veh", ""];
  return {
    node: h(
      "div",
      { class: "lanes" },
      h("h3", {}, "Queue by lane"),
      h("table", {}, h("thead", {}, h("tr", {}, titles.map((name, i) => h("th", { scope: "col", class: i === 2 || i === 3 ? "figure" : null }, name)))), h("tbody", {}, rows.map((row) => row.node))),
    ),
    update(status) {
      const longest = Math.max(10, ...(status?.queues ?? []).flatMap((queue) => [queue.estimate, queue.truth ?? 0]));
      rows.forEach((row) => row.update(status, longest));
    },
  };
}

function laneRow(lane) {
  const signal = h("td", { class: "signal" });
  const estimate = h("b");
  const spread = h("span", { class: "caption" });
  const truth = h("td", { class: "figure" });
  const bar = h("span", { class: "bar" }, h("span", { class: "bar-fill" }), h("span", { class: "bar-tick" }));
  const node = h(
    "tr",
    {},
    h("th", { scope: "row" }, lane.id, h("span", { class: "caption" }, `${lane.turns.join(", ")}, phase ${lane.phases.join(" and ")}`)),
    signal,
    h("td", { class: "figure" }, estimate, spread),
    truth,
    h("td", { class: "bar-cell" }, bar),
  );
  return {
    node,
    update(status, longest) {
      const queue = status?.queues.find((one) => one.lane === lane.id);
      const color = headColor(status, lane);
      attr(signal, "data-color", color);
      text(signal, COLOR_WORDS[color]);
      const old = Boolean(queue) && isOld(queue.age_s);
      attr(node, "data-old", old);
      text(estimate, fixed(queue?.estimate));
      text(spread, queue ? (old ? ` ${age(queue.age_s)} old` : ` ± ${fixed(queue.sd)}`) : "");
      text(truth, int(queue?.truth));
      setBar(bar, queue?.estimate, queue?.truth, longest);
    },
  };
}
