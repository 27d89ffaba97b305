"""How many vehicles may be waiting inside the junction for a gap?

A left turn that yields is made from inside the junction. Who has left the stop line since those it yields to
last left a gap may still be there. One turner a side gets out while the light changes, several do not, and
the crossing street's first vehicles would stop between them for good. No detector sees the inside of a
junction: what is known is when lanes on both sides let somebody go, as far as stop-line detectors count them
(a zone tells too late who left it, and sees for itself who is held up). Where a stop-line detector is broken,
nobody can say that there are not several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from signal_control.model import Intersection, Lane
from signal_control.queue_estimate import QueueEstimate

GAP_S: Final = 4.0
"""So long after the last one whom it yields to crossed the stop line the first turner is out ..."""
EACH_S: Final = 2.0
"""... and each further one so much later."""
SAME_S: Final = 0.5
"""Departures so close to each other are one: estimates round their times."""
MANY: Final = 2
"""Fewer get out while the light changes."""

Inside = tuple[tuple[str, int], ...]


class Turners:
    """Counts, once per decision, for the lanes of one intersection whose turners wait inside."""

    def __init__(self, intersection: Intersection) -> None:
        met: dict[str, set[str]] = {}
        for lane, stage, way in outlets(intersection):
            phases = set(stage) - set(way)
            others = {x.id for x in intersection.lanes if x.link != lane.link and phases & set(x.phases)}
            met.setdefault(lane.id, set()).update(others)
        counted = {d.lane for d in intersection.detectors if d.role == "stop"}
        heard = {name: tuple(sorted(others & counted)) for name, others in met.items() if name in counted}
        self._met = {name: others for name, others in heard.items() if others}
        self._lanes = [lane for lane in intersection.lanes if lane.id in self._met]
        self._left: dict[str, tuple[int, int]] = {}
        """By lane: how many left it, and when the last one did."""

    def watch(
        self, now_ns: int, green_since_ns: Mapping[int, int], queues: Mapping[str, QueueEstimate]
    ) -> Inside:
        """Lanes of which MANY and more may be inside now, with their number; sorted.

        MANY is said of a lane whose stop-line detector is not believed, until those it yields to leave a gap.
        """
        if not self._lanes:
            return ()
        greens, found = green_since_ns.keys(), []
        for lane in self._lanes:
            if greens.isdisjoint(lane.phases) or not lane.waits_inside(greens):
                self._left.pop(lane.id, None)
                continue
            since_ns = min(green_since_ns[p] for p in lane.phases if p in greens)
            number = self._count(lane.id, now_ns, since_ns, queues)
            if number >= MANY:
                found.append((lane.id, number))
        return tuple(sorted(found))

    def _count(self, lane: str, now_ns: int, since_ns: int, queues: Mapping[str, QueueEstimate]) -> int:
        number, before_ns = self._left.get(lane, (0, since_ns))
        queue = queues.get(lane)
        left_s = _left_s(queue)
        at_ns = before_ns if left_s is None else now_ns - int(left_s * 1e9)
        if at_ns - before_ns > SAME_S * 1e9:
            number, before_ns = number + 1, at_ns
        if left_s is None and queue is not None and queue.health != "ok":
            number = max(number, MANY)
        passed = [s for s in map(_left_s, map(queues.get, self._met[lane])) if s is not None]
        gap_s = min(passed, default=None)
        if gap_s is None or gap_s >= GAP_S + EACH_S * (number - 1):
            number = 0
        self._left[lane] = number, before_ns
        return number


def outlets(intersection: Intersection) -> Iterator[tuple[Lane, tuple[int, ...], tuple[int, ...]]]:
    """Lanes whose turners wait inside in a stage, that stage, and the part of it that lets them out."""
    stages = intersection.stages()
    for lane in intersection.lanes:
        for stage in stages:
            if not lane.rate(stage) or not lane.waits_inside(stage):
                continue
            ways = [s for s in stages if set(s) < set(stage) and lane.rate(s)]
            ways = [s for s in ways if not lane.waits_inside(s)]
            if ways:
                yield lane, stage, max(ways, key=lambda s: (lane.rate(s), s))


def _left_s(queue: QueueEstimate | None) -> float | None:
    """How long ago somebody left a lane, if anybody can tell."""
    return None if queue is None or queue.left_s < 0.0 else queue.left_s
