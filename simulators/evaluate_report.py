"""How does an evaluation become one page that needs nothing else to be read?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from simulators.evaluate_facts import FACTS
from simulators.evaluate_measures import MEASURES, Mean, Measure, by_strategy, mean_of, paired
from simulators.evaluate_plot import dots
from simulators.evaluate_run import Run
from simulators.evaluate_table import number, title_of

DRAWN: Final = ("delay_s", "stops", "worst_wait_p95_s", "queue_veh", "co2_kg", "queue_rmse")

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --dim: #6b7885; --line: #d7dde3; --dot: #2f6fb3;
  --paper: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf0; --dim: #93a0ad; --line: #38434e; --dot: #6aa9e9; --paper: #161c22 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 900px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right }
th:first-child, td:first-child { text-align: left } .scroll { overflow-x: auto }
figure { margin: 1.2rem 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto }
svg text { font-size: 12px; fill: var(--ink) } svg .tick { fill: var(--dim) }
.grid { stroke: var(--line) } .zero { stroke: var(--dim) } .seed { fill: var(--dot); fill-opacity: .35 }
.interval { stroke: var(--dot); stroke-width: 5; stroke-opacity: .6 }
.mean { stroke: var(--ink); stroke-width: 2 }
p, .note { color: var(--dim) }
"""


def write_report(path: Path, facts: Mapping[str, str], runs: Sequence[Run]) -> None:
    """Write the page; the first strategy is the base of the differences."""
    found = by_strategy(runs)
    body = [
        f"<h1>{escape(title_of(runs, facts))}</h1>",
        "<p>Delay is time lost and departure delay of every trip, finished or not; vehicles that never got "
        "in count with their waiting. Bars are 95 % intervals (Student t), dots are seeds. Simulated delay "
        "is not a field result.</p>",
        _delay_table(found),
        *(_drawn(measure, found) for measure in MEASURES if measure.key in DRAWN),
        _differences(found),
        "<h2>Everything that was measured</h2>",
        _all_table(found),
        "<h2>What was run</h2>",
        _facts_table(facts),
    ]
    head = f"<meta charset='utf-8'><title>{escape(title_of(runs, facts))}</title><style>{_STYLE}</style>"
    view = "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    page = f"<!doctype html><html lang='en'><head>{view}{head}</head><body>{''.join(body)}</body></html>\n"
    path.write_text(page, encoding="utf-8")


def _drawn(measure: Measure, found: Mapping[str, Sequence[Run]]) -> str:
    rows = {
        name: ([r.values[measure.key] for r in same], mean_of(same, measure.key))
        for name, same in found.items()
    }
    return dots(f"{measure.heading}: {measure.doc}", rows)


def _differences(found: Mapping[str, Sequence[Run]]) -> str:
    base, *others = found
    rows = {}
    for name in others:
        same = {r.seed: r.values["delay_s"] for r in found[base]}
        gains = [r.values["delay_s"] - same[r.seed] for r in found[name] if r.seed in same]
        gain = paired(found[name], found[base])
        rows[name] = (gains, Mean(gain.value, gain.half_width))
    return dots(f"delay less that of {base} on the same seed, s (negative: better)", rows)


def _delay_table(found: Mapping[str, Sequence[Run]]) -> str:
    base = next(iter(found))
    rows = []
    for name, same in sorted(found.items(), key=lambda item: mean_of(item[1], "delay_s").value):
        delay, gain = mean_of(same, "delay_s"), paired(same, found[base])
        cells = [_spread(delay), _spread(Mean(gain.value, gain.half_width)), number(gain.p, 3)]
        rows.append([name, cells[0], *(("", "") if name == base else cells[1:]), str(len(same))])
    return _table(["strategy", "delay s", f"less {base}, s", "p (paired t)", "seeds"], rows)


def _all_table(found: Mapping[str, Sequence[Run]]) -> str:
    rows = []
    for m in MEASURES:
        means = [mean_of(same, m.key) for same in found.values()]
        if any(mean.value == mean.value for mean in means):
            rows.append([f"{m.heading}: {m.doc}", *(_spread(mean, m.digits) for mean in means)])
    worst = [max(same, key=lambda r: r.values["worst_wait_p95_s"]).worst_movement for same in found.values()]
    rows.append(["movement with the longest waits", *worst])
    return _table(["mean over seeds, ± 95 %", *found], rows)


def _facts_table(facts: Mapping[str, str]) -> str:
    return _table(["", ""], [[name, facts.get(name, "") or "none"] for name in FACTS])


def _spread(mean: Mean, digits: int = 1) -> str:
    known = number(mean.half_width, digits)
    return number(mean.value, digits) + ("" if known == "-" else f" ± {known}")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
