"""Who is on the lanes and who will come? (The traffic side of what the search starts from.)

Only those whom somebody has seen: here, or leaving a neighbour. To add the usual flow beyond that, evenly
spaced, made delay a tenth worse (a green waits for somebody who never comes any nearer).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from signal_control.model import Intersection, Lane
from signal_control.numbers import floats
from signal_control.planning.arrays import NEVER, NOBODY, PASSES, WAITS, Floats, Traffic
from signal_control.planning.layout import VEHICLES, Layout
from signal_control.planning.lights import HELD_S, growth
from signal_control.planning.rows import LEAST_VEH, blank_traffic, warm_write
from signal_control.platoons import Coming
from signal_control.queue_estimate import QueueEstimate
from signal_control.view import View

FULL_VEH: Final = 2.0
"""Downstream room below this stops the flow into a link."""
MATTERS: Final = 0.3
"""Room on a link counts for a lane that sends more than this part of its traffic there."""
START_S: Final = 1.0
PASSES_S: Final = 2.0
"""Streams of which somebody left so lately, and with somebody close behind, are in the middle of passing."""
GAP_S: Final = 2.5
"""Nobody has left a lane for so long: no queue is passing its stop line ..."""
STRAGGLES_S: Final = 2.0
"""... and who should be there by now comes so much later, whenever it is asked: of those not there yet
half come within 2 s and three quarters within 4. A green must not wait for them as if a second would do.
(Between loops; a zone sees who is still on it.)"""


class Approaches:
    """Turns views of one intersection into lists of vehicles."""

    def __init__(self, intersection: Intersection, layout: Layout) -> None:
        self._lanes = layout.lanes
        self._ways = list(dict.fromkeys(lane.phases for lane in self._lanes))
        """Phases that serve a lane; lanes with the same ones have the same light."""

        way = [self._ways.index(lane.phases) for lane in self._lanes]
        waits = [any(x.lane is lane for x in layout.outlets) for lane in self._lanes]
        zoned = {d.lane for d in intersection.detectors if d.role == "area"}
        self._rows = [(i, x.id, way[i], x.weight, waits[i], x.id in zoned) for i, x in enumerate(self._lanes)]
        """Place, name, way and weight of each lane, whether its turners may wait inside, and whether a zone
        watches it."""

        self._met = [_met(lane, layout) for lane in self._lanes]
        self._onward = [[(link, s) for link, s in lane.to.items() if s > MATTERS] for lane in self._lanes]
        self._sight_s = [_sight_s(intersection, lane) for lane in self._lanes]
        self._traffic, self._write = blank_traffic(len(self._lanes)), warm_write(len(self._lanes))

    def look(self, view: View, headway_s: Floats) -> Traffic:
        """Everybody, lane by lane, in order of arrival; `headway_s` is theirs at full saturation flow."""
        lights = _lights(view, self._ways)
        queues, sent, roomy = view.queues, view.coming, not view.downstream
        vehicles: list[tuple[float, float]] = []
        lanes: list[float] = []
        for i, name, way, weight, waits, zoned in self._rows:
            green_s, more, free_s = lights[way]
            inside = self._inside(view, i, green_s) if waits and green_s >= 0.0 else NOBODY
            queue, coming = queues.get(name), sent.get(name, ()) if sent else ()
            standing = queue.vehicles if queue is not None else 0.0
            moving = (queue.arrivals or self._spread(queue, i)) if queue is not None else ()
            if moving:
                if green_s >= 0.0 and not zoned and moving[0][0] < STRAGGLES_S:
                    moving = _straggling(queue, moving)
                vehicles += moving
            if coming:
                vehicles += coming
            room = VEHICLES if roomy else _room(view, self._onward[i])
            lanes += (standing, len(moving), len(coming), room, weight * more, free_s, inside)
        if self._traffic.headway_s is not headway_s:
            self._traffic = self._traffic._replace(headway_s=headway_s)
        self._write(floats([*chain.from_iterable(vehicles)]), floats(lanes), self._traffic)
        return self._traffic

    def _inside(self, view: View, i: int, green_s: float) -> int:
        """Whether somebody who left a lane in this green waits inside the junction (see Traffic.inside)."""
        lane = self._lanes[i]
        queue, greens = view.queues.get(lane.id), view.green_since_ns.keys()
        if queue is None:
            return NOBODY
        if any(name == lane.id and greens >= set(shown) for name, shown in view.unserved):
            return WAITS
        left_s = _left_s(view, lane)
        if min(queue.front_s, green_s, left_s) >= HELD_S:
            return WAITS
        followed = queue.vehicles >= 0.5 or any(eta_s <= PASSES_S for eta_s, _ in queue.arrivals)
        met_s = min([_left_s(view, other) for other in self._met[i]], default=NEVER)
        if met_s < PASSES_S and left_s >= HELD_S and len(view.inside) > 1:
            many = {name for name, _ in view.inside}
            if lane.id in many and any(other.id in many for other in self._met[i]):
                return PASSES
        return PASSES if followed and max(left_s, met_s) < PASSES_S else NOBODY

    def _spread(self, queue: QueueEstimate, i: int) -> Coming:
        """Those on a lane of whom only the number is known, if any."""
        return _spread(queue.moving, queue.sight_s or self._sight_s[i]) if queue.moving else ()


def _lights(view: View, ways: Sequence[tuple[int, ...]]) -> list[tuple[float, float, float]]:
    """By way: for how long a lane of these phases has been green (-1: it is red), how much more a vehicle
    there weighs for having waited, and when the next one may go."""
    now_ns, greens, reds, found = view.now_ns, view.green_since_ns, view.red_since_ns, []
    for phases in ways:
        green_ns = red_ns = None
        for p in phases:  # mostly one: a comprehension would take longer than what it does
            if p in greens:
                green_ns = greens[p] if green_ns is None else min(green_ns, greens[p])
            elif p in reds:
                red_ns = reds[p] if red_ns is None else max(red_ns, reds[p])
        if green_ns is None:
            red_s = 0.0 if red_ns is None else (now_ns - red_ns) / 1e9
            found.append((-1.0, growth(red_s), 0.0))
        else:
            green_s = (now_ns - green_ns) / 1e9
            found.append((max(0.0, green_s), 1.0, max(0.0, START_S - green_s)))
    return found


def _left_s(view: View, lane: Lane) -> float:
    """How long ago somebody left a lane; NEVER where nobody can tell."""
    queue = view.queues.get(lane.id)
    return NEVER if queue is None or queue.left_s < 0.0 else queue.left_s


def _met(lane: Lane, layout: Layout) -> list[Lane]:
    """The lanes of other links to which those who turn off this lane may have to yield."""
    phases = {p for x in layout.outlets if x.lane is lane for p in x.met}
    return [other for other in layout.lanes if phases & set(other.phases) and other.link != lane.link]


def _straggling(queue: QueueEstimate | None, moving: Coming) -> Coming:
    """Those who move on a green lane; later, where they should have been at the free stop line by now."""
    if queue is None or queue.left_s <= GAP_S or queue.front_s > 0.0:
        return moving
    return tuple([(max(STRAGGLES_S, eta_s), vehicles) for eta_s, vehicles in moving])


def _spread(vehicles: float, sight_s: float) -> Coming:
    """Vehicles of which only the number is known, evenly over the way that is seen."""
    whole = int(vehicles + 0.5) or (1 if vehicles >= LEAST_VEH else 0)
    return tuple((sight_s * (j + 1) / (whole + 1), vehicles / whole) for j in range(whole))


def _room(view: View, onward: Sequence[tuple[str, float]]) -> int:
    """How many of a lane there is room for on the links where they go, given with their shares."""
    room = float(VEHICLES)
    for link, share in onward:
        ahead = view.downstream.get(link)
        if ahead is not None:
            room = min(room, (ahead.storage_veh - FULL_VEH + 1.0) / share)
    return max(0, int(room))


def _sight_s(intersection: Intersection, lane: Lane) -> float:
    """Seconds of travel that the lane's detectors see ahead of the stop line."""
    return max([d.sees_m for d in intersection.detectors if d.lane == lane.id], default=0.0) / lane.speed_mps
