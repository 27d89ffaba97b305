"""How long is the queue on every lane of an intersection now, and how sure is that?"""

from __future__ import annotations

from typing import Literal

import msgspec

from signal_control import events
from signal_control.events import Event
from signal_control.lane_queue import LaneQueue
from signal_control.lane_shares import LaneShares
from signal_control.model import Detector, Intersection, Lane
from signal_control.status import SignalState

SILENT_S = 900.0
"""A lane whose detectors say nothing for so long is treated as one without."""
KNOWN_AFTER_S = 180.0
"""Flows are told after so long a look."""

LaneHealth = Literal["ok", "substituted", "blind"]

_CLOSING = (events.PHASE_YELLOW, events.PHASE_RED_CLEAR, events.PHASE_INACTIVE)


class QueueEstimate(msgspec.Struct, frozen=True):
    """Vehicles queued on a lane with standard deviation, and the age of the last word from the intersection.

    `moving` are vehicles on the lane that do not stand: about to arrive, or discharged and not over the line.
    `stalled` means that the lane did not let anybody go during its last green or this one.
    `arrivals` are the moving ones: seconds from now until they would be at the stop line if nothing held
    them up, and how many (a share of one where the lane is uncertain), in order of time; `sight_s` is how
    far ahead they can be known, 0 for not at all. `left_s` is how long ago somebody was last seen to cross
    the stop line (-1: unknown), `front_s` for how long somebody has been standing there without a break.
    `saturation_veh_h` is the learned discharge rate of a queue, 0 until enough was seen. `health` says
    whether all of the lane's detectors are trusted, some are replaced by what others say, or nothing is left
    but an assumed flow.
    """

    lane: str
    vehicles: float
    sd: float
    age_s: float
    moving: float = 0.0
    stalled: bool = False
    arrivals: tuple[tuple[float, float], ...] = ()
    sight_s: float = 0.0
    left_s: float = -1.0
    front_s: float = 0.0
    saturation_veh_h: float = 0.0
    health: LaneHealth = "ok"


class QueueEstimator:
    """Keeps the queues of one intersection from detector events, phase events and the cabinet's reports.

    Event times may repeat but should not run backwards. What names unknown channels or phases is ignored.
    """

    def __init__(self, intersection: Intersection) -> None:
        self._lanes = {lane.id: _lane_queue(intersection, lane) for lane in intersection.lanes}
        self._channels = {d.channel: d for d in intersection.detectors}
        self._served = {lane.id: lane.phases for lane in intersection.lanes}
        self._shares, self._branches = _shares(intersection), _branches(intersection)
        self._heard = {lane.id: 0.0 for lane in intersection.lanes}
        self._greens: set[int] = set()
        self._first_s: float | None = None
        self._last_s = 0.0
        for name in self._shares:
            self._lanes[name].fed = True

    def observe(self, event: Event) -> None:
        """Take one event in."""
        at_s = self._heard_at(event.at_ns)
        if event.code == events.DETECTOR_ON and event.param in self._channels:
            self._detector_on(self._channels[event.param], at_s)
        elif event.code == events.DETECTOR_OFF and event.param in self._channels:
            self._detector_off(self._channels[event.param], at_s)
        elif event.code == events.PHASE_GREEN:
            self._show(self._greens | {event.param}, at_s)
        elif event.code in _CLOSING:
            self._show(self._greens - {event.param}, at_s)

    def observe_state(self, state: SignalState) -> None:
        """Take the cabinet's report in: what it shows is what is shown."""
        self._show(set(state.greens), self._heard_at(state.at_ns))

    def at(self, now_ns: int) -> dict[str, QueueEstimate]:
        """The queue of every lane, by lane id; does not change what is remembered."""
        at_s = max(now_ns / 1e9, self._last_s)
        age_s = round(at_s - self._last_s, 1)
        return {name: self._estimate(name, lane, at_s, age_s) for name, lane in self._lanes.items()}

    def flows(self, now_ns: int) -> dict[str, float]:
        """Smoothed flow by lane in vehicles per hour; empty until three minutes were seen."""
        at_s = max(now_ns / 1e9, self._last_s)
        if self._first_s is None or at_s - self._first_s < KNOWN_AFTER_S:
            return {}
        heard = [name for name in self._lanes if self._speaks(name, at_s)]
        return {name: round(self._lanes[name].flow_veh_h(at_s), 1) for name in heard}

    def _estimate(self, name: str, lane: LaneQueue, at_s: float, age_s: float) -> QueueEstimate:
        if not self._speaks(name, at_s):
            grown = lane.recalled(at_s)
            return QueueEstimate(
                name, round(grown, 2), round(1.0 + grown, 2), round(at_s - self._heard[name], 1)
            )
        count = lane.count(at_s)
        queued, moving = round(count.queued, 2), round(count.moving, 2)
        return QueueEstimate(name, queued, round(count.sd, 2), age_s, moving, lane.stalled(at_s))

    def _speaks(self, name: str, at_s: float) -> bool:
        return at_s - self._heard[name] < SILENT_S

    def _heard_at(self, at_ns: int) -> float:
        at_s = at_ns / 1e9
        if self._first_s is None:
            self._first_s = at_s
            for name, lane in self._lanes.items():
                self._heard[name] = at_s if lane.counted or lane.fed else at_s - SILENT_S
                lane.arrivals.begin(at_s)
                lane.exits.begin(at_s)
                lane.begin(at_s)
        self._last_s = max(self._last_s, at_s)
        return at_s

    def _show(self, greens: set[int], at_s: float) -> None:
        if greens == self._greens:
            return
        self._greens = greens
        for name, lane in self._lanes.items():
            if greens.intersection(self._served[name]):
                lane.open(at_s)
            else:
                lane.close(at_s)

    def _detector_on(self, detector: Detector, at_s: float) -> None:
        self._heard[detector.lane] = at_s
        lane = self._lanes[detector.lane]
        if detector.role == "stop":
            lane.stop_on(at_s)
            return
        if detector.lane in self._branches:
            beside = self._branches[detector.lane]
            self._shares[beside].arrived(beside, at_s, -1.0)
            self._lanes[beside].lose(at_s + detector.distance_m / lane.lane.speed_mps)
        shares = self._shares[detector.lane]
        shares.arrived(detector.lane, at_s)
        for name, share in shares.onward(detector.lane, at_s).items():
            self._lanes[name].arrive(at_s, share, detector.distance_m)
        lane.advance_on(at_s)

    def _detector_off(self, detector: Detector, at_s: float) -> None:
        self._heard[detector.lane] = at_s
        lane = self._lanes[detector.lane]
        if detector.role == "advance":
            lane.advance_off(at_s)
            return
        if detector.lane in self._shares:
            self._shares[detector.lane].departed(detector.lane, at_s)
        lane.stop_off(at_s)


def _lane_queue(intersection: Intersection, lane: Lane) -> LaneQueue:
    on_lane = [d for d in intersection.detectors if d.lane == lane.id]
    advance_m = max((d.distance_m for d in on_lane if d.role == "advance"), default=None)
    return LaneQueue(lane, advance_m, counted=any(d.role == "stop" for d in on_lane))


def _shares(intersection: Intersection) -> dict[str, LaneShares]:
    """The lane changes of every link with an advance detector, by each of its lanes."""
    seen = {d.lane for d in intersection.detectors if d.role == "advance"}
    links: dict[str, list[str]] = {}
    for lane in intersection.lanes:
        links.setdefault(lane.link, []).append(lane.id)
    found = {}
    for row in links.values():
        shares = LaneShares([n for n in row if n in seen], [n for n in row if n not in seen])
        found.update({name: shares for name in row if seen.intersection(row)})
    return found


def _branches(intersection: Intersection) -> dict[str, str]:
    """Pockets with an advance detector that begin behind the neighbour's one, by which their traffic came."""
    distances = {d.lane: d.distance_m for d in intersection.detectors if d.role == "advance"}
    found = {}
    for pocket in intersection.lanes:
        row = [lane.id for lane in intersection.lanes if lane.link == pocket.link and lane.id in distances]
        before = [name for name in row if distances[name] > pocket.length_m and name != pocket.id]
        if pocket.id in distances and before:
            found[pocket.id] = min(before, key=lambda name: (abs(_place(name) - _place(pocket.id)), name))
    return found


def _place(lane: str) -> int:
    """The index at the end of a lane id, counted from the kerb; 0 when there is none."""
    tail = lane.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0
