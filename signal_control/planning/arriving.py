"""Who is on the lanes and who will come? (The traffic side of what the search starts from.)

Only those whom somebody has seen: here, or leaving a neighbour. To add the usual flow beyond that, evenly
spaced, made delay a tenth worse (a green waits for somebody who never comes any nearer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from signal_control.model import Intersection, Lane
from signal_control.planning.arrays import Floats, Ints, Traffic
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
        self._places = np.arange(VEHICLES)

    def look(self, view: View, saturation: Floats) -> Traffic:
        """Everybody, lane by lane, in order of arrival."""
        found: Vehicles = []
        count, last, weight, free_s, inside = [], [], [], [], []
        for i, lane in enumerate(self._lanes):
            here = self._vehicles(view, i, lane)
            found += here
            count.append(len(here))
            last.append(min(len(here), _room(view, lane)))
            green = [view.green_since_ns[p] for p in lane.phases if p in view.green_since_ns]
            if green:
                green_s = (view.now_ns - min(green)) / 1e9
                free_s.append(max(0.0, START_S - green_s))
                inside.append(self._inside(view, i, green_s))
                weight.append(lane.weight)
            else:
                red = [view.red_since_ns[p] for p in lane.phases if p in view.red_since_ns]
                free_s.append(0.0)
                inside.append(False)
                weight.append(lane.weight * growth((view.now_ns - max(red)) / 1e9 if red else 0.0))
        there = np.array(count, np.int64)
        self._write(found, there)
        return Traffic(
            self._eta,
            self._size,
            self._stood,
            there,
            np.array(last, np.int64),
            np.array(weight, np.float64),
            3600.0 / saturation,
            np.array(free_s, np.float64),
            np.array(inside, np.bool_),
        )

    def _write(self, found: Vehicles, there: Ints) -> None:
        """Put the vehicles of all lanes, one lane after the other, into their rows."""
        if found:
            eta, size, stood = zip(*found, strict=True)
            rows = self._places < there[:, None]
            self._eta[rows], self._size[rows], self._stood[rows] = eta, size, stood

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
            _follow(found, queue.arrivals or _spread(queue.moving, sight_s))
        coming = view.coming.get(lane.id)
        if coming is not None:
            _follow(found, [(eta, size) for eta, size in coming if size > 0.01])
        return found[:VEHICLES]


def _left_s(view: View, lane: Lane) -> float:
    """How long ago somebody left a lane; 0 where nobody can tell."""
    queue = view.queues.get(lane.id)
    return 0.0 if queue is None else max(0.0, queue.left_s)


def _met(lane: Lane, layout: Layout) -> list[Lane]:
    """The lanes of other links to which those who turn off this lane may have to yield."""
    phases = {p for x in layout.outlets if x.lane is lane for p in set(x.stage) - set(x.way)}
    return [other for other in layout.lanes if phases & set(other.phases) and other.link != lane.link]


def _follow(found: Vehicles, more: Iterable[tuple[float, float]]) -> None:
    """Add `more`, who move, none of them before the last of `found`; nobody overtakes on a lane."""
    last_s = found[-1][0] if found else 0.0
    for eta, size in more:
        last_s = max(last_s, eta)
        found.append((last_s, size, False))


def _spread(vehicles: float, sight_s: float) -> list[tuple[float, float]]:
    """Vehicles of which only the number is known, evenly over the way that is seen."""
    whole = int(vehicles + 0.5) or (1 if vehicles >= LEAST_VEH else 0)
    return [(sight_s * (j + 1) / (whole + 1), vehicles / whole) for j in range(whole)]


def _room(view: View, lane: Lane) -> int:
    """How many of a lane there is room for where they go."""
    if not lane.to or not view.downstream:
        return VEHICLES
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
