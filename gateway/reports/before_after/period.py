"""Which two periods does a person mean, and what comes of comparing them?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.config.words import no_such
from gateway.reports.arrivals import ReportError
from gateway.reports.before_after.bins import Beside, bins
from gateway.reports.before_after.compare import Comparison, Sides, compared
from signal_control.model import Intersection
from storage.store import Store

LONGEST_DAYS: Final = 92
_FORM: Final = (
    "FROM..TO, as 2026-11-02..2026-11-09 or 2026-11-02T06:00..2026-11-02T10:00; TO is not part of it"
)


def period_ns(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """(from, to) in ns of `FROM..TO` by the city's clock; days begin at midnight. Raises ReportError."""
    begin, dots, end = text.partition("..")
    try:
        if not dots:
            raise ValueError(text)
        found = tuple(_moment_ns(part.strip(), zone) for part in (begin, end))
    except ValueError as error:
        raise ReportError(f"'{text}' is no period; {_FORM}") from error
    return checked(found[0], found[1])


def checked(begin_ns: int, end_ns: int) -> tuple[int, int]:
    """The period, if it may be reported on. Raises ReportError."""
    if not 0 <= begin_ns < end_ns:
        raise ReportError("a period must begin before it ends")
    if end_ns - begin_ns > LONGEST_DAYS * 86_400 * 10**9:
        raise ReportError(f"a period may have {LONGEST_DAYS} days at most")
    return begin_ns, end_ns


async def report(
    store: Store,
    city: Sequence[Intersection],
    names: Sequence[str],
    spans: tuple[tuple[int, int], tuple[int, int]],
    zone: ZoneInfo,
    seed: int = 1,
    beside: Beside = asyncio.to_thread,
) -> list[Comparison]:
    """Before and after at the intersections of these names, or at all; computed `beside` what else goes on.

    Raises ReportError and StoreUnavailable.
    """
    there = {x.id: x for x in city}
    unknown = [name for name in names if name not in there]
    if unknown:
        raise ReportError(no_such("intersection", unknown[0], there))
    before, after = spans
    if before[0] < after[1] and after[0] < before[1]:
        raise ReportError("the periods overlap")
    street = next(iter(sorted(d for d in await store.devices("street") if d != "twin")), None)
    found = []
    for name in names or list(there):
        x = there[name]
        measured = [await bins(store, x, span, street, beside) for span in spans]
        sides = Sides(before, after, *measured)
        found.append(await beside(compared, x.id, x.name, sides, zone, seed))
    return found


def _moment_ns(text: str, zone: ZoneInfo) -> int:
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    return round(at.timestamp()) * 1_000_000_000
