// Which city is this, what time is it there, who runs the signals, and how does one change that?
import { createAccount } from "./account.js";
import { h, attr, show, text } from "./dom.js";
import { age, clock, dayTime, fixed, words } from "./format.js";
import { isWallOld } from "./freshness.js";
import { switchStrategy } from "./connection.js";
import { onTheme, theme, toggleTheme } from "./theme.js";

const CONNECTION = {
  connecting: "Connecting",
  open: "Live",
  silent: "Silent",
  lost: "Disconnected",
  unreachable: "No answer",
};

export function createHeader() {
  const name = h("h1", {}, "Arterial");
  const time = h("span", { class: "clock" }, "--:--:--");
  const profile = h("span", { class: "caption" }, "Street clock");
  const speed = h("span", { class: "speed", hidden: true });
  const state = h("span", { class: "state", id: "connection" });
  const running = h("span", { class: "caption", id: "running", "aria-live": "polite" });
  const control = createSwitch(running);
  document.getElementById("header").append(
    h("div", { class: "place" }, name, state),
    h("div", { class: "time" }, h("span", { class: "time-line" }, time, h("span", { class: "zone" }, "UTC"), speed), profile),
    h("div", { class: "control" }, running, control.node),
    h("div", { class: "corner" }, h("a", { class: "plain", href: "/desk" }, "Desk"), createAccount(), themeButton()),
  );
  return {
    setCity(city) {
      text(name, city.name);
      control.setCity(city);
    },
    setConnection({ phase }) {
      text(state, CONNECTION[phase]);
      attr(state, "data-phase", phase);
    },
    update(live) {
      text(time, live.clock.age_s === null ? "--:--:--" : clock(live.now_ms));
      text(profile, profileWords(live.clock));
      show(speed, live.clock.speed !== 1 && live.clock.source === "street");
      text(speed, `${fixed(live.clock.speed, Math.abs(live.clock.speed - Math.round(live.clock.speed)) < 0.1 ? 0 : 1)}×`);
      attr(speed, "title", `Street time runs at ${fixed(live.clock.speed, 2)} times wall time`);
      control.update(live);
    },
  };
}

function profileWords({ source, profile_s: profile, age_s: seconds }) {
  if (seconds === null) return "Waiting for the street clock";
  if (isWallOld(seconds)) return `Street clock, ${age(seconds)} old`;
  if (profile !== null && profile !== undefined) return `${dayTime(profile)} on the demand profile`;
  return source === "street" ? "Street clock" : "System clock";
}

function themeButton() {
  const button = h("button", { type: "button", class: "plain theme", onclick: toggleTheme });
  const label = () => {
    text(button, theme() === "dark" ? "Light" : "Dark");
    attr(button, "aria-label", `Use the ${theme() === "dark" ? "light" : "dark"} theme`);
  };
  onTheme(label);
  label();
  return button;
}

function createSwitch(caption) {
  const choices = { fixed: null, adaptive: null };
  let pending = null;
  let fault = "";
  const button = (kind, label) =>
    h("button", { type: "button", id: `use-${kind}`, "aria-pressed": "false", onclick: () => choose(kind) }, label);
  const fixedButton = button("fixed", "Fixed time");
  const adaptiveButton = button("adaptive", "Adaptive");
  const node = h("div", { class: "segmented", role: "group", "aria-label": "Who decides the greens" }, fixedButton, adaptiveButton);

  async function choose(kind) {
    pending = kind;
    fault = "";
    text(caption, "Switching");
    try {
      await switchStrategy(choices[kind], null);
    } catch (reason) {
      fault = `Not switched: ${reason.message}`;
      pending = null;
    }
  }

  return {
    node,
    setCity(city) {
      choices.fixed = "fixed_time";
      choices.adaptive = city.default_adaptive;
    },
    update(live) {
      const kind = whoRuns(live);
      if (pending === kind.kind) pending = null;
      for (const [one, control] of [["fixed", fixedButton], ["adaptive", adaptiveButton]]) {
        attr(control, "aria-pressed", String(kind.kind === one));
        attr(control, "data-pending", pending === one);
        attr(control, "disabled", kind.kind === "none");
      }
      text(caption, fault || (pending ? "Switching" : kind.words));
    },
  };
}

// One strategy everywhere, or mixed; a city without intersections runs none.
function whoRuns(live) {
  const running = Object.values(live.intersections).map((one) => one.strategy);
  const names = [...new Set(running)].sort();
  if (names.length === 0) return { kind: "none", words: "No intersections" };
  if (names.length === 1) return { kind: names[0] === "fixed_time" ? "fixed" : "adaptive", words: words(names[0]) };
  const counts = names.map((name) => `${running.filter((one) => one === name).length} ${words(name).toLowerCase()}`);
  return { kind: "mixed", words: `Mixed: ${counts.join(", ")}` };
}
