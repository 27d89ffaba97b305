"""How did every intersection do over a stretch of time, one line each?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from gateway.desk.roller import KIND
from signal_control.eventlog import BIN_NS
from signal_control.model import Intersection
from storage.store import Store

SUMS: Final = (
    "events",
    "vehicles",
    "arrivals",
    "on_green",
    "cycles",
    "split_failures",
    "gap_outs",
    "max_outs",
    "force_offs",
    "ped_waits",
    "ped_wait_s",
)
WORST: Final = ("faulty", "silent")
FIELDS: Final = (*SUMS, *WORST, "detectors", "complete")


class Line(NamedTuple):
    """One intersection: sums over its bins, shares of 0 to 1 (None where there is nothing to share).

    `complete` is the share of the asked bins that are over and have no gap; `faulty` and `silent` are
    detectors in the worst bin; `until_ns` the end of the last bin that was measured.
    """

    id: str
    name: str
    vehicles: int
    arrivals: int
    on_green: float | None
    cycles: int
    split_failures: int
    split_failure_share: float | None
    gap_out: float | None
    max_out: float | None
    force_off: float | None
    ped_delay_s: float | None
    ped_waits: int
    detectors: int
    faulty: int
    silent: int
    complete: float
    bins: int
    until_ns: int


async def fleet(
    store: Store, intersections: Iterable[Intersection], span: tuple[int, int], over_ns: int
) -> list[Line]:
    """A line for each intersection; `over_ns` is the end of the last bin that could be measured by now."""
    there = list(intersections)
    most = 8 * ((span[1] - span[0]) // BIN_NS + 1)
    asked = [store.rows(KIND, x.id, FIELDS, span[0], span[1], most) for x in there]
    expected = max(1, (min(span[1], over_ns) - span[0]) // BIN_NS)
    found = await asyncio.gather(*asked)
    return [line(x, rows, expected) for x, rows in zip(there, found, strict=True)]


def line(x: Intersection, rows: Sequence[tuple[Any, ...]], expected: int) -> Line:
    """One intersection's line from its bins: (time in ns, *FIELDS), of one bin the last counts."""
    bins = {row[0] - row[0] % BIN_NS: dict(zip(FIELDS, row[1:], strict=True)) for row in rows}
    total = {name: sum(one[name] or 0 for one in bins.values()) for name in SUMS}
    worst = {name: max((one[name] or 0 for one in bins.values()), default=0) for name in WORST}
    ended = total["gap_outs"] + total["max_outs"] + total["force_offs"]
    return Line(
        id=x.id,
        name=x.name,
        vehicles=total["vehicles"],
        arrivals=total["arrivals"],
        on_green=_share(total["on_green"], total["arrivals"]),
        cycles=total["cycles"],
        split_failures=total["split_failures"],
        split_failure_share=_share(total["split_failures"], total["cycles"]),
        gap_out=_share(total["gap_outs"], ended),
        max_out=_share(total["max_outs"], ended),
        force_off=_share(total["force_offs"], ended),
        ped_delay_s=_share(total["ped_wait_s"], total["ped_waits"]),
        ped_waits=total["ped_waits"],
        detectors=len(x.detectors),
        faulty=worst["faulty"],
        silent=worst["silent"],
        complete=min(1.0, sum(bool(one["complete"]) for one in bins.values()) / expected),
        bins=len(bins),
        until_ns=max(bins, default=-BIN_NS) + BIN_NS,
    )


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
