// What must a person know before trusting the numbers on this page?
import { show, text } from "./dom.js";
import { age } from "./format.js";
import { isWallOld } from "./freshness.js";

export function createNotice() {
  const node = document.getElementById("notice");
  const [message, detail] = node.children;
  let live = null;
  return {
    update(next) {
      live = next;
    },
    // The message is read out once; the seconds beside it only run on the screen.
    setConnection(connection) {
      const [what, since] = whatIsWrong(connection, live);
      document.body.classList.toggle("stale", what !== "" && live !== null);
      show(node, what !== "");
      text(message, what);
      text(detail, since);
    },
  };
}

function whatIsWrong({ phase, silentS, retryS }, live) {
  const again = retryS > 0 ? `Trying again in ${Math.ceil(retryS)} s.` : "Trying again.";
  if (phase === "unreachable") return [`Arterial does not answer at ${location.host}.`, again];
  if (phase === "lost") return ["Connection lost.", `Everything below is ${age(silentS)} old. ${again}`];
  if (phase === "silent") return ["Connected, but no message arrives.", `Everything below is ${age(silentS)} old.`];
  const clockAge = live?.clock.age_s;
  if (isWallOld(clockAge)) return ["The street is silent.", `Signals and queues below are ${age(clockAge)} old.`];
  return ["", ""];
}
