"""Who is on the lanes and who will come? (The traffic side of what the search starts from.)

Only those whom somebody has seen: here, or leaving a neighbour. To add the usual flow beyond that, evenly
spaced, made delay a tenth worse (a green waits for somebody who never comes any nearer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from signal_control.model import Intersection, Lane
from signal_control.planning.arrays import Floats, Traffic
from signal_control.planning.layout import VEHICLES, Layout
from signal_control.planning.lights import growth
from signal_control.view import View

MOVE_UP_S: Final = 0.5
"""Each vehicle of a queue would be at the stop line so much later than the one before."""
LEAST_VEH: Final = 0.2
"""Less of a vehicle is not worth a look."""
FULL_VEH: Final = 2.0
"""Downstream room below this stops the flow into a link."""
START_S: Final = 1.0
GAP_S: Final = 4.0
"""Turners use a gap of this length in the stream they yield to, and need it to get out."""

Vehicles = list[tuple[float, float, bool]]


class Approaches:
    """Turns views of one intersection into lists of vehicles."""

    def __init__(self, intersection: Intersection, layout: Layout) -> None:
        self._lanes = layout.lanes
        self._met = [_met(lane, layout) for lane in self._lanes]
        self._sight_s = [_sight_s(intersection, lane) for lane in self._lanes]
        shape = (len(self._lanes), VEHICLES)
        self._eta, self._size = np.zeros(shape), np.zeros(shape)
        self._stood = np.zeros(shape, np.bool_)
        self._count = np.zeros(len(self._lanes), np.int64)

    def look(self, view: View, saturation: Floats) -> Traffic:
        """Everybody, lane by lane, in order of arrival."""
        n = len(self._lanes)
        last, weight, free_s = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
        inside = np.zeros(n, np.bool_)
        for i, lane in enumerate(self._lanes):
            found = self._vehicles(view, i, lane)
            k = self._count[i] = len(found)
            if k:
                eta, size, stood = zip(*found, strict=True)
                self._eta[i, :k], self._size[i, :k], self._stood[i, :k] = eta, size, stood
            last[i] = min(k, _room(view, lane))
            green = [view.green_since_ns[p] for p in lane.phases if p in view.green_since_ns]
            if green:
                green_s = (view.now_ns - min(green)) / 1e9
                free_s[i] = max(0.0, START_S - green_s)
                inside[i] = self._inside(view, i, green_s)
                weight[i] = lane.weight
            else:
                red = [view.red_since_ns[p] for p in lane.phases if p in view.red_since_ns]
                weight[i] = lane.weight * growth((view.now_ns - max(red)) / 1e9 if red else 0.0)
        return Traffic(
            self._eta, self._size, self._stood, self._count, last, weight, 3600.0 / saturation, free_s, inside
        )

    def _inside(self, view: View, i: int, green_s: float) -> bool:
        """Whether somebody who left a lane in this green may still wait inside the junction for a gap."""
        left_s = _left_s(view, self._lanes[i])
        if left_s > green_s:
            return False
        return min([_left_s(view, lane) for lane in self._met[i]] or [left_s]) <= GAP_S

    def _vehicles(self, view: View, i: int, lane: Lane) -> Vehicles:
        queue = view.queues.get(lane.id)
        found: Vehicles = []
        sight_s = self._sight_s[i]
        if queue is not None:
            sight_s = queue.sight_s or sight_s
            whole = min(int(queue.vehicles), VEHICLES // 2)
            found += [(MOVE_UP_S * j, 1.0, True) for j in range(whole)]
            part = queue.vehicles - whole
            if LEAST_VEH <= part < 1.0:
                found.append((MOVE_UP_S * whole, part, True))
            moving = queue.arrivals or _spread(queue.moving, sight_s)
            found += _after(found, ((eta, size, False) for eta, size in moving))
        coming = view.coming.get(lane.id)
        if coming is not None:
            found += _after(found, ((eta, size, False) for eta, size in coming if size > 0.01))
        return found[:VEHICLES]


def _left_s(view: View, lane: Lane) -> float:
    """How long ago somebody left a lane; 0 where nobody can tell."""
    queue = view.queues.get(lane.id)
    return 0.0 if queue is None else max(0.0, queue.left_s)


def _met(lane: Lane, layout: Layout) -> list[Lane]:
    """The lanes of other links to which those who turn off this lane may have to yield."""
    phases = {p for x in layout.outlets if x.lane is lane for p in set(x.stage) - set(x.way)}
    return [other for other in layout.lanes if phases & set(other.phases) and other.link != lane.link]


def _after(found: Vehicles, more: Iterable[tuple[float, float, bool]]) -> Vehicles:
    """`more`, none of them before the last of `found`; nobody overtakes on a lane."""
    last_s = found[-1][0] if found else 0.0
    return [(last_s := max(last_s, eta), size, stood) for eta, size, stood in more]


def _spread(vehicles: float, sight_s: float) -> list[tuple[float, float]]:
    """Vehicles of which only the number is known, evenly over the way that is seen."""
    whole = int(vehicles + 0.5) or (1 if vehicles >= LEAST_VEH else 0)
    return [(sight_s * (j + 1) / (whole + 1), vehicles / whole) for j in range(whole)]


def _room(view: View, lane: Lane) -> int:
    """How many of a lane there is room for where they go."""
    room = float(VEHICLES)
    for link, share in lane.to.items():
        ahead = view.downstream.get(link)
        if ahead is not None and share > 0.3:
            room = min(room, (ahead.storage_veh - FULL_VEH + 1.0) / share)
    return max(0, int(room))


def _sight_s(intersection: Intersection, lane: Lane) -> float:
    """Seconds of travel that the lane's detectors see ahead of the stop line."""
    ahead = [
        d.distance_m + (d.length_m if d.length_m > 10 else 0.0)
        for d in intersection.detectors
        if d.lane == lane.id
    ]
    return max(ahead, default=0.0) / lane.speed_mps
