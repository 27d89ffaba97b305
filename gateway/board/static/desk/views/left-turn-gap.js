// Left turn gap | traffic | 40 | How many gaps does the opposing traffic leave to those who turn left on green?
import { createFrame } from "../frame.js";
import { ask, ofPhase, phaseName, something, source, span, sum, tableOf, top } from "../measures.js";
import { hm } from "../time.js";

const CLASSES = [["longer", "--c-green", "over 7.4 s, more than one turns"], ["up_to_7_4_s", "--c-blue", "3.7 to 7.4 s, one turns"], ["up_to_3_7_s", "--c-yellow", "3.3 to 3.7 s, some do"], ["up_to_3_3_s", "--c-red", "1 to 3.3 s, nobody does"]];

export async function show(place, desk) {
  const told = await ask(desk, "left_turn_gap");
  if (!something(place, desk, told, "green whose left turn meets opposing traffic")) return;
  const x = span(desk, told);
  const frame = createFrame(place, desk, {
    legend: CLASSES.map(([, color, words]) => ["bar", color, words]),
    source: `${source(told, "opposing stop-line")} Gaps per bin while the phase is green.`,
    file: `left-turn-gaps-${desk.at}`,
    table: tableOf(told),
  });
  frame.node.classList.add("two");
  const totals = told.get("longer").map((_, i) => sum(CLASSES.map(([name]) => told.get(name)[i])));
  told.phases.forEach((phase) => {
    const rows = ofPhase(told, phase);
    const useful = sum(rows.longer) + sum(rows.up_to_7_4_s);
    frame.chart({
      title: `${phaseName(desk, phase)}: ${useful.toLocaleString("en")} gaps to turn in`,
      height: 170,
      x,
      y: { range: [0, top(Math.max(...totals))], size: 52 },
      hover(ms) {
        const i = rows.start_ms.findIndex((start) => start <= ms && ms < start + told.bin_ms);
        return i < 0 ? "" : `${hm(rows.start_ms[i])}: ${CLASSES.map(([name, , words]) => `${rows[name][i]} of ${words.split(",")[0]}`).join("; ")}`;
      },
      paint(pen) {
        let bottom = rows.start_ms.map(() => 0);
        CLASSES.forEach(([name, color]) => {
          pen.bars(rows.start_ms, rows[name], told.bin_ms, color, bottom);
          bottom = bottom.map((v, i) => v + rows[name][i]);
        });
      },
    });
  });
}
