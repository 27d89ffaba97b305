"""How is a search for better parameters that was asked for on the command line carried out?"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from signal_control.model import Intersection
from simulators.evaluate_cli import jobs_of, read_intersections, seeds_of
from simulators.evaluate_pool import run_here
from simulators.evaluate_run import Run
from simulators.evaluate_table import number
from simulators.network import sumo_binary
from simulators.networks.importer import import_signals
from simulators.networks.job import Job
from simulators.networks.netfile import read_netfile
from simulators.networks.scenario import Scenario
from simulators.networks.toml_text import as_toml
from simulators.street_net import StreetError
from simulators.tune import Found, Trial, judge, search
from simulators.tune_parameters import KINDS, default_kinds, parameters_of

ROWS: Final[tuple[tuple[str, Callable[[Trial], str]], ...]] = (
    ("delay now, s", lambda t: number(t.before.value, 1)),
    ("delay of the candidate, s", lambda t: number(t.after.value, 1)),
    ("gain, s", lambda t: f"{number(-t.gain.value, 1)} ± {number(t.gain.half_width, 1)}"),
    ("p (paired t)", lambda t: number(t.gain.p, 3)),
    ("days on which it is worse", lambda t: f"{t.worse:.0%}"),
    ("on its worst day, s", lambda t: f"{t.worst_s:+.1f}"),
    ("worst movement's 95 % wait, s", lambda t: f"{t.worst_wait_s:+.0f}"),
    ("stuck vehicles", lambda t: f"{t.stuck:+.1f}"),
)


def tune(options: argparse.Namespace, console: Console | None = None) -> int:
    """Search, judge on other days, write the candidate and its diff; returns the exit code."""
    console = console or Console()
    try:
        sumo_binary("sumo")
        base = jobs_of(options)[0]
        before = intersections_of(base)
        parameters = parameters_of(before, _kinds(options.parameters, base.strategy))
        if not parameters:
            raise StreetError("nothing to tune: one intersection has no offset to others")
        seeds, others = seeds_of(options.seeds), seeds_of(options.judge_seeds)
        if set(seeds) & set(others):
            raise StreetError("--judge-seeds must be seeds that the search does not see")
        pool = _Pool(options.jobs)
        with Progress(console=Console(stderr=True), transient=True, disable=options.quiet) as progress:
            bar = progress.add_task("searching", total=options.trials)

            def tell(n: int, last_s: float, least_s: float) -> None:
                progress.update(bar, completed=n, description=f"{last_s:.1f} s, least {least_s:.1f} s")

            found = search(base, before, parameters, seeds, options.trials, pool.run, tell)
        trials = list(judge(base, before, found.intersections, others, pool.run))
    except StreetError as fault:
        print(f"tune: {fault}", file=sys.stderr)
        return 1
    _write(options.out, before, found.intersections)
    _show(console, base, found, trials, len(others))
    console.print("".join(difference(before, found.intersections)) or "The best is what there is.\n", end="")
    console.print(f"Written to {options.out}; nothing has been changed.")
    return 0


def intersections_of(base: Job) -> tuple[Intersection, ...]:
    """The intersections that a job would run with."""
    if base.intersections:
        return base.intersections
    if not isinstance(base.street, Scenario):
        return read_intersections(base.street.config)
    net = read_netfile(base.street.net, base.street.additional)
    imported, _ = import_signals(net, base.layout, base.timing)
    return tuple(x.intersection for x in imported)


def difference(before: Sequence[Intersection], after: Sequence[Intersection]) -> list[str]:
    """What changes from one to the other, as lines of a unified diff."""
    old, new = (as_toml(list(x)).splitlines(keepends=True) for x in (before, after))
    return list(difflib.unified_diff(old, new, "now", "candidate", n=1))


class _Pool:
    """Runs jobs and gives their runs in the order of the jobs."""

    def __init__(self, processes: int) -> None:
        self._processes = max(1, processes)

    def run(self, jobs: Sequence[Job]) -> list[Run]:
        """Every job, so many at a time."""
        found = dict(run_here(jobs, min(self._processes, len(jobs)), lambda n, share: None))
        return [found[n] for n in range(len(jobs))]


def _kinds(text: str, strategy: str) -> tuple[str, ...]:
    kinds = tuple(k.strip() for k in text.split(",") if k.strip()) or default_kinds(strategy)
    for kind in kinds:
        if kind not in KINDS:
            raise StreetError(f"no parameter named {kind!r}; there are: {', '.join(KINDS)}")
    return kinds


def _write(path: Path, before: Sequence[Intersection], after: Sequence[Intersection]) -> None:
    lines = [
        "# A candidate found by arterial tune. It controls nothing until somebody puts it into a city file.\n"
    ]
    lines += [f"# {line}" for line in difference(before, after)]
    path.write_text("".join(lines) + as_toml(list(after)), encoding="utf-8")


def _show(console: Console, base: Job, found: Found, trials: Sequence[Trial], days: int) -> None:
    console.print(
        f"{base.strategy}: delay {found.began_s:.1f} s to {found.delay_s:.1f} s on the days of the search, "
        f"{found.trials} trials. On {days} days that it did not see:"
    )
    table = Table()
    table.add_column("", no_wrap=True)
    for trial in trials:
        table.add_column(trial.days, justify="right")
    for heading, cell in ROWS:
        table.add_row(heading, *(cell(trial) for trial in trials))
    console.print(table)
