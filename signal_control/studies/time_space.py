"""When were the signals of a street green, and who could drive through on green? (Time-space diagram.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from signal_control.corridor import Band, Leg, bands
from signal_control.eventlog import BIN_NS, SECOND_NS, Channels
from signal_control.events import PHASE_GREEN, PHASE_YELLOW
from signal_control.green_time import greens
from signal_control.street import Site, Stop

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW)
DETECTORS: Final = ""
STREET: Final = True

What = Literal["green", "band"]
Way = Literal["onward", "back"]
STEP_S: Final = 1.0


class TimeSpace(NamedTuple):
    """A green of the signal `device`, `at_m` metres along; or, on one way, when a band of cars passes it
    there: the rows with one `number` are one band."""

    what: What
    way: Way
    number: int
    device: str
    at_m: float
    begin_ns: int
    end_ns: int


def time_space(
    sites: Sequence[Site], stops: Sequence[Stop], channels: Mapping[str, Channels], span: tuple[int, int]
) -> list[TimeSpace]:
    """Greens and bands of both directions at the speed of the lanes; `span` is from and until, ns."""
    found: list[TimeSpace] = []
    ways: tuple[Way, ...] = ("onward", "back")
    for way in ways:
        found += _of_way(sites, stops, way, span)
    return found


def _of_way(
    sites: Sequence[Site], stops: Sequence[Stop], way: Way, span: tuple[int, int]
) -> Iterator[TimeSpace]:
    logs = {site.intersection.id: site.log for site in sites}
    own = [stop for stop in (stops if way == "onward" else stops[::-1]) if _phase(stop, way)]
    legs = []
    for stop in own:
        pairs = zip(*(x.tolist() for x in greens(logs[stop.id], _phase(stop, way), BIN_NS)), strict=True)
        shown = tuple((max(b, span[0]), min(e, span[1])) for b, e in pairs if e > span[0] and b < span[1])
        legs.append(Leg(abs(stop.at_m - own[0].at_m), shown))
        yield from (TimeSpace("green", way, 0, stop.id, stop.at_m, b, e) for b, e in shown)
    speeds = [stop.speed_mps for stop in stops[1:]]
    if len(legs) > 1 and speeds:
        yield from _bands(own, bands(legs, sum(speeds) / len(speeds), STEP_S), way)


def _bands(stops: Sequence[Stop], cars: Sequence[Band], way: Way) -> Iterator[TimeSpace]:
    """Cars a step apart are one band."""
    step_ns, first, number = round(STEP_S * SECOND_NS), 0, 0
    for i, car in enumerate(cars):
        last = i + 1 == len(cars) or cars[i + 1].leaves_ns - car.leaves_ns > step_ns
        if last:
            number += 1
            for stop, begin, end in zip(stops, cars[first].passes_ns, car.passes_ns, strict=True):
                yield TimeSpace("band", way, number, stop.id, stop.at_m, begin, end + step_ns)
            first = i + 1


def _phase(stop: Stop, way: Way) -> int:
    return stop.onward if way == "onward" else stop.back
