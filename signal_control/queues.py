"""How long is the queue on every lane of an intersection now, and how sure is that?"""

from __future__ import annotations

import math

import msgspec

from signal_control import events
from signal_control.estimation.approach import Approach, LaneHealth
from signal_control.estimation.capability import Capability, capabilities
from signal_control.estimation.count import LaneCount, count
from signal_control.events import Event
from signal_control.health import DetectorHealth, DetectorWatch
from signal_control.model import Intersection, Lane
from signal_control.status import SignalState

CLEARING_S = 6.0
"""So long after green those who leave may have been let go by it."""
REVIEW_S = 5.0
"""Detectors are judged this often."""
KNOWN_AFTER_S = 180.0
"""Flows are told after so long a look."""

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
        self._intersection = intersection
        self._approaches = _approaches(intersection)
        self._where = {
            lane.id: (approach, n) for approach in self._approaches for n, lane in enumerate(approach.lanes)
        }
        self._lanes = [lane.id for lane in intersection.lanes]
        self._channels = {channel: a for a in self._approaches for channel in a.detectors}
        self._watches = {d.channel: DetectorWatch(d) for d in intersection.detectors}
        self._greens: set[int] = set()
        self._first_s: float | None = None
        self._last_s = self._reviewed_s = 0.0

    def observe(self, event: Event) -> None:
        """Take one event in."""
        at_s = self._heard_at(event.at_ns)
        if event.code == events.DETECTOR_ON:
            self._detector(event.param, True, at_s)
        elif event.code == events.DETECTOR_OFF:
            self._detector(event.param, False, at_s)
        elif event.code == events.PHASE_GREEN:
            self._show(self._greens | {event.param}, at_s)
        elif event.code in _CLOSING:
            self._show(self._greens - {event.param}, at_s)
        elif events.ZONE_COUNT < event.code <= events.ZONE_STANDING + events.MAX_CHANNEL:
            self._zone(event, at_s)

    def observe_state(self, state: SignalState) -> None:
        """Take the cabinet's report in: what it shows is what is shown."""
        at_s = self._heard_at(state.at_ns)
        self._show(set(state.greens), at_s)
        for approach in self._approaches:
            approach.settle(at_s)
        if at_s - self._reviewed_s >= REVIEW_S:
            self._reviewed_s = at_s
            for approach in self._approaches:
                self._review(approach, at_s)

    def health(self) -> dict[int, DetectorHealth]:
        """What is thought of every detector, by channel."""
        return {channel: watch.health for channel, watch in self._watches.items()}

    def occupied(self) -> dict[int, float]:
        """Detectors somebody is on, by channel, and since when (seconds since the epoch); zones without."""
        return {channel: w.on_s for channel, w in self._watches.items() if w.on_s is not None}

    def capability(self) -> dict[str, Capability]:
        """What the detectors of every lane can know while they work, by lane id."""
        return capabilities(self._intersection)

    def at(self, now_ns: int) -> dict[str, QueueEstimate]:
        """The queue of every lane, by lane id; does not change what is remembered."""
        at_s = max(now_ns / 1e9, self._last_s)
        age_s = round(at_s - self._last_s, 1)
        found = {}
        for approach in self._approaches:
            then = approach.later(at_s)
            for n, lane in enumerate(approach.lanes):
                found[lane.id] = self._estimate(then, n, at_s, age_s)
        return {name: found[name] for name in self._lanes}

    def flows(self, now_ns: int) -> dict[str, float]:
        """Smoothed flow by lane in vehicles per hour; empty until three minutes were seen."""
        at_s = max(now_ns / 1e9, self._last_s)
        if self._first_s is None or at_s - self._first_s < KNOWN_AFTER_S:
            return {}
        return {name: round(approach.flow_veh_h(n, at_s), 1) for name, (approach, n) in self._where.items()}

    def _estimate(self, approach: Approach, n: int, at_s: float, age_s: float) -> QueueEstimate:
        seen, line = count(approach, n, at_s), approach.lines[n]
        arrivals = tuple([(round(eta_s, 1), round(weight, 2)) for eta_s, weight in seen.arrivals])
        moving = sum([weight for _, weight in arrivals]) if arrivals else 0.0
        return QueueEstimate(
            lane=approach.lanes[n].id,
            vehicles=round(seen.queued, 2),
            sd=round(_sd(approach, n, seen), 2),
            age_s=age_s,
            moving=round(moving, 2),
            stalled=line.stalled(at_s),
            arrivals=arrivals,
            sight_s=round(approach.sight_s[n], 1),
            left_s=-1.0 if line.left_s is None else round(at_s - line.left_s, 1),
            front_s=round(line.front_s(at_s), 1),
            saturation_veh_h=round(line.saturation.learned_veh_h),
            health=approach.health[n],
        )

    def _heard_at(self, at_ns: int) -> float:
        at_s = at_ns / 1e9
        if self._first_s is None:
            self._first_s = at_s
            for approach in self._approaches:
                approach.begin(at_s)
        self._last_s = max(self._last_s, at_s)
        return self._last_s

    def _show(self, greens: set[int], at_s: float) -> None:
        if greens == self._greens:
            return
        self._greens = greens
        for approach in self._approaches:
            for n, lane in enumerate(approach.lanes):
                if greens.intersection(lane.phases):
                    approach.open(n, at_s)
                elif approach.lines[n].green_s is not None:
                    approach.close(n, at_s)
                    self._green_ended(approach, n)

    def _detector(self, channel: int, on: bool, at_s: float) -> None:
        approach = self._channels.get(channel)
        if approach is None:
            return
        watch, role = self._watches[channel], approach.detectors[channel].role
        if on and watch.on_s is not None:
            self._detector(channel, False, at_s)  # its end was lost on the way
        approach.heard(channel)
        if on:
            watch.turned_on(at_s)
        else:
            watch.turned_off(at_s, self._may_go(approach, channel, at_s) if role == "stop" else None)
        if not watch.health.trusted:
            return
        if role == "stop":
            (approach.stop_on if on else approach.stop_off)(channel, at_s)
        elif role == "advance":
            (approach.advance_on if on else approach.advance_off)(channel, at_s)

    def _may_go(self, approach: Approach, channel: int, at_s: float) -> bool | None:
        """Whether the lane of a stop-line detector is green; unclear while the last ones still clear it."""
        line = approach.lines[approach.place[channel]]
        if line.green_s is not None:
            return True
        return False if at_s - line.closed_s > CLEARING_S else None

    def _green_ended(self, approach: Approach, lane: int) -> None:
        for channel, place in approach.place.items():
            if place == lane:
                self._watches[channel].green_ended()

    def _review(self, approach: Approach, at_s: float) -> None:
        """Believe those detectors of an approach that behave."""
        trusted = set()
        for channel in approach.detectors:
            passed, missed = approach.passed[channel], approach.missed[channel]
            if self._watches[channel].review(at_s, missed, passed).trusted:
                trusted.add(channel)
        approach.believe(frozenset(trusted), at_s)

    def _zone(self, event: Event, at_s: float) -> None:
        counts = event.code <= events.ZONE_COUNT + events.MAX_CHANNEL
        channel = event.code - (events.ZONE_COUNT if counts else events.ZONE_STANDING)
        approach = self._channels.get(channel)
        if approach is None or approach.detectors[channel].role != "area":
            return
        self._watches[channel].told(at_s)
        if not self._watches[channel].health.trusted:
            return
        if counts:
            approach.zone_count(channel, event.param)
        else:
            approach.zone_standing(channel, event.param, at_s)


def _sd(approach: Approach, n: int, seen: LaneCount) -> float:
    """Standard deviation of a queue: of its count, and of what the lane's detectors cannot know."""
    line = approach.lines[n]
    if line.zoned or (line.counted and approach.fed[n]):
        unknown = 0.1 * seen.queued
    elif line.counted:
        unknown = 0.3 + 0.6 * seen.queued
    else:
        unknown = 0.5 + 0.6 * seen.queued if approach.fed[n] else 1.0 + seen.queued
    return math.sqrt(0.1 + seen.variance + unknown**2)


def _approaches(intersection: Intersection) -> list[Approach]:
    """The lanes and detectors of each link."""
    links: dict[str, list[Lane]] = {}
    for lane in intersection.lanes:
        links.setdefault(lane.link, []).append(lane)
    found = []
    for lanes in links.values():
        names = {lane.id for lane in lanes}
        found.append(Approach(lanes, [d for d in intersection.detectors if d.lane in names]))
    return found
