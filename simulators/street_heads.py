"""Which letters does SUMO need at a junction when its cabinet shows these lights?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signal_control.model import Intersection, Lane
from simulators.lights import Lights
from simulators.street_net import SignalLink, StreetError

THROUGH_PHASE = {"eb": 2, "wb": 6, "nb": 4, "sb": 8}
LEFT_PHASE = {"eb": 5, "wb": 1, "nb": 7, "sb": 3}
CROSSING_PHASE = {"nb": 2, "sb": 6, "wb": 4, "eb": 8}
"""The crossing of a leg, named by the approach on it, walks with the parallel through phase on its near side,
which never runs together with the protected left turn into that leg."""


@dataclass(frozen=True, slots=True)
class Head:
    """One link: `leading` phases give it the right of way (G), `yielding` ones let it go in gaps (g)."""

    leading: frozenset[int] = frozenset()
    yielding: frozenset[int] = frozenset()
    walk: int = 0
    overlap: int = 0
    """It shows this overlap instead, and goes in gaps: somebody may walk beside one of its phases."""

    def letter(self, lights: Lights) -> str:
        """SUMO's letter for this link."""
        if self.walk:
            return "G" if self.walk in lights.walks else "r"
        if self.overlap:
            return "g" if self.overlap in lights.overlap_greens else self._closed(lights)
        if self.leading.intersection(lights.greens):
            return "G"
        if self.yielding.intersection(lights.greens):
            return "g"
        return "y" if (self.leading | self.yielding).intersection(lights.yellows) else "r"

    def _closed(self, lights: Lights) -> str:
        return "y" if self.overlap in lights.overlap_yellows else "r"


def heads_of(intersection: Intersection, links: Sequence[SignalLink]) -> tuple[Head, ...]:
    """The heads of one junction in SUMO's order; raises StreetError when a link has no phase."""
    own = sorted((link for link in links if link.junction == intersection.id), key=lambda link: link.index)
    if [link.index for link in own] != list(range(len(own))) or not own:
        raise StreetError(
            f"{intersection.id}: the network has no signal of that name, or one with missing links"
        )
    lanes = {lane.id: lane for lane in intersection.lanes}
    return tuple(
        _walk_head(intersection, k) if k.turn == "walk" else _head(intersection, lanes, k) for k in own
    )


def crossing_phases(links: Sequence[SignalLink]) -> dict[str, tuple[str, int]]:
    """The intersection and phase of each crossing."""
    return {k.crossing: (k.junction, CROSSING_PHASE[k.approach[-2:]]) for k in links if k.crossing}


def state(heads: Sequence[Head], lights: Lights) -> str:
    """SUMO's state string for these lights."""
    return "".join(head.letter(lights) for head in heads)


def _walk_head(intersection: Intersection, link: SignalLink) -> Head:
    number = CROSSING_PHASE[link.approach[-2:]]
    if not any(p.number == number and p.has_ped for p in intersection.phases):
        raise StreetError(
            f"{intersection.id}: the crossing of {link.approach} needs phase {number} with walk_s"
        )
    return Head(walk=number)


def _head(intersection: Intersection, lanes: dict[str, Lane], link: SignalLink) -> Head:
    if link.lane not in lanes:
        there = ", ".join(sorted(lanes))
        raise StreetError(
            f"{intersection.id}: lane {link.lane} of the network is not declared; there are: {there}"
        )
    lane, way = lanes[link.lane], link.approach[-2:]
    if lane.overlap is not None and link.turn in lane.turns:
        return Head(overlap=lane.overlap)
    through, left = frozenset({THROUGH_PHASE[way]}), frozenset({LEFT_PHASE[way]})
    served = frozenset(lane.phases)
    if link.turn == "left":
        head = Head(leading=left & served, yielding=through & served)
    elif link.turn == "right":
        head = Head(yielding=through & served)
    else:
        head = Head(leading=through & served)
    if link.turn not in lane.turns or not (head.leading or head.yielding):
        raise StreetError(
            f"{intersection.id}: no phase serves the {link.turn} turn of lane {lane.id}; "
            f"it declares phases {list(lane.phases)} for {list(lane.turns)}"
        )
    return head
