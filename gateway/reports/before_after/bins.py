"""What was measured at an intersection in each quarter of an hour of a period?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateway.reports.channels import of_city
from signal_control.eventlog import BIN_NS, SECOND_NS
from signal_control.measures.approach_delay import approach_delay
from signal_control.measures.arrivals_on_green import arrivals_on_green
from signal_control.measures.has_data import has_data
from signal_control.measures.pedestrian_delay import pedestrian_delay
from signal_control.measures.split_failures import split_failures
from signal_control.measures.turning_movement_counts import turning_movement_counts
from signal_control.model import Intersection
from storage.store import Events, Store

BESIDE_NS: Final = 600 * SECOND_NS
"""Events so long before and after a piece are read with it, for cycles that begin before and end after."""
PIECE_NS: Final = 24 * 4 * BIN_NS


class Quantity(NamedTuple):
    """A measure that is compared: its key, heading with unit, digits, factor for show, and what it means.

    `better` is -1 where less is better, 1 where more is, 0 where neither.
    """

    key: str
    heading: str
    digits: int
    better: int
    doc: str
    factor: float = 1.0


QUANTITIES: Final = (
    Quantity("volume", "Volume, veh/h", 0, 0, "vehicles over the count detectors", 4.0),
    Quantity("on_green", "Arrivals on green, %", 1, 1, "share of arrivals while their phase is green", 100.0),
    Quantity(
        "delay", "Approach delay, s/veh", 1, -1, "wait for green of those who arrive on red (simplified)"
    ),
    Quantity(
        "failures", "Split failures, %", 1, -1, "share of greens that end with somebody left over", 100.0
    ),
    Quantity("ped_delay", "Pedestrian delay, s", 1, -1, "from the first press to walk"),
    Quantity(
        "travel", "Delay of trips, s", 1, -1, "mean of finished trips on the whole street, where it is told"
    ),
)


class Value(NamedTuple):
    """A mean over so many vehicles, greens or people."""

    mean: float
    weight: float


Bins = dict[int, dict[str, Value]]
"""Begin of a quarter of an hour (ns) -> what was measured in it."""


Beside = Callable[..., Awaitable[Any]]
"""(function, *arguments) -> what the function returns, computed where it holds up nobody."""


async def bins(
    store: Store, x: Intersection, span: tuple[int, int], street: str | None, beside: Beside
) -> Bins:
    """Every whole quarter of an hour in which no data are missing. Raises StoreUnavailable.

    A day at a time is read and measured. `street` is the device of kind `street` that tells trips, if there
    is one.
    """
    found: Bins = {}
    channels = {wanted: _channels(x, wanted) for wanted in ("advance", "presence", "count")}
    for begin, end in _pieces(*span):
        log = await store.events(x.id, begin - BESIDE_NS, end + BESIDE_NS)
        travel = await _travel(store, street, begin, end) if street else {}
        measured: Bins = await beside(measure, log, channels, begin, end)
        for start, values in measured.items():
            found[start] = {**values, **({"travel": travel[start]} if start in travel else {})}
    return found


def measure(log: Events, channels: Mapping[str, Mapping[int, Sequence[int]]], begin: int, end: int) -> Bins:
    """The bins of one piece; those with a gap in the log are left out."""
    columns = (log.at_ns, log.code, log.param)
    whole = {b.start_ns for b in has_data(*columns) if begin <= b.start_ns and b.start_ns + BIN_NS <= end}
    found: Bins = {start: {} for start in sorted(whole)}

    def note(key: str, cells: Sequence[Any], value: Callable[[Any], tuple[float, float]]) -> None:
        sums: dict[int, tuple[float, float]] = {}
        for cell in cells:
            total, weight = value(cell)
            had = sums.get(cell.start_ns, (0.0, 0.0))
            sums[cell.start_ns] = (had[0] + total, had[1] + weight)
        for start, (total, weight) in sums.items():
            if start in found and weight > 0:
                found[start][key] = Value(total / weight, weight)

    counts = turning_movement_counts(*columns, channels["count"])
    note(
        "on_green",
        arrivals_on_green(*columns, channels["advance"]),
        lambda c: (c.on_green * c.total, c.total),
    )
    note("delay", approach_delay(*columns, channels["advance"]), lambda c: (c.average_s * c.total, c.total))
    note("failures", split_failures(*columns, channels["presence"]), lambda c: (c.failures, c.cycles))
    note("ped_delay", pedestrian_delay(*columns), lambda c: (c.average_s * c.samples, c.samples))
    vehicles = dict.fromkeys(found, 0.0) if channels["count"] else {}
    for cell in counts:
        if cell.start_ns in vehicles:
            vehicles[cell.start_ns] += cell.vehicles
    for start, total in vehicles.items():
        found[start]["volume"] = Value(total, 1.0)
    return found


def _channels(x: Intersection, wanted: str) -> dict[int, list[int]]:
    """The detectors of each phase; those that count belong to one phase each, so that none counts twice."""
    own = {phase: list(channels) for phase, channels in of_city([x], wanted).get(x.id, {}).items()}
    if wanted != "count":
        return own
    seen: set[int] = set()
    for phase in sorted(own):
        own[phase] = [c for c in own[phase] if c not in seen]
        seen.update(own[phase])
    return {phase: channels for phase, channels in own.items() if channels}


async def _travel(store: Store, street: str, begin: int, end: int) -> dict[int, Value]:
    series = await store.series("street", street, "delay_s", begin, end)
    sums: dict[int, list[float]] = {}
    for at, value in zip(series.at_ns.tolist(), series.value.tolist(), strict=True):
        sums.setdefault(at // BIN_NS * BIN_NS, []).append(value)
    return {start: Value(sum(values) / len(values), 1.0) for start, values in sums.items()}


def _pieces(begin: int, end: int) -> Iterator[tuple[int, int]]:
    begin = -(-begin // BIN_NS) * BIN_NS
    while begin < end:
        yield begin, min(begin + PIECE_NS, end)
        begin += PIECE_NS
