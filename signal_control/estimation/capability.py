"""What can the detectors of a lane know of its queue, and what can they not?"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from signal_control.model import Detector, Intersection, Lane

Arrivals = Literal["lane", "approach", "zone", "none"]
Departures = Literal["counted", "zone", "modelled"]
SPACING_M: Final = 7.5

_ARRIVALS: Final[dict[Arrivals, str]] = {
    "lane": "Arrivals are seen on the lane {sight_s:.0f} s before the stop line.",
    "approach": "Arrivals are seen on lanes beside it {sight_s:.0f} s before; who changes is learned.",
    "zone": "Arrivals are seen when they enter the zone, {sight_s:.0f} s before the stop line.",
    "none": "Nobody sees arrivals: in red the queue is told by the usual flow since its first vehicle.",
}
_DEPARTURES: Final[dict[Departures, str]] = {
    "counted": "Departures are counted, and a free stop line proves that nobody waits.",
    "zone": "The count of the zone tells who left.",
    "modelled": "Nobody counts departures: a queue is taken to discharge in green, blocked or not.",
}


class Capability(msgspec.Struct, frozen=True):
    """What a lane's detectors can know, when all of them work.

    `measured_m` is how far from the stop line the queue is counted rather than inferred, `measured_veh` how
    many stand there; what reaches further grows by the flow measured before. `sight_s` as in QueueEstimate.
    """

    lane: str
    arrivals: Arrivals
    departures: Departures
    measured_m: float
    measured_veh: float
    sight_s: float
    words: str


def capabilities(intersection: Intersection) -> dict[str, Capability]:
    """What the layout of every lane can know, by lane id."""
    return {lane.id: _capability(intersection, lane) for lane in intersection.lanes}


def _capability(intersection: Intersection, lane: Lane) -> Capability:
    on_link = {other.id for other in intersection.lanes if other.link == lane.link}
    own = [d for d in intersection.detectors if d.lane == lane.id]
    beside = [d for d in intersection.detectors if d.lane in on_link and d.role == "advance"]
    zone_m = max((d.distance_m + d.length_m for d in own if d.role == "area"), default=0.0)
    advance_m = max((d.distance_m for d in beside), default=0.0)
    arrivals, departures = _arrivals(own, beside), _departures(own)
    measured_m = max(zone_m, advance_m if departures == "counted" else 0.0)
    sight_s = max(zone_m, advance_m) / lane.speed_mps
    beyond = (
        f"A queue of more than {measured_m / SPACING_M:.0f} vehicles is inferred beyond that."
        if measured_m
        else "No part of the queue is counted."
    )
    words = (_ARRIVALS[arrivals].format(sight_s=sight_s), _DEPARTURES[departures], beyond)
    return Capability(
        lane=lane.id,
        arrivals=arrivals,
        departures=departures,
        measured_m=round(measured_m, 1),
        measured_veh=round(measured_m / SPACING_M, 1),
        sight_s=round(sight_s, 1),
        words=" ".join(words),
    )


def _arrivals(own: list[Detector], beside: list[Detector]) -> Arrivals:
    if any(d.role == "advance" for d in own):
        return "lane"
    if beside:
        return "approach"
    return "zone" if any(d.role == "area" for d in own) else "none"


def _departures(own: list[Detector]) -> Departures:
    roles = {d.role for d in own}
    if "stop" in roles:
        return "counted"
    return "zone" if "area" in roles else "modelled"
