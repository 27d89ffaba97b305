"""How is an evaluation that was asked for on the command line carried out?"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from signal_control.model import Intersection, intersections_in
from simulators.evaluate_facts import facts_of, read_csv, unlike, write_csv
from simulators.evaluate_json import note_progress, write_json
from simulators.evaluate_pool import run_here
from simulators.evaluate_ray import run_on_ray
from simulators.evaluate_report import write_report
from simulators.evaluate_run import Run
from simulators.evaluate_table import show
from simulators.network import sumo_binary
from simulators.networks.detector_faults import parse_failure
from simulators.networks.job import DrawnStreet, Job
from simulators.networks.scenario import Scenario, read_scenario
from simulators.networks.timing import Timing
from simulators.street_net import StreetError


def evaluate(options: argparse.Namespace, console: Console | None = None) -> int:
    """Run what is asked for and show it; returns the exit code."""
    console = console or Console()
    try:
        sumo_binary("sumo")
        jobs = jobs_of(options)
        earlier = _earlier(options.against, facts_of(jobs[0]))
        runs = _run_all(jobs, options)
    except StreetError as fault:
        print(f"evaluate: {fault}", file=sys.stderr)
        return 1
    facts = facts_of(jobs[0])
    if options.csv:
        write_csv(options.csv, facts, runs)
    if options.json:
        write_json(options.json, facts, [*earlier, *runs])
    if options.html:
        write_report(options.html, facts, [*earlier, *runs])
    show([*earlier, *runs], facts, console)
    return 0


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """Every strategy on every seed; raises StreetError for what cannot be run."""
    street = _street(options)
    if options.failures:
        parse_failure(options.failures)
    timing = timing_of(options)
    strategies = [name.strip() for name in options.strategies.split(",") if name.strip()]
    told = Job(street, strategies[0], 0, options.layout, timing, options.failures)
    if options.intersections:
        written = read_intersections(options.intersections)
        told = dataclasses.replace(told, intersections=written, named=options.intersections.stem)
    return [
        dataclasses.replace(told, strategy=strategy, seed=seed)
        for seed in seeds_of(options.seeds)
        for strategy in strategies
    ]


def read_intersections(path: Path) -> tuple[Intersection, ...]:
    """The intersections of a city file; raises StreetError when there are none or one is unsound."""
    try:
        return intersections_in(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError) as fault:
        raise StreetError(f"{path}: no intersections that can be used: {fault}") from fault


def timing_of(options: argparse.Namespace) -> Timing:
    """The intervals that take the place of the program's own."""
    return Timing(options.yellow, options.all_red, options.min_green, options.max_green)


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


def _run_all(jobs: Sequence[Job], options: argparse.Namespace) -> list[Run]:
    found: dict[int, Run] = {}
    processes = max(1, min(options.jobs, len(jobs)))
    shares = dict.fromkeys(range(len(jobs)), 0.0)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=options.quiet) as progress:
        bar = progress.add_task(f"{len(jobs)} runs", total=len(jobs))

        def tell(number: int, share: float) -> None:
            shares[number] = share
            progress.update(bar, completed=sum(shares.values()))
            note_progress(options.progress, sum(shares.values()) / len(jobs))

        if options.ray:
            running = run_on_ray(jobs, options.ray, processes, tell)
        else:
            running = run_here(jobs, processes, tell)
        for number, run in running:
            found[number] = run
            tell(number, 1.0)
    return [found[n] for n in sorted(found)]
