"""Who is on the lanes and who will come? (The traffic side of what the search starts from.)

Only those whom somebody has seen: here, or leaving a neighbour. To add the usual flow beyond that, evenly
spaced, made delay a tenth worse (a green waits for somebody who never comes any nearer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import structs

from signal_control.estimates import Estimates
from signal_control.model import Intersection, Lane
from signal_control.numbers import table
from signal_control.planning.arrays import NEVER, NOBODY, PASSES, WAITS, Floats, Traffic
from signal_control.planning.layout import VEHICLES, Layout
from signal_control.planning.lights import HELD_S, growth
from signal_control.planning.rows import GREEN_S, LEAST_VEH, Street, blank_traffic, warm_write
from signal_control.platoons import Coming
from signal_control.view import View

FULL_VEH: Final = 2.0
"""Downstream room below this stops the flow into a link."""
MATTERS: Final = 0.3
"""Room on a link counts for a lane that sends more than this part of its traffic there."""
START_S: Final = 1.0
NO_VEHICLES: Final = np.zeros((0, 2))
PASSES_S: Final = 2.0
"""Streams of which somebody left so lately, and with somebody close behind, are in the middle of passing."""


class Approaches:
    """Turns views of one intersection into lists of vehicles."""

    def __init__(self, intersection: Intersection, layout: Layout) -> None:
        self._lanes = layout.lanes
        self._ways = list(dict.fromkeys(lane.phases for lane in self._lanes))
        """Phases that serve a lane; lanes with the same ones have the same light."""

        zoned = {d.lane for d in intersection.detectors if d.role == "area"}
        self._fixed = np.array(
            [(self._ways.index(x.phases), x.weight, x.id in zoned) for x in self._lanes], np.float64
        ).reshape(-1, 3)
        self._alone = np.array([(VEHICLES, NOBODY, 0.0)] * len(self._lanes)).reshape(-1, 3)
        """What is the matter with lanes where no neighbour and no junction is."""

        waits = [any(x.lane is lane for x in layout.outlets) for lane in self._lanes]
        self._yields = any(waits)
        self._rows = [(i, x.id, self._ways.index(x.phases), waits[i]) for i, x in enumerate(self._lanes)]
        """Place, name and way of each lane, and whether its turners may wait inside."""

        self._known: Mapping[str, int] = {}
        self._places = np.full(len(self._lanes), -1)
        """The lanes of which there were estimates last, and where these were."""

        self._met = [_met(lane, layout) for lane in self._lanes]
        self._onward = [[(link, s) for link, s in lane.to.items() if s > MATTERS] for lane in self._lanes]
        self._sight_s = [_sight_s(intersection, lane) for lane in self._lanes]
        self._traffic, self._write = blank_traffic(len(self._lanes)), warm_write(len(self._lanes))

    def look(self, view: View, headway_s: Floats) -> Traffic:
        """Everybody, lane by lane, in order of arrival; `headway_s` is theirs at full saturation flow."""
        seen, ways = self._estimates(view), _lights(view, self._ways)
        if seen.places is not self._known:
            self._known = seen.places
            self._places = np.array([seen.places.get(lane.id, -1) for lane in self._lanes], np.int64)
        beside, sent = self._alone, NO_VEHICLES
        if self._yields or view.downstream or view.coming:
            beside, sent = self._beside(view, ways)
        if self._traffic.headway_s is not headway_s:
            self._traffic = self._traffic._replace(headway_s=headway_s)
        street = Street(
            seen.numbers, seen.spans, seen.coming, self._places, self._fixed, table(ways, 3), beside, sent
        )
        self._write(street, self._traffic)
        return self._traffic

    def _beside(self, view: View, ways: Sequence[tuple[float, float, float]]) -> tuple[Floats, Floats]:
        """The room ahead of each lane, who is inside the junction, and who comes from the neighbours."""
        roomy, vehicles = not view.downstream, list[tuple[float, float]]()
        lanes = []
        for i, name, way, waits in self._rows:
            green_s, coming = ways[way][GREEN_S], view.coming.get(name, ())
            inside = self._inside(view, i, green_s) if waits and green_s >= 0.0 else NOBODY
            room = VEHICLES if roomy else _room(view, self._onward[i])
            lanes.append((room, inside, len(coming)))
            vehicles += coming
        return table(lanes, 3), table(vehicles, 2) if vehicles else NO_VEHICLES

    def _estimates(self, view: View) -> Estimates:
        """What is known of the lanes; those of whom only the number is known are spread over the way."""
        queues = view.queues
        if isinstance(queues, Estimates):
            return queues
        found = dict(queues)
        for i, lane in enumerate(self._lanes):
            queue = found.get(lane.id)
            if queue is not None and queue.moving and not queue.arrivals:
                arrivals = _spread(queue.moving, queue.sight_s or self._sight_s[i])
                found[lane.id] = structs.replace(queue, arrivals=arrivals)
        return Estimates.of(found)

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


def _lights(view: View, ways: Sequence[tuple[int, ...]]) -> list[tuple[float, float, float]]:
    """By way: for how long a lane of these phases has been green (-1: it is red), how much more a vehicle
    there weighs for having waited, and when the next one may go."""
    now_ns, greens, reds, found = view.now_ns, view.green_since_ns, view.red_since_ns, []
    for phases in ways:
        green_ns, red_ns = greens.get(phases[0]), reds.get(phases[0])
        for p in phases[1:]:  # mostly one: a comprehension would take longer than what it does
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
