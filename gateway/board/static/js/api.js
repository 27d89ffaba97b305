// How does the page ask the board for something and tell it something, and what if a login or a code is missing?
import { askForCode } from "./code-dialog.js";

const TRY_AGAIN = { csrf: true };
let known = null;

// A refusal: its message is for people, its code says what can be done.
export class Refusal extends Error {
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

// Who looks at the page and what he may do: { user, role, open, csrf, second_factor, ... }; asked for once.
export function me(again = false) {
  if (known === null || again) {
    known = fetch("/api/access/me", { cache: "no-store" }).then(read);
    known.catch(() => { known = null; });
  }
  return known;
}

const ROLES = ["viewer", "operator", "engineer", "admin"];
export const covers = (who, role) => ROLES.indexOf(who.role) >= ROLES.indexOf(role);

// The JSON at `path`. Without a login, the login page comes first.
export async function get(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.status === 401) toLogin();
  return read(answer);
}

// Tells the board something; asks for a second factor when the board wants one. Throws a Refusal.
export async function send(path, body, method = "POST") {
  let code = null;
  for (let tries = 0; ; tries += 1) {
    try {
      return await sendOnce(path, body, method, code);
    } catch (refusal) {
      if (refusal.code === "login") toLogin();
      if (TRY_AGAIN[refusal.code] && tries === 0) {
        await me(true);
        continue;
      }
      if (refusal.code !== "second_factor" && refusal.code !== "wrong_code") throw refusal;
      code = await askForCode(refusal.code === "wrong_code" ? refusal.message : "");
      if (code === null) throw new Refusal("Not sent: no code was given.", "cancelled", 0);
    }
  }
}

async function sendOnce(path, body, method, code) {
  const who = await me();
  const headers = { "Content-Type": "application/json" };
  if (who.csrf) headers["X-Arterial-CSRF"] = who.csrf;
  if (code) headers["X-Arterial-Code"] = code;
  return read(await fetch(path, { method, headers, body: JSON.stringify(body ?? {}) }));
}

async function read(answer) {
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw new Refusal(wordsOf(told, answer.status), told.code ?? "", answer.status);
}

function wordsOf(told, status) {
  if (typeof told.error === "string") return told.error;
  const first = Array.isArray(told.detail) ? told.detail[0]?.msg : null;
  return first ?? `the server answered ${status}`;
}

export function toLogin() {
  if (location.pathname === "/login") return;
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}
