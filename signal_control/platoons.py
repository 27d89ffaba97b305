"""Who is on the way from the neighbours, and when will they be here?

A vehicle that leaves a stop line enters a link downstream with the lane's turning share. The neighbour there
learns of it at once, long before its own detectors see it: so green waves come about without a plan.

On the way a platoon spreads. Robertson's law (TRANSYT, 1969): the fastest need BETA of the mean travel time
T, and of those still under way 1 / (1 + ALPHA BETA T) arrive each second: an exponential tail of mean
ALPHA BETA T.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
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
        onward = {lane.id: tuple(lane.to.items()) for lane in intersection.lanes}
        self._onward = {d.channel: onward[d.lane] for d in intersection.detectors if d.role == "stop"}
        """By channel of a stop-line detector the links that its lane leads into, with their shares."""
        self._sent: deque[tuple[int, list[tuple[str, tuple[int, float]]]]] = deque()
        """Who left lately: when, and what is told of it to each link."""

    def observe(self, event: Event) -> None:
        """Take one event in; only stop-line detectors turning off matter."""
        if event.code == DETECTOR_OFF and event.param in self._onward:
            at_ns, onward = event.at_ns, self._onward[event.param]
            if onward:
                self._sent.append((at_ns, [(link, (at_ns, share)) for link, share in onward]))
            while self._sent and at_ns - self._sent[0][0] > MEMORY_NS:
                self._sent.popleft()

    def into(self, now_ns: int) -> dict[str, tuple[tuple[int, float], ...]]:
        """Vehicles sent lately, by link: when they crossed the stop line, and how much of one goes there."""
        found: dict[str, list[tuple[int, float]]] = {}
        if not self._sent:
            return {}
        since_ns = now_ns - MEMORY_NS
        for at_ns, onward in self._sent:
            if at_ns >= since_ns:
                for link, one in onward:
                    if link in found:
                        found[link].append(one)
                    else:
                        found[link] = [one]
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
    totals: dict[str, float] = {}
    for way in ways_here:
        sent = sent_to.get(way.link)
        if sent:
            if way.link not in totals:
                totals[way.link] = sum([flows.get(lane, 0.0) for lane in way.beside])
            since_ns, share = now_ns - way.unseen_ns, _share(way, flows, totals[way.link])
            ages = [((now_ns - at_ns) / 1e9, part * share) for at_ns, part in sent if at_ns >= since_ns]
            found[way.lane] = _dispersed(ages, way.travel_s, way.seen_s) if ages else ()
    return found


def _unseen_s(travel_s: float, seen_s: float) -> float:
    """Who set off longer ago has been seen by the detectors here, or never will be (a second to spare)."""
    return SET_OFF_S + BETA * travel_s * (1.0 + ALPHA * max(PARTS)) - seen_s + 1.0


def _dispersed(sent: Sequence[tuple[float, float]], travel_s: float, seen_s: float) -> Coming:
    """When those who set off so many seconds ago arrive, as far as nobody has seen them yet, in bins."""
    bins: dict[int, float] = {}
    first_s, tail_s = SET_OFF_S + BETA * travel_s, ALPHA * BETA * travel_s
    whole_s = [first_s + place * tail_s for place in PARTS]
    for age_s, vehicles in sent:
        part = vehicles / len(PARTS)
        for on_the_way_s in whole_s:
            eta_s = on_the_way_s - age_s
            if eta_s > seen_s:
                n = int(eta_s / BIN_S)
                bins[n] = bins[n] + part if n in bins else part
    return tuple([(_middle_s(n), round(bins[n], 3)) for n in sorted(bins)])


@lru_cache(maxsize=1024)
def _middle_s(n: int) -> float:
    """The middle of a bin; kept, since to round takes longer than to look it up."""
    return round((n + 0.5) * BIN_S, 1)


def reach_m(intersection: Intersection, link: str) -> float:
    """The length of a link: that of its longest lane."""
    return max(lane.length_m for lane in intersection.lanes if lane.link == link)


def _share(way: Way, flows: Mapping[str, float], total: float) -> float:
    """The part of its link's traffic, which is `total`, that a lane takes."""
    return flows.get(way.lane, 0.0) / total if total > 0 else 1.0 / len(way.beside)
