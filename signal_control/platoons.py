"""Who is on the way from the neighbours, and when will they be here?

A vehicle that leaves a stop line enters a link downstream with the share of its lane that goes there. The
neighbour there learns of it at once, long before its own detectors see it: so green waves come about without
a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from signal_control.model import Intersection, Lane
from signal_control.status import LinkState
from signal_control.travellers import BIN_S, Link

Coming = tuple[tuple[float, float], ...]
"""Seconds until at the stop line (if nothing holds them up) and vehicles, in order of time."""


class Platoons:
    """Follows those whom neighbours sent towards one intersection."""

    def __init__(self, intersection: Intersection) -> None:
        lanes: dict[str, list[Lane]] = {}
        for lane in intersection.lanes:
            lanes.setdefault(lane.link, []).append(lane)
        self._links = {
            link: Link(own, reach_m(intersection, link), _sees_m(intersection, own))
            for link, own in lanes.items()
        }
        self._told: dict[tuple[str, str], int] = {}
        """By link and lane upstream how many were told of so far."""

    @property
    def alone(self) -> bool:
        """Whether nobody is on the way."""
        return not self._told or not any(x.travellers for x in self._links.values())

    def hear(self, name: str, state: LinkState) -> None:
        """What a neighbour says of those it sent (under its name for that)."""
        link = self._links.get(state.link)
        if link is None:
            return
        known = self._told.get((name, state.link), 0)
        end = state.before + len(state.sent)
        new = state.sent if known < state.before or known > end else state.sent[known - state.before :]
        self._told[(name, state.link)] = end
        for at_ns, told, lane in new:
            link.send(at_ns, told, lane)

    def see(self, link: str, vehicles: float, hidden: bool, now_ns: int) -> None:
        """So many came into sight on a link since the last tick, where queues hide who comes, or do not."""
        there = self._links[link]
        if vehicles > 0.0:
            there.see(vehicles, now_ns)
        there.forget(now_ns, hidden)

    def coming(self, flows: Mapping[str, float], now_ns: int) -> dict[str, Coming]:
        """Who was sent here and has not been seen yet, by lane (shares by measured flow)."""
        found: dict[str, Coming] = {}
        for link in self._links.values():
            if link.travellers:
                bins = sorted(link.bins(now_ns).items())
                total = sum([flows.get(lane, 0.0) for lane in link.lanes])
                for lane in link.lanes:
                    share = flows.get(lane, 0.0) / total if total > 0.0 else 1.0 / len(link.lanes)
                    found[lane] = tuple([(_middle_s(n), round(part * share, 3)) for n, part in bins])
        return found


@lru_cache(maxsize=1024)
def _middle_s(n: int) -> float:
    """The middle of a bin; kept, since to round takes longer than to look it up."""
    return round((n + 0.5) * BIN_S, 1)


def reach_m(intersection: Intersection, link: str) -> float:
    """The length of a link: that of its longest lane."""
    return max(lane.length_m for lane in intersection.lanes if lane.link == link)


def _sees_m(intersection: Intersection, lanes: Sequence[Lane]) -> float:
    """How far before the stop line detectors of a link first see somebody."""
    own = {lane.id for lane in lanes}
    return max([d.sees_m for d in intersection.detectors if d.lane in own], default=0.0)
