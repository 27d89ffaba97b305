"""How soon is every scripted incident noticed, and is a whole quiet day quiet? Prints a table.

python -m tests.bench.bench_alarms [--day]: with --day 24 simulated hours of 300 meters, 120 bins and one
intersection under adaptive control (some minutes).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.scenarios.drill import Drill
from tests.scenarios.incidents import Incident, Outcome, play, unscripted
from tests.scenarios.script import DEVICES, SPLITS, STREETS

DAY_S = 86_400


def main() -> None:
    """Run the scripts, and with --day a day on which nothing happens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", action="store_true", help="also run the whole quiet day")
    wanted = parser.parse_args()
    console, began_s = Console(width=130), time.perf_counter()
    outcomes: list[Outcome] = []
    others: list[str] = []
    for drill, script, every_s in _drills():
        outcomes += play(drill, script, every_s)
        others += unscripted(drill, script)
    console.print(_table(outcomes))
    good = sum(one.good for one in outcomes)
    took_s = time.perf_counter() - began_s
    console.print(f"{good} of {len(outcomes)} as declared, {len(others)} others raised, {took_s:.0f} s")
    if wanted.day:
        console.print(_day())


def _drills() -> list[tuple[Drill, Sequence[Incident], int]]:
    street = {"city_file": "city.toml", "meters": 0, "bins": 0, "strategy": "fixed_time"}
    return [
        (Drill(intersections=0), DEVICES, 10),
        (Drill(**street), STREETS, 1),  # type: ignore[arg-type]
        (Drill(**street), SPLITS, 1),  # type: ignore[arg-type]
    ]


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="Incidents (seconds after begin and end)", title_justify="left")
    for column in ("incident", "alarm", "raised", "after", "within", "over after", "within", ""):
        table.add_column(column)
    for one in outcomes:
        i = one.incident
        came = "never" if one.raised_after_s is None else f"{one.raised_after_s:.0f}"
        went = "never" if one.cleared_after_s is None else f"{one.cleared_after_s:.0f}"
        verdict = "ok" if one.good else "NOT AS DECLARED"
        limits = (str(i.raise_within_s), str(i.clear_within_s))
        table.add_row(i.title, i.rule, str(one.raised), came, limits[0], went, limits[1], verdict)
    return table


def _day() -> str:
    began_s = time.perf_counter()
    devices = Drill(intersections=0, meters=300, bins=120)
    devices.run(DAY_S, every_s=10)
    street = Drill("city.toml", meters=0, bins=0)
    street.run(DAY_S)
    raised = [h.alarm.text for drill in (devices, street) for h in drill.told("raised")]
    return (
        f"A quiet day: {len(raised)} alarms ({'; '.join(raised[:5])}), {time.perf_counter() - began_s:.0f} s"
    )


if __name__ == "__main__":
    main()
