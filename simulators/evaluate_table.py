"""Which of several strategies loses least time, over several seeds, printed as a table?"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from simulators.evaluate import SETTLE_S, Run, Score, run, score
from simulators.runner import read_config

CAPTION = (
    f"Delay per trip finished after the first {SETTLE_S / 60:g} min, and its difference to the first "
    "strategy on the same seeds; left: vehicles on the way at the end; RMSE and bias of the queue "
    "estimate per lane in vehicles; intervals: Student t"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to compare: every strategy on every seed, `seconds` of street time each."""

    config: Path
    street: Path
    strategies: tuple[str, ...]
    seeds: tuple[int, ...]
    seconds: int


def compare(wish: Wish, console: Console | None = None) -> int:
    """Run everything, one process per run, and print the scores; returns the exit code."""
    console = console or Console()
    runs: dict[str, list[Run]] = {strategy: [] for strategy in wish.strategies}
    context = multiprocessing.get_context("spawn")  # SUMO keeps one street per process for good
    with (
        ProcessPoolExecutor(2, mp_context=context, max_tasks_per_child=1) as pool,
        Progress(console=console, transient=True) as progress,
    ):
        bar = progress.add_task("running streets", total=len(wish.strategies) * len(wish.seeds))
        jobs = [pool.submit(_one, wish, s, seed) for seed in wish.seeds for s in wish.strategies]
        for job in as_completed(jobs):
            done = job.result()
            runs[done.strategy].append(done)
            progress.advance(bar)
    base = runs[wish.strategies[0]]
    console.print(as_table([score(found, base) for found in runs.values()], wish))
    return 0


def as_table(scores: list[Score], wish: Wish) -> Table:
    """The scores, best first."""
    title = f"{wish.seconds / 60:g} min of street time, seeds {', '.join(map(str, wish.seeds))}"
    table = Table(title=title, caption=CAPTION)
    table.add_column("strategy", no_wrap=True)
    headings = (
        "delay s",
        "± 95 %",
        f"to {wish.strategies[0]}",
        "± 95 %",
        "trips",
        "left",
        "RMSE",
        "bias veh",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for found in sorted(scores, key=lambda s: s.delay_s):
        delays = (found.delay_s, found.half_width_s, found.against_s, found.against_half_width_s)
        numbers = (*delays, found.trips, found.unfinished)
        errors = (found.rmse_veh, found.bias_veh)
        cells = [*(f"{n:.1f}" for n in numbers), *(f"{n:.2f}" for n in errors)]
        table.add_row(found.strategy, *("-" if cell == "nan" else cell for cell in cells))
    return table


def _one(wish: Wish, strategy: str, seed: int) -> Run:
    site, intersections = read_config(wish.config)
    return asyncio.run(run(wish.config, wish.street, site, intersections, strategy, seed, wish.seconds))
