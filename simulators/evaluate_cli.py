"""What can be asked of an evaluation on the command line, and how is it carried out?"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from simulators.evaluate_facts import facts_of, read_csv, unlike, write_csv
from simulators.evaluate_pool import run_here
from simulators.evaluate_run import Run
from simulators.evaluate_table import show
from simulators.networks.detector_faults import parse_failure
from simulators.networks.importer import Timing
from simulators.networks.job import DrawnStreet, Job
from simulators.networks.layouts import LAYOUTS
from simulators.networks.scenario import Scenario, read_scenario
from simulators.street_net import StreetError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `evaluate` (long: one table, read top down)."""
    add = parser.add_argument
    add("scenario", type=Path, nargs="?", help="a SUMO configuration (.sumocfg)")
    add("--config", type=Path, help="city file of a drawn street, instead of a scenario")
    add("--street", type=Path, help="folder that `build` wrote, with --config")
    add("--strategies", default="local,max_pressure", help="with commas; the first is the base")
    add("--seeds", default="1-5", help="1-5, or 1,2,7; another seed is another day")
    add("--seconds", type=float, default=None, help="length of the window; default: the scenario's, or 3600")
    add("--layout", default="loops", choices=sorted(LAYOUTS), help="which detectors a scenario's lanes have")
    add("--yellow", type=float, help="seconds of yellow instead of the program's")
    add("--all-red", type=float, help="seconds of red clearance instead of the program's")
    add("--min-green", type=float, help="seconds of minimum green instead of the program's")
    add("--max-green", type=float, help="seconds of maximum green instead of 90")
    add("--scale", type=float, default=1.0, help="demand times so much")
    add("--jitter", type=float, default=0.0, help="shift each departure by up to so many seconds")
    add("--failures", default="", help="dead, stuck, missing or swapped detectors, as in dead:0.1")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    add("--csv", type=Path, help="write one line per run")
    add(
        "--against", type=Path, help="results (CSV) of like runs to compare with; the base is the first there"
    )
    add("--quiet", action="store_true", help="no progress bar")


def evaluate(options: argparse.Namespace, console: Console | None = None) -> int:
    """Run what is asked for and show it; returns the exit code."""
    console = console or Console()
    try:
        jobs = jobs_of(options)
        earlier = _earlier(options.against, facts_of(jobs[0]))
        runs = _run_all(jobs, max(1, options.jobs), options.quiet)
    except (StreetError, KeyError) as fault:
        text = str(fault.args[0]) if fault.args else str(fault)
        print(f"simulators evaluate: {text}", file=sys.stderr)
        return 1
    facts = facts_of(jobs[0])
    if options.csv:
        write_csv(options.csv, facts, runs)
    show([*earlier, *runs], facts, console)
    return 0


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """Every strategy on every seed; raises StreetError for what cannot be run."""
    street = _street(options)
    if options.failures:
        parse_failure(options.failures)
    timing = Timing(options.yellow, options.all_red, options.min_green, options.max_green)
    strategies = [name.strip() for name in options.strategies.split(",") if name.strip()]
    return [
        Job(street, strategy, seed, options.layout, timing, options.failures)
        for seed in seeds_of(options.seeds)
        for strategy in strategies
    ]


def seeds_of(text: str) -> list[int]:
    """`1-3,7` is 1, 2, 3, 7; raises StreetError for anything else."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.strip().isdigit() or (last and not last.strip().isdigit()):
            raise StreetError(f"{text!r} is no list of seeds such as 1-5 or 1,2,7")
        found += range(int(first), int(last or first) + 1)
    return found


def _street(options: argparse.Namespace) -> Scenario | DrawnStreet:
    if options.scenario is None:
        if options.config is None or options.street is None:
            raise StreetError("name a .sumocfg, or --config and --street of a drawn street")
        return DrawnStreet(options.config, options.street, int(options.seconds or 3600))
    scenario = read_scenario(options.scenario, options.seconds)
    return dataclasses.replace(scenario, scale=options.scale, jitter_s=options.jitter)


def _earlier(path: Path | None, facts: dict[str, str]) -> list[Run]:
    if path is None:
        return []
    before, runs = read_csv(path)
    if differences := unlike(before, facts):
        raise StreetError(f"the runs of {path} are not like these: {'; '.join(differences)}")
    return [dataclasses.replace(r, strategy=f"{r.strategy} ({path.stem})") for r in runs]


def _run_all(jobs: Sequence[Job], processes: int, quiet: bool) -> list[Run]:
    found: dict[int, Run] = {}
    shares = dict.fromkeys(range(len(jobs)), 0.0)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        bar = progress.add_task(f"{len(jobs)} runs", total=len(jobs))

        def tell(number: int, share: float) -> None:
            shares[number] = share
            progress.update(bar, completed=sum(shares.values()))

        for number, run in run_here(jobs, min(processes, len(jobs)), tell):
            found[number] = run
            tell(number, 1.0)
    return [found[n] for n in sorted(found)]
