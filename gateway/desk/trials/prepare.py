"""What does a trial run on and with: street, demand, sheets, and which commands?"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gateway.config.words import no_such
from gateway.desk.sheet.past import draft, wanted_by
from gateway.desk.sheet.places import Edits, plain
from gateway.desk.trials.demand import counted, demand
from gateway.desk.trials.settings import WHAT_TO_SAY
from gateway.desk.workbench import DeskError, Workbench, span_ns
from signal_control.view import strategies

LOCAL: Final = "local"
"""Not a strategy: cabinets run their own plan."""
LONGEST_H: Final = 3.0
LEAST_S: Final = 900

Edited = dict[str, bool | int | float | str | list[Any] | None]


class Wish(BaseModel):
    """What to try: a strategy, other values or an earlier version of the sheet of `at`, against what runs.

    The traffic is that of the range. `base` and `strategy` are strategies, or `local` for the plan.
    """

    model_config = ConfigDict(extra="forbid")

    at: str = ""
    base: str = LOCAL
    strategy: str = LOCAL
    edits: Edited = Field(default={}, max_length=400)
    version: str = Field(default="", max_length=64)
    from_ms: int
    to_ms: int
    seeds: Annotated[int, Field(ge=1, le=20)] | None = None


class Prepared(BaseModel):
    """The commands' arguments, one run after the other, and what must be said of the traffic."""

    runs: list[list[str]]
    remarks: list[str]


async def prepared(bench: Workbench, wish: Wish, folder: Path) -> Prepared:
    """Write what the trial needs into `folder`. Raises DeskError, StoreUnavailable and OSError."""
    begin, end = span_ns(wish.from_ms, wish.to_ms, LONGEST_H)
    seconds = (end - begin) // 1_000_000_000
    if seconds < LEAST_S:
        raise DeskError("a trial needs a quarter of an hour at least; choose a longer range", 422)
    for name in (wish.base, wish.strategy):
        if name not in (LOCAL, *strategies()):
            raise DeskError(no_such("strategy", name, (LOCAL, *strategies())), 422)
    sheet = _other_sheet(bench, wish, folder)
    if sheet is None and wish.base == wish.strategy:
        raise DeskError("both sides are the same: choose another strategy, or other values", 422)
    street, remarks = await _street(bench, folder, begin, end, seconds)
    return Prepared(runs=_runs(bench, wish, folder, street, sheet), remarks=remarks)


def _other_sheet(bench: Workbench, wish: Wish, folder: Path) -> Path | None:
    """The city file with the sheet that is to be tried; None when it is the one that runs."""
    edits: Edits = wish.edits
    if not edits and not wish.version:
        return None
    x = bench.intersection(wish.at)
    wanted = wanted_by(x, bench.var / "audit", edits, wish.version)
    if wanted == plain(x):
        return None
    found = draft(bench.settings, _city_file(bench), x, wanted)
    path = folder / "changed.toml"
    path.write_text(found.text, encoding="utf-8")
    return path


async def _street(
    bench: Workbench, folder: Path, begin: int, end: int, seconds: int
) -> tuple[list[str], list[str]]:
    """Arguments that name the street, and remarks on its demand. Raises DeskError."""
    simulation = bench.settings.simulation
    if simulation.scenario is not None:
        scenario = _beside(bench, simulation.scenario)
        own = f"The demand is {scenario.name}'s own, from its begin on; it is not that of the range."
        return [str(scenario), "--seconds", str(seconds)], [own]
    built = _beside(bench, simulation.street) if simulation.street is not None else bench.street
    if built is None:
        raise DeskError(WHAT_TO_SAY, 409)
    text, remarks = await _demand(bench, built / "demand.toml", begin, end, seconds)
    street = folder / "street"
    shutil.copytree(built, street, ignore=shutil.ignore_patterns("clock.json"))
    (street / "demand.toml").write_text(text, encoding="utf-8")
    return ["--config", str(_city_file(bench)), "--street", str(street), "--seconds", str(seconds)], remarks


async def _demand(
    bench: Workbench, template: Path, begin: int, end: int, seconds: int
) -> tuple[str, list[str]]:
    city = bench.settings.intersections
    lanes: dict[str, list[int]] = {}
    remarks = ["Flows and turns are those that detectors counted in the range, quarter by quarter."]
    for x in city:
        log = await bench.store.events(x.id, begin, end)
        found = await asyncio.to_thread(counted, x, log, begin, end)
        lanes |= found.lanes
        remarks += [f"{x.id}: {why}" for why in found.why]
    if not any(any(counts) for counts in lanes.values()):
        raise DeskError("nothing was counted in this range; choose another", 422)
    text, more = await asyncio.to_thread(demand, template, city, lanes, seconds)
    return text, [*remarks, *more]


def _runs(
    bench: Workbench, wish: Wish, folder: Path, street: Sequence[str], sheet: Path | None
) -> list[list[str]]:
    """One command for both sides, or two where the sheets differ: the second compares with the first."""
    seeds = f"1-{wish.seeds or bench.settings.simulation.seeds}"
    common = [*street, "--seeds", seeds, "--jobs", "1", "--quiet", "--progress", str(folder / "progress")]
    result = ["--json", str(folder / "result.json")]
    if sheet is None:
        return [["evaluate", *common, "--strategies", f"{wish.base},{wish.strategy}", *result]]
    now = folder / "now.csv"
    return [
        ["evaluate", *common, "--strategies", wish.base, "--csv", str(now)],
        [
            *("evaluate", *common, "--strategies", wish.strategy, "--intersections", str(sheet)),
            *("--against", str(now), *result),
        ],
    ]


def _city_file(bench: Workbench) -> Path:
    if bench.config is None:
        raise DeskError("this city has no city file that a trial could start from", 409)
    return bench.config.resolve()


def _beside(bench: Workbench, path: Path) -> Path:
    """A path of the city file, which counts from its folder."""
    return (_city_file(bench).parent / path).resolve()
