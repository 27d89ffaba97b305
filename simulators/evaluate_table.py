"""How are the results of an evaluation shown on a terminal?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from simulators.evaluate_measures import MEASURES, Measure, by_strategy, mean_of, paired
from simulators.evaluate_run import Run

TABLES: Final = {
    "Traffic": (
        *("stops", "queue_veh", "signal_wait_s", "worst_wait_p95_s", "ped_wait_s"),
        *("finished", "never_in", "co2_kg", "fuel_l"),
    ),
    "Safety, estimates and effort": (
        *("full_lane_s", "stuck", "teleports", "collisions", "interventions", "conflicts", "flash_s"),
        *("queue_rmse", "queue_bias", "queue_cover", "decide_ms", "decide_p99_ms", "wall_s"),
    ),
}


def show(runs: Sequence[Run], facts: Mapping[str, str], console: Console) -> None:
    """Print delay with its interval and against the first strategy, then everything else."""
    found = by_strategy(runs)
    console.print(_delays(found, facts))
    for title, keys in TABLES.items():
        console.print(_others(title, [m for m in MEASURES if m.key in keys], found))


def number(value: float, digits: int) -> str:
    """A number, or a dash where there is none."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def title_of(runs: Sequence[Run], facts: Mapping[str, str]) -> str:
    """What was run, in one line."""
    seeds = sorted({r.seed for r in runs})
    minutes = (float(facts["end_s"]) - float(facts["begin_s"])) / 60
    words = [f"{facts['scenario']}, {minutes:g} min, layout {facts['layout']}, timing {facts['timing']}"]
    words += [f"demand x {facts['scale']}"] if facts["scale"] != "1" else []
    words += [f"jitter {facts['jitter_s']} s"] if facts["jitter_s"] != "0" else []
    words += [f"failures {facts['failures']}"] if facts["failures"] else []
    words.append(f"seeds {', '.join(map(str, seeds))}")
    return ", ".join(words)


def _delays(found: Mapping[str, Sequence[Run]], facts: Mapping[str, str]) -> Table:
    base = next(iter(found))
    runs = [run for same in found.values() for run in same]
    table = Table(title=title_of(runs, facts), caption="delay per trip; intervals are 95 %, Student t")
    for heading in ("strategy", "delay s", "± 95 %", f"to {base}", "± 95 %", "p", "seeds"):
        table.add_column(heading, justify="left" if heading == "strategy" else "right", no_wrap=True)
    for name, same in sorted(found.items(), key=lambda item: mean_of(item[1], "delay_s").value):
        delay, gain = mean_of(same, "delay_s"), paired(same, found[base])
        cells = [number(delay.value, 1), number(delay.half_width, 1)]
        against = [number(gain.value, 1), number(gain.half_width, 1), number(gain.p, 3)]
        cells += ["", "", ""] if name == base else against
        table.add_row(name, *cells, str(len(same)))
    return table


def _others(title: str, measures: Sequence[Measure], found: Mapping[str, Sequence[Run]]) -> Table:
    """A row per measure that any run has, so that many of them fit a narrow terminal."""
    table = Table(title=title)
    table.add_column("mean over seeds", no_wrap=True)
    for name in found:
        table.add_column(name, justify="right")
    for measure in measures:
        means = [mean_of(same, measure.key).value for same in found.values()]
        if not all(math.isnan(mean) for mean in means):
            table.add_row(measure.heading, *(number(mean, measure.digits) for mean in means))
    return table
