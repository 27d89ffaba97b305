// How does an operator give an intersection an order, and what order is in force?
import { covers, me, send } from "./api.js";
import { openDialog } from "./dialog.js";
import { h, show, text } from "./dom.js";
import { words } from "./format.js";

const SPANS = [[300, "5 minutes"], [900, "15 minutes"], [1800, "30 minutes"], [3600, "1 hour"], [7200, "2 hours"], [28800, "8 hours"]];
const MODES = {
  off: "decides nothing",
  shadow: "decides and explains, but sends nothing",
  advisory: "decides and offers it as advice",
  adaptive: "decides and sends it to the cabinet",
};

// "Released, 12:40 left", or "" without an order.
export function orderWords(operation, now) {
  if (!operation?.until_ms) return "";
  return `${words(operation.says)}, ${left(operation.until_ms - now)} left`;
}

function left(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} min`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Buttons for the orders and the order in force, for one intersection at a time.
export function createOrders(intersection) {
  const running = h("b");
  const why = h("span");
  const inForce = h("p", { class: "in-force", hidden: true }, running, " ", why);
  const fault = h("p", { class: "fault", role: "alert" });
  const note = h("p", { class: "caption", hidden: true });
  const button = (label, ask) => h("button", { type: "button", class: "plain", onclick: () => give(ask) }, label);
  const resume = button("Resume", askResume);
  const buttons = h("div", { class: "orders", role: "group", "aria-label": `Orders for ${intersection.id}` }, button("Release to local", askRelease), button("Hold phases", askHold), button("Force mode", askMode), resume);
  const node = h("div", { class: "operation" }, h("h3", {}, "Orders"), inForce, buttons, note, fault);
  me().then((who) => allow(who, buttons, note)).catch(() => {});

  async function give(ask) {
    text(fault, "");
    const { title, content, wish, first } = ask(intersection);
    await openDialog({
      title,
      content,
      confirm: "Send order",
      first,
      submit: async () => {
        const order = wish();
        if (typeof order === "string") return order;
        try {
          await send("/api/operate", { intersection: intersection.id, ...order });
          return "";
        } catch (refusal) {
          return `Not sent: ${refusal.message}.`;
        }
      },
    });
  }
  return {
    node,
    update(status, now) {
      const operation = status?.operation;
      const told = orderWords(operation, now);
      show(inForce, told !== "");
      text(running, told);
      text(why, told ? operation.why : "");
      resume.disabled = told === "";
    },
  };
}

function allow(who, buttons, note) {
  if (covers(who, "operator")) return;
  buttons.querySelectorAll("button").forEach((button) => button.remove());
  show(buttons, false);
  show(note, true);
  text(note, `Operators give orders here; you are ${who.role}.`);
}

function spanPicker(usual, change) {
  const choose = h("select", { onchange: change }, SPANS.map(([seconds, label]) => h("option", { value: seconds, selected: seconds === usual }, label)));
  return { choose, node: h("label", { class: "entry" }, h("span", {}, "For"), choose) };
}

const spanWords = (choose) => choose.selectedOptions[0].textContent;

function askRelease(intersection) {
  const sentence = h("p", { class: "sentence", "aria-live": "polite" });
  const span = spanPicker(1800, () => say());
  const say = () => text(sentence, `${intersection.id} runs its cabinet's local plan for ${spanWords(span.choose)}; Arterial sends it nothing.`);
  say();
  return {
    title: `Release ${intersection.id} ${intersection.name} to local`,
    content: h("div", {}, span.node, sentence),
    first: span.choose,
    wish: () => ({ kind: "release", seconds: Number(span.choose.value) }),
  };
}

function askHold(intersection) {
  const sentence = h("p", { class: "sentence", "aria-live": "polite" });
  const span = spanPicker(300, () => say());
  const boxes = intersection.phases.map((phase) => h("input", { type: "checkbox", value: phase.number, onchange: () => say() }));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
  const say = () => text(sentence, chosen().length ? `${intersection.id} keeps ${chosen().length > 1 ? "phases" : "phase"} ${chosen().join(" + ")} green for ${spanWords(span.choose)}, as far as the safety rules let it.` : "Choose the phases to keep green.");
  say();
  const phases = h("fieldset", { class: "choices" }, h("legend", {}, "Phases"), intersection.phases.map((phase, i) => h("label", { class: "choice" }, boxes[i], `${phase.number} ${phase.label}`)));
  return {
    title: `Hold phases at ${intersection.id} ${intersection.name}`,
    content: h("div", {}, phases, span.node, sentence),
    first: boxes[0],
    wish: () => (chosen().length ? { kind: "hold", serve: chosen(), seconds: Number(span.choose.value) } : "Choose at least one phase."),
  };
}

function askMode(intersection) {
  const sentence = h("p", { class: "sentence", "aria-live": "polite" });
  const span = spanPicker(7200, () => say());
  const mode = h("select", { onchange: () => say() }, Object.keys(MODES).map((name) => h("option", { value: name, selected: name === "shadow" }, words(name))));
  const say = () => text(sentence, `For ${spanWords(span.choose)} Arterial ${MODES[mode.value]} at ${intersection.id}.`);
  say();
  return {
    title: `Force a mode at ${intersection.id} ${intersection.name}`,
    content: h("div", {}, h("label", { class: "entry" }, h("span", {}, "Mode"), mode), span.node, sentence),
    first: mode,
    wish: () => ({ kind: "mode", mode: mode.value, seconds: Number(span.choose.value) }),
  };
}

function askResume(intersection) {
  return {
    title: `Resume ${intersection.id} ${intersection.name}`,
    content: h("p", { class: "sentence" }, `The order in force ends; ${intersection.id} runs again as the city file and its schedule say.`),
    wish: () => ({ kind: "mode", seconds: 0 }),
  };
}
