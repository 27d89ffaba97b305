"""Is a city file sound, and are its signal timings what the handbooks ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.access.start import access_doubts
from gateway.config.checks import DEFAULT_PROTOCOL
from gateway.config.settings import Fault, Settings, SettingsError, load
from signal_control.model import Intersection, Phase
from storage.connect import backends

REACTION_S: Final = 1.0
DECELERATION_MPS2: Final = 3.05
"""10 ft/s2 (ITE 2020)."""
CAR_LENGTH_M: Final = 6.1
SHORT_WALK_S: Final = 7.0
"""MUTCD 11th ed. 4I.06: walk at least 7 s, where no shorter one has been justified."""
_MARGIN_S: Final = 0.1


def check(path: Path | str) -> list[Fault]:
    """Everything wrong with the file (level `error`); when nothing is, what deserves a look (`warning`)."""
    try:
        settings = load(path)
    except SettingsError as error:
        return error.faults
    name = Path(path).name
    return [Fault(name, where, message, "warning") for where, message in doubts(settings)]


def sound(faults: list[Fault]) -> bool:
    """Whether nothing but warnings were found."""
    return all(fault.level == "warning" for fault in faults)


def report(path: Path | str, console: Console) -> bool:
    """Print every fault, and a timing summary when the file is sound; returns whether it is."""
    faults = check(path)
    for fault in faults:
        colour = "red" if fault.level == "error" else "yellow"
        console.print(Text.assemble((fault.level, f"bold {colour}"), " ", str(fault)), soft_wrap=True)
    if not sound(faults):
        console.print(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}: the file cannot be used")
        return False
    console.print(summary(load(path)))
    console.print(Text(f"{Path(path).name} is sound.", style="bold"))
    return True


def yellow_s(speed_mps: float, grade: float = 0.0) -> float:
    """Yellow in which a driver at `speed_mps` can stop or enter: t + v / (2a + 2gG), at least 3 s.

    ITE 2020, eq. 1. `grade` is a ratio, positive uphill.
    """
    return max(3.0, REACTION_S + speed_mps / (2 * DECELERATION_MPS2 + 19.62 * grade))


def summary(settings: Settings) -> RenderableType:
    """The timings of every intersection, in seconds."""
    parts: list[RenderableType] = []
    for intersection in settings.intersections:
        strategy = settings.control.strategy_of(intersection.id)
        parts += [_heading(intersection, strategy), _timings(intersection), ""]
    return Group(*parts)


def _heading(intersection: Intersection, strategy: str) -> Text:
    plan = intersection.plan
    times = f"local plan {plan.number}: cycle {plan.cycle_s:g} s, offset {plan.offset_s:g} s"
    return Text.assemble((f"{intersection.id}  {intersection.name}", "bold"), f"  {strategy}; {times}")


def _timings(intersection: Intersection) -> Table:
    plan = intersection.plan
    table = Table(box=None, pad_edge=False)
    columns = (
        "phase",
        "movement",
        "ring",
        "barrier",
        "min",
        "max",
        "yellow",
        "red",
        "walk",
        "ped clear",
        "split",
    )
    for column in columns:
        table.add_column(column, justify="left" if column == "movement" else "right")
    for ring in intersection.rings().values():
        for phase in ring:
            table.add_row(*_row(phase, "" if plan.stages else f"{plan.split_s(phase.number):g}"))
    return table


def _row(phase: Phase, split: str) -> tuple[str, ...]:
    times = (phase.min_green_s, phase.max_green_s, phase.yellow_s, phase.red_clear_s)
    ped = (f"{phase.walk_s:g}", f"{phase.ped_clear_s:g}") if phase.has_ped else ("-", "-")
    head = (str(phase.number), phase.label, str(phase.ring), str(phase.barrier))
    return (*head, *(f"{time:g}" for time in times), *ped, split)


def doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    """(place, what) of everything in sound settings that deserves a second look."""
    for intersection in settings.intersections:
        for phase in intersection.phases:
            where = f"intersections.{intersection.id}.phases.{phase.number}"
            yield from ((where, text) for text in _phase_doubts(intersection, phase))
    yield from _unknown_links(settings)
    first = settings.destinations[0]
    if caveat := getattr(backends()[first.kind], "CAVEAT", ""):
        yield f"stores.{first.label}" if settings.stores else "store", caveat
    told = [x for x in settings.intersections if settings.protocol_of(x.id) == DEFAULT_PROTOCOL]
    if settings.control.enabled and told:
        kinds = {source.kind for source in settings.sources}
        for kind in sorted({"hires", "signal"} - kinds):
            yield "sources", f"no source of kind '{kind}': without it no intersection can be controlled"
    yield from access_doubts(settings)


def _phase_doubts(intersection: Intersection, phase: Phase) -> Iterator[str]:
    """Against the formulas; left turns are driven slower than the approach, so only through lanes count."""
    speeds = [
        lane.speed_mps
        for lane in intersection.lanes
        if phase.number in lane.phases and "through" in lane.turns
    ]
    if speeds and phase.yellow_s < yellow_s(max(speeds)) - _MARGIN_S:
        yield (
            f"yellow_s {phase.yellow_s:g} is short for {max(speeds):g} m/s; "
            f"ITE asks for {yellow_s(max(speeds)):.1f} s on level ground"
        )
    if speeds and phase.red_clear_s < CAR_LENGTH_M / max(speeds):
        yield f"red_clear_s {phase.red_clear_s:g} does not even clear a car's length ({CAR_LENGTH_M:g} m)"
    if phase.has_ped and phase.walk_s < SHORT_WALK_S:
        yield f"walk_s {phase.walk_s:g} is below {SHORT_WALK_S:g} s (MUTCD 4I.06)"


def _unknown_links(settings: Settings) -> Iterator[tuple[str, str]]:
    links = {lane.link for intersection in settings.intersections for lane in intersection.lanes}
    for intersection in settings.intersections:
        for lane in intersection.lanes:
            for link in sorted(set(lane.to) - links):
                where = f"intersections.{intersection.id}.lanes.{lane.id}.to"
                yield where, f"link '{link}' is no approach of this city: its queue counts as empty"
