// Detector history | detectors | 20 | Which detectors could not be believed, and when?
import { createFrame } from "../frame.js";
import { ask, something, source, span, tableOf } from "../measures.js";
import { hm } from "../time.js";

const LOOK = { ok: ["--c-blue", "counts"], silent: ["--c-grey", "silent"], stuck_on: ["--c-red", "stuck on"], erratic: ["--c-violet", "erratic"], chatter: ["--c-yellow", "chatter"] };

export async function show(place, desk) {
  const [told, model] = await Promise.all([ask(desk, "detector_health"), desk.get("/api/desk/intersection", { at: desk.at })]);
  if (!something(place, desk, told, "detector")) return;
  const [start, channel, actuations, on, state] = ["start_ms", "channel", "actuations", "on", "state"].map(told.get);
  const channels = [...new Set(channel)].sort((a, b) => b - a);
  const lanes = new Map(model.detectors.map((one) => [one.channel, one]));
  const short = innerWidth < 640;
  const name = (c) => (lanes.has(c) && !short ? `${c} ${lanes.get(c).role} ${lanes.get(c).lane}` : String(c));
  const at = new Map(start.map((ms, i) => [`${ms} ${channel[i]}`, i]));
  const most = Math.max(1, ...actuations);
  const bad = new Set(channel.filter((_, i) => !["ok", "silent"].includes(state[i])));
  const frame = createFrame(place, desk, {
    legend: Object.values(LOOK).map(([color, words]) => ["bar", color, words]),
    source: `${source(told)} Quarters of an hour; the darker the more actuations. A silent detector at night may just see nobody.`,
    file: `detectors-${desk.at}`,
    table: tableOf(told),
  });
  frame.chart({
    title: bad.size ? `Stuck, erratic or chattering at some time: ${[...bad].sort((a, b) => a - b).join(", ")}` : "No detector was stuck, erratic or chattering",
    height: 50 + 20 * channels.length,
    x: span(desk, told),
    y: { range: [-0.6, channels.length - 0.4], ticks: channels.map((_, i) => i), names: Object.fromEntries(channels.map((c, i) => [i, name(c)])), size: short ? 36 : 150 },
    hover(ms, v) {
      const c = channels[Math.round(v)];
      const i = at.get(`${Math.floor(ms / told.bin_ms) * told.bin_ms} ${c}`);
      return i === undefined ? "" : `${hm(start[i])}, detector ${c}: ${LOOK[state[i]][1]}, ${actuations[i]} actuations, on ${Math.round(100 * on[i])} % of the time`;
    },
    paint(pen) {
      start.forEach((ms, i) => {
        const row = channels.indexOf(channel[i]);
        const fine = state[i] === "ok";
        pen.ctx.globalAlpha = fine ? 0.25 + 0.75 * Math.sqrt(actuations[i] / most) : 1;
        pen.box(ms, ms + told.bin_ms, row - 0.42, row + 0.42, fine ? "--c-blue" : LOOK[state[i]][0]);
      });
      pen.ctx.globalAlpha = 1;
    },
  });
}
