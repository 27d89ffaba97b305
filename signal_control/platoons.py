"""Who is on the way from the neighbours, and when will they be here?

A vehicle that leaves a stop line enters a link downstream with the lane's turning share. The neighbour there
learns of it at once, long before its own detectors see it: so green waves come about without a plan.

On the way a platoon spreads. Robertson's law (TRANSYT, 1969): the fastest need BETA of the mean travel time
T, and of those still under way 1 / (1 + ALPHA BETA T) arrive each second: an exponential tail of mean
ALPHA BETA T.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from signal_control.events import DETECTOR_OFF, Event
from signal_control.model import Intersection, Lane
from signal_control.status import LinkState

MEMORY_NS: Final = 90_000_000_000
"""Nobody travels longer than this between two signals here."""
SET_OFF_S: Final = 2.0
"""Lost to accelerating from the upstream stop line."""

ALPHA: Final = 0.35
"""Dispersion on a street with little friction (Robertson's usual value)."""
BETA: Final = 0.8
PARTS: Final = (0.1823, 0.6931, 1.7918)
"""Where the exponential tail has let 1/6, 1/2 and 5/6 pass: the middles of its thirds."""
BIN_S: Final = 2.0
"""Arrivals so close together are told as one."""

Coming = tuple[tuple[float, float], ...]
"""Seconds until at the stop line (if nothing holds them up) and vehicles, in order of time."""


class Departures:
    """Remembers who left an intersection's stop lines into links downstream."""

    def __init__(self, intersection: Intersection) -> None:
        lanes = {lane.id: lane for lane in intersection.lanes}
        self._lanes = {d.channel: lanes[d.lane] for d in intersection.detectors if d.role == "stop"}
        self._sent: deque[tuple[int, Lane]] = deque()

    def observe(self, event: Event) -> None:
        """Take one event in; only stop-line detectors turning off matter."""
        if event.code == DETECTOR_OFF and event.param in self._lanes:
            lane = self._lanes[event.param]
            if lane.to:
                self._sent.append((event.at_ns, lane))
            while self._sent and event.at_ns - self._sent[0][0] > MEMORY_NS:
                self._sent.popleft()

    def into(self, now_ns: int) -> dict[str, tuple[tuple[int, float], ...]]:
        """Vehicles sent lately, by link: when they crossed the stop line, and how much of one goes there."""
        found: dict[str, list[tuple[int, float]]] = {}
        if not self._sent:
            return {}
        for at_ns, lane in self._sent:
            if now_ns - at_ns <= MEMORY_NS:
                for link, share in lane.to.items():
                    found.setdefault(link, []).append((at_ns, share))
        return {link: tuple(sent) for link, sent in found.items()}


class Way(NamedTuple):
    """How one comes to a lane: `beside` are all lanes of its link, `travel_s` the time from the neighbour's
    stop line to the one here, `seen_s` that from the farthest detector, `unseen_ns` as in `_unseen_s`."""

    lane: str
    link: str
    beside: tuple[str, ...]
    travel_s: float
    seen_s: float
    unseen_ns: int


def ways(intersection: Intersection) -> tuple[Way, ...]:
    """The way to every lane of an intersection."""
    return tuple(_way(intersection, lane) for lane in intersection.lanes)


def _way(intersection: Intersection, lane: Lane) -> Way:
    seen_m = max((d.distance_m for d in intersection.detectors if d.lane == lane.id), default=0.0)
    travel_s, seen_s = reach_m(intersection, lane.link) / lane.speed_mps, seen_m / lane.speed_mps
    beside = tuple(other.id for other in intersection.lanes if other.link == lane.link)
    return Way(lane.id, lane.link, beside, travel_s, seen_s, int(_unseen_s(travel_s, seen_s) * 1e9))


def coming(
    ways_here: Iterable[Way], links: Iterable[LinkState], flows: Mapping[str, float], now_ns: int
) -> dict[str, Coming]:
    """Who was sent here and has not reached the advance detectors yet, by lane (shares by measured flow)."""
    found: dict[str, Coming] = {}
    sent_to: dict[str, list[tuple[int, float]]] = {}
    for state in links:
        sent_to.setdefault(state.link, []).extend(state.sent)
    if not sent_to:
        return found
    for way in ways_here:
        sent = sent_to.get(way.link)
        if sent:
            since_ns, share = now_ns - way.unseen_ns, _share(way, flows)
            ages = [((now_ns - at_ns) / 1e9, part * share) for at_ns, part in sent if at_ns >= since_ns]
            found[way.lane] = _dispersed(ages, way.travel_s, way.seen_s)
    return found


def _unseen_s(travel_s: float, seen_s: float) -> float:
    """Who set off longer ago has been seen by the detectors here, or never will be (a second to spare)."""
    return SET_OFF_S + BETA * travel_s * (1.0 + ALPHA * max(PARTS)) - seen_s + 1.0


def _dispersed(sent: Iterable[tuple[float, float]], travel_s: float, seen_s: float) -> Coming:
    """When those who set off so many seconds ago arrive, as far as nobody has seen them yet, in bins."""
    bins: dict[int, float] = {}
    first_s, tail_s = SET_OFF_S + BETA * travel_s, ALPHA * BETA * travel_s
    for age_s, vehicles in sent:
        for place in PARTS:
            eta_s = first_s + place * tail_s - age_s
            if eta_s > seen_s:
                bins[int(eta_s / BIN_S)] = bins.get(int(eta_s / BIN_S), 0.0) + vehicles / len(PARTS)
    return tuple((round((n + 0.5) * BIN_S, 1), round(vehicles, 3)) for n, vehicles in sorted(bins.items()))


def reach_m(intersection: Intersection, link: str) -> float:
    """The length of a link: that of its longest lane."""
    return max(lane.length_m for lane in intersection.lanes if lane.link == link)


def _share(way: Way, flows: Mapping[str, float]) -> float:
    """The part of its link's traffic that a lane takes."""
    total = sum([flows.get(other, 0.0) for other in way.beside])
    return flows.get(way.lane, 0.0) / total if total > 0 else 1.0 / len(way.beside)
