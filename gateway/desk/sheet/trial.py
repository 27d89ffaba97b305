"""What if an intersection had other times: are they sound, and what would they do? Nothing is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gateway.audit.versions import differences
from gateway.config.check import doubts
from gateway.config.settings import Settings
from gateway.config.words import complaints
from gateway.desk.sheet.effects import advised, effects, volumes
from gateway.desk.sheet.places import Edits, edited, plain
from gateway.desk.workbench import Workbench, span_ns
from signal_control.model import Intersection
from storage.store import Events

LONGEST_H: Final = 49.0


async def trial(bench: Workbench, name: str, edits: Edits, from_ms: int, to_ms: int) -> dict[str, Any]:
    """Faults, warnings and changed values of an intersection with `edits`, and delay before and after.

    Volumes are those of the range. Raises DeskError and StoreUnavailable.
    """
    x = bench.intersection(name)
    begin, end = span_ns(from_ms, to_ms, LONGEST_H)
    wanted = edited(plain(x), edits)
    found, faults = judged(bench.settings, x, wanted)
    log = await bench.store.events(name, begin, min(end, bench.now_ns() + 1))
    measured = await bench.beside(_measured, x, found, log)
    return {
        "changes": differences(plain(x), wanted),
        "faults": [{"where": where, "what": what} for where, what in faults],
        "warnings": [{"where": where, "what": what} for where, what in warnings(bench.settings, found, name)],
        **measured,
    }


def judged(
    settings: Settings, x: Intersection, wanted: Mapping[str, Any]
) -> tuple[Intersection | None, list[tuple[str, str]]]:
    """The intersection that `wanted` describes, or None and everything that is wrong with it."""
    raw = {"intersections": [dict(wanted)]}
    try:
        return Intersection.model_validate(wanted), []
    except ValidationError as error:
        where = f"intersections.{x.id}"
        found = complaints(error, Settings, raw, ("intersections", 0))
        return None, [(place.removeprefix(where).lstrip("."), what) for place, what in found]


def warnings(settings: Settings, x: Intersection | None, name: str) -> Iterator[tuple[str, str]]:
    """What the check of a city file doubts about this intersection."""
    if x is None:
        return
    others = tuple(x if other.id == name else other for other in settings.intersections)
    prefix = f"intersections.{name}."
    for where, what in doubts(settings.model_copy(update={"intersections": others})):
        if where.startswith(prefix):
            yield where.removeprefix(prefix), what


def _measured(x: Intersection, wanted: Intersection | None, log: Events) -> dict[str, Any]:
    """Volumes, and delay by plan before and after; Webster's advice for the plan that counts by default."""
    flows, peak_ns = volumes(x, log.at_ns, log.code, log.param)
    if not flows:
        return {"volumes": {}, "peak_ms": None, "plans": [], "advice": None}
    after = {p.number: p for p in wanted.every_plan} if wanted is not None else {}
    plans = [
        {
            "before": effects(x, plan, flows),
            "after": effects(wanted, after[plan.number], flows)
            if wanted is not None and plan.number in after
            else None,
        }
        for plan in x.every_plan
    ]
    return {
        "volumes": {lane: round(flow) for lane, flow in flows.items()},
        "peak_ms": peak_ns // 1_000_000,
        "plans": plans,
        "advice": advised(wanted or x, flows),
    }
