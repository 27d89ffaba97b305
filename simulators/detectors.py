"""When did each detector channel turn on and off, to the tenth of a second?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from signal_control.model import Detector, Intersection
from simulators.lights import Detection
from simulators.street_net import Net, StreetError

Passage = tuple[float, float]
"""A vehicle on a loop: entry and leave in simulated seconds; leave is negative while it is still there."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One induction loop: which channel it is, and where its zone begins on its SUMO lane."""

    id: str
    intersection: str
    channel: int
    lane: str
    start_m: float
    length_m: float


def loops_of(intersections: Sequence[Intersection], net: Net) -> list[Loop]:
    """A loop for every detector; raises StreetError for one that lies off its lane."""
    return [_place(i.id, d, net) for i in intersections for d in i.detectors]


def _place(intersection: str, detector: Detector, net: Net) -> Loop:
    """A detector beyond the start of its lane lies on the lane that runs on into it."""
    lane, upstream_m = detector.lane, detector.distance_m + detector.length_m
    name = f"{intersection}.{detector.channel}"
    if lane not in net.lanes:
        raise StreetError(f"detector {name} lies on lane {lane}, which the network does not have")
    if upstream_m > net.lanes[lane].length_m and lane in net.feeders:
        before, between_m = net.feeders[lane]
        upstream_m -= net.lanes[lane].length_m + between_m
        lane = before
    start_m = net.lanes[lane].length_m - upstream_m
    if start_m < 0 or upstream_m < detector.length_m:
        raise StreetError(
            f"detector {name} lies {detector.distance_m:g} m up lane {detector.lane}: no lane there"
        )
    return Loop(name, intersection, detector.channel, lane, start_m, detector.length_m)


def loops_xml(loops: Iterable[Loop]) -> str:
    """SUMO's additional file that lays the loops."""
    lines = [
        f"    <inductionLoop id={quoteattr(loop.id)} lane={quoteattr(loop.lane)} "
        f'pos="{loop.start_m:.2f}" length="{loop.length_m:.2f}" period="86400" file="NUL"/>'
        for loop in loops
    ]
    return "\n".join(["<additional>", *lines, "</additional>", ""])


class Channels:
    """The state of every channel; turns the passages of a step into events that alternate, in time order."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = tuple(loops)
        self._on = {loop.id: False for loop in loops}

    def step(
        self, passages: Mapping[str, Sequence[Passage]], start_s: float, end_s: float, origin_ms: int
    ) -> list[Detection]:
        """Events of (start_s, end_s], given passages by loop id; times are `origin_ms` + simulated ms."""
        found: list[Detection] = []
        for loop in self._loops:
            on_loop = passages.get(loop.id, ())
            was_on = self._on[loop.id]
            if on_loop or was_on:
                changes = edges(was_on, on_loop, start_s, end_s)
                self._on[loop.id] = was_on ^ (len(changes) % 2 == 1)
                for n, at_s in enumerate(changes):
                    on = was_on ^ (n % 2 == 0)
                    found.append(Detection(loop.intersection, loop.channel, origin_ms + _tenth_ms(at_s), on))
        return sorted(found, key=lambda d: d.t_ms)


def edges(was_on: bool, passages: Iterable[Passage], start_s: float, end_s: float) -> list[float]:
    """The instants within [start_s, end_s] at which a loop changes, given whether it was on before.

    The union of the passages decides, so vehicles side by side, or one that vanishes, leave no channel stuck.
    """
    spans = sorted((max(entry, start_s), leave if leave >= 0 else end_s + 1.0) for entry, leave in passages)
    changes: list[float] = []
    covered_to = start_s if was_on else None
    for entry, leave in spans:
        if covered_to is None or entry > covered_to:
            changes += [] if covered_to is None else [covered_to]
            changes.append(entry)
        covered_to = max(leave, covered_to if covered_to is not None else leave)
    if covered_to is not None and covered_to <= end_s:
        changes.append(covered_to)
    return changes


def _tenth_ms(seconds: float) -> int:
    return int(seconds * 10.0 + 1e-6) * 100
