// Is the board hearing from the city, and if not, since when and when does it try again?
import { me, send, toLogin } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { words } from "./format.js";

const SILENT_S = 5;
const LOGIN_ENDED = 4401;
const LONGEST_WAIT_S = 10;

export class Connection {
  // onCity(city) once per (re)connect, onLive(live) per message; state() says how it stands.
  constructor({ onCity, onLive }) {
    this.onCity = onCity;
    this.onLive = onLive;
    this.phase = "connecting";
    this.heardAt = null;
    this.retryAt = 0;
    this.failures = 0;
    this.#start();
  }

  state() {
    const now = performance.now();
    const silentS = this.heardAt === null ? null : (now - this.heardAt) / 1000;
    const silent = this.phase === "open" && silentS !== null && silentS > SILENT_S;
    return {
      phase: silent ? "silent" : this.phase,
      silentS,
      retryS: Math.max(0, (this.retryAt - now) / 1000),
    };
  }

  async #start() {
    this.phase = this.heardAt === null ? "connecting" : "lost";
    try {
      const answer = await fetch("/api/city", { cache: "no-store" });
      if (answer.status === 401) return toLogin();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.onCity(await answer.json());
    } catch (reason) {
      if (!(reason instanceof TypeError) && !String(reason.message).startsWith("status")) throw reason;
      this.#later();
      return;
    }
    this.#listen();
  }

  #listen() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    socket.addEventListener("message", ({ data }) => {
      this.phase = "open";
      this.failures = 0;
      this.heardAt = performance.now();
      this.onLive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => (code === LOGIN_ENDED ? toLogin() : this.#later()));
  }

  #later() {
    this.phase = this.heardAt === null ? "unreachable" : "lost";
    const waitS = Math.min(LONGEST_WAIT_S, 2 ** this.failures);
    this.failures += 1;
    this.retryAt = performance.now() + 1000 * waitS;
    setTimeout(() => this.#start(), 1000 * waitS);
  }
}

// Where people log in, they confirm first; on one computer without users a click is enough.
export async function switchStrategy(strategy, intersection) {
  const wish = () => send("/api/strategy", { strategy, intersection });
  if ((await me()).open) return wish();
  const where = intersection ?? "every intersection";
  const done = await openDialog({
    title: "Switch strategy",
    content: h("p", { class: "sentence" }, `${words(strategy)} decides the greens at ${where} from now on.`),
    confirm: "Switch",
    submit: async () => {
      try {
        await wish();
        return "";
      } catch (refusal) {
        return `Not switched: ${refusal.message}.`;
      }
    },
  });
  if (!done) throw new Error("you cancelled it");
  return true;
}
