// Who is logged in, as what, and what can he change about his own login?
import { get, me, send } from "./api.js";
import { codeField, field, openDialog } from "./dialog.js";
import { h, show, text } from "./dom.js";

// The account button with its menu, for any page's header.
export function createAccount() {
  const name = h("span", { class: "who-name" }, "Account");
  const menu = h("div", { class: "menu", id: "account-menu", hidden: true });
  const button = h("button", { type: "button", class: "plain", id: "account", "aria-expanded": "false", "aria-controls": "account-menu", onclick: () => toggle(menu.hidden) }, name);
  const node = h("div", { class: "account" }, button, menu);
  const toggle = (open) => {
    show(menu, open);
    button.setAttribute("aria-expanded", String(open));
  };
  document.addEventListener("click", (event) => {
    if (!node.contains(event.target)) toggle(false);
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggle(false);
    button.focus();
  });
  const fill = async () => {
    const who = await me(true);
    if (who.ends_ms) keepAwake();
    text(name, who.open ? "No login" : (who.user ?? "Log in"));
    menu.replaceChildren(...(who.open ? openMenu() : who.user ? userMenu(who, toggle, fill) : visitorMenu()));
  };
  fill().catch(() => text(name, "Account"));
  return node;
}

const SEEN_EVERY_MS = 60_000;
let seenAt = null;

// A login ends when nobody touches the page for long: so the board is told, once a minute at most, that somebody does.
function keepAwake() {
  if (seenAt !== null) return;
  seenAt = performance.now();
  const touched = () => {
    if (performance.now() - seenAt < SEEN_EVERY_MS) return;
    seenAt = performance.now();
    send("/api/access/seen").catch(() => {});
  };
  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, touched, { passive: true });
}

const openMenu = () => [
  h("b", {}, "Nobody needs to log in"),
  h("p", { class: "caption" }, "This board answers this computer only and has no users, so everything can be clicked. Logins begin with:"),
  h("p", { class: "code" }, "arterial users add NAME --role admin"),
];

const visitorMenu = () => [h("p", { class: "caption" }, "You look without a login."), h("a", { class: "plain", href: `/login?next=${encodeURIComponent(location.pathname)}` }, "Log in")];

function userMenu(who, toggle, refresh) {
  const item = (label, action) =>
    h("button", {
      type: "button",
      class: "plain",
      onclick: async () => {
        toggle(false);
        await action(who);
        refresh();
      },
    }, label);
  const ends = who.ends_ms ? `, until ${new Date(who.ends_ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })} at the latest` : "";
  return [
    h("b", { class: "code" }, who.user),
    h("p", { class: "caption" }, `Role: ${who.role}. May ${who.may.join("; ")}.`),
    h("p", { class: "caption" }, `Logged in by ${who.how}${ends}.`),
    h("p", { class: "caption" }, who.second_factor ? "Second factor: set up." : "No second factor yet: without it no signal can be changed."),
    item(who.second_factor ? "Set up another second factor" : "Set up a second factor", setUp),
    who.has_password ? item("Change password", changePassword) : null,
    who.role === "admin" ? item("Users and tokens", showUsers) : null,
    item("Log out", logOut),
  ].filter(Boolean);
}

const day = (ms) => (ms ? new Date(ms).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "2-digit" }) : "never");

function listing(titles, rows) {
  return h("table", {}, h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))));
}

// Read only: users and tokens are made and ended on arterial's own machine.
async function showUsers() {
  const { users, tokens } = await get("/api/access/users");
  await openDialog({
    title: "Users and tokens",
    content: h(
      "div",
      {},
      listing(["User", "Role", "Factor"], users.map((one) => [one.name, one.role, one.second_factor ? "yes" : "no"])),
      h("h3", { class: "spaced" }, "Tokens"),
      tokens.length ? listing(["Token", "Role", "Used; ends"], tokens.map((one) => [one.name, `${one.role} ${one.user ? `for ${one.user}` : one.signals ? "for a machine, signals too" : "for a machine"}`, `${day(one.used_ms)}; ${day(one.ends_ms)}`])) : h("p", { class: "caption" }, "None."),
      h("p", { class: "caption" }, "Made and ended at the terminal of arterial's own machine: arterial users, arterial tokens."),
    ),
    confirm: "Close",
    cancel: "",
  });
}

async function logOut() {
  await send("/api/access/logout");
  location.assign("/login");
}

const passwordField = (label, autocomplete) => field(label, { type: "password", autocomplete, required: true, maxlength: 256 });

// Runs `action`; returns what is wrong as a sentence, or "".
async function faultOf(action) {
  try {
    await action();
    return "";
  } catch (refusal) {
    return `${refusal.message}.`;
  }
}

async function changePassword(who) {
  const old = passwordField("Password now", "current-password");
  const fresh = passwordField("New password", "new-password");
  const code = who.second_factor ? codeField() : null;
  const done = await openDialog({
    title: "Change password",
    content: h("div", {}, h("p", { class: "caption" }, "At least 12 characters. You log in again afterwards; your tokens end."), old.node, fresh.node, code?.node),
    confirm: "Change",
    first: old.input,
    submit: () => faultOf(() => send("/api/access/password", { password: old.input.value, code: code?.input.value ?? "", new: fresh.input.value })),
  });
  if (done) location.assign("/login");
}

async function setUp(who) {
  const made = await proveAgain(who);
  if (!made) return;
  const code = field("Code it shows now", { name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 6, required: true });
  let codes = [];
  const done = await openDialog({
    title: "Scan this with an authenticator app",
    content: h("div", {}, h("img", { class: "qr", src: made.picture, alt: "QR code for the authenticator app" }), h("p", { class: "caption" }, "Or type this key there:"), h("p", { class: "code" }, made.secret), code.node),
    confirm: "Use it",
    first: code.input,
    submit: () => faultOf(async () => {
      codes = (await send("/api/access/totp/confirm", { code: code.input.value.trim() })).recovery_codes;
    }),
  });
  if (!done) return;
  await openDialog({
    title: "Keep these recovery codes",
    content: h("div", {}, h("p", { class: "caption" }, "Each counts once in place of a code, for the day the phone is lost. They are not shown again."), h("ul", { class: "code" }, codes.map((one) => h("li", {}, one)))),
    confirm: "I keep them",
    cancel: "",
  });
}

async function proveAgain(who) {
  if (!who.has_password && !who.second_factor) return send("/api/access/totp", {});
  const password = who.has_password ? passwordField("Your password", "current-password") : null;
  const code = who.second_factor ? codeField("Code of the second factor you have now") : null;
  let made = null;
  await openDialog({
    title: "Set up a second factor",
    content: h("div", {}, h("p", { class: "caption" }, "First prove again that it is you."), password?.node, code?.node),
    confirm: "Go on",
    first: (password ?? code).input,
    submit: () => faultOf(async () => {
      made = await send("/api/access/totp", { password: password?.input.value ?? "", code: code?.input.value ?? "" });
    }),
  });
  return made;
}
