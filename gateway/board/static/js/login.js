// How does a person log in?
import { me, send } from "./api.js";
import { field } from "./dialog.js";
import { h } from "./dom.js";

const card = document.getElementById("login");
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];
const FAULTS = {
  refused: "The login server did not let you in.",
  role: "The login server knows you, but none of your roles there counts here. An admin can change that in [oidc] roles.",
  unreachable: "The login server does not answer.",
  name: "The login server's name for you belongs to another user here.",
};

// Only a path of this board: nobody is sent elsewhere after logging in.
function next() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : "/";
}

try {
  const who = await me();
  if (who.user !== null) location.replace(next());
  else render(who);
} catch (reason) {
  card.replaceChildren(h("h1", {}, "Arterial"), h("p", { class: "quiet" }, `The board does not answer: ${reason.message}`));
}

function render(who) {
  if (who.city) document.title = `Log in · ${who.city}`;
  const fault = h("p", { class: "fault", role: "alert" }, FAULTS[new URLSearchParams(location.search).get("fault")] ?? "");
  const parts = [
    h("h1", {}, who.city || "Arterial"),
    h("p", { class: "caption" }, "Arterial: telemetry and signals"),
    who.hint ? h("p", { class: "warning code" }, who.hint) : null,
    !who.encrypted && !LOCAL.includes(location.hostname) ? h("p", { class: "warning" }, "This connection is not encrypted: others on the network can read what you type.") : null,
    fault,
    who.server ? h("a", { class: "plain primary", href: `/oidc/login?next=${encodeURIComponent(next())}` }, who.server) : null,
    who.server ? h("p", { class: "or" }, "or with a password of this board") : null,
    form(fault),
    who.role === "viewer" ? h("a", { class: "plain", href: next() }, "Only look") : null,
  ];
  card.replaceChildren(...parts.filter(Boolean));
  card.querySelector(".primary, input")?.focus();
}

function form(fault) {
  const name = field("Name", { name: "username", autocomplete: "username", required: true, maxlength: 64, autocapitalize: "off", spellcheck: "false" });
  const password = field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 256 });
  const button = h("button", { type: "submit", class: "plain primary" }, "Log in");
  const node = h("form", { id: "login-form" }, name.node, password.node, button);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = "";
    try {
      await send("/api/access/login", { name: name.input.value, password: password.input.value });
      location.replace(next());
    } catch (refusal) {
      fault.textContent = `Not logged in: ${refusal.message}.`;
      button.disabled = false;
      password.input.select();
    }
  });
  return node;
}
