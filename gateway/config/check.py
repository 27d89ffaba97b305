"""Is a city file sound, and are its signal timings what the handbooks ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from gateway.access.start import access_doubts
from gateway.config.checks import DEFAULT_PROTOCOL
from gateway.config.settings import Fault, Settings, SettingsError, load
from gateway.config.timing_doubts import timing_doubts
from gateway.config.timing_sheet import timing_sheet
from storage.connect import backends


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


def summary(settings: Settings) -> RenderableType:
    """The timing sheet of every intersection."""
    parts: list[RenderableType] = []
    for intersection in settings.intersections:
        parts += timing_sheet(intersection, settings.control.strategy_of(intersection.id))
    return Group(*parts)


def doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    """(place, what) of everything in sound settings that deserves a second look."""
    for intersection in settings.intersections:
        yield from timing_doubts(intersection)
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


def _unknown_links(settings: Settings) -> Iterator[tuple[str, str]]:
    links = {lane.link for intersection in settings.intersections for lane in intersection.lanes}
    for intersection in settings.intersections:
        for lane in intersection.lanes:
            for link in sorted(set(lane.to) - links):
                where = f"intersections.{intersection.id}.lanes.{lane.id}.to"
                yield where, f"link '{link}' is no approach of this city: its queue counts as empty"
