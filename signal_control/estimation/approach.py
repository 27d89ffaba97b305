"""What do the detectors and lights of one approach say of the vehicles on its lanes?"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Final, Literal

from signal_control.estimation.cover import Cover
from signal_control.estimation.lane_choice import LaneChoice
from signal_control.estimation.stop_line import StopLine
from signal_control.estimation.traffic import Traffic
from signal_control.estimation.zone import Zone
from signal_control.flow import SmoothedRate
from signal_control.model import Detector, Lane

LaneHealth = Literal["ok", "substituted", "blind"]

SPACING_M: Final = 7.3
"""Road a standing vehicle takes up: 5 m and the gap to the next."""
BRAKING_S: Final = 3.0
"""A vehicle that stops arrives this much later than one that drives on."""
FEEDS: Final = 0.15
"""A detector that sends this part of its traffic to a lane sees that lane's arrivals."""
FLOW_MEMORY_S: Final = 300.0
GRAIN_S: Final = 0.3
"""Events so close together are one moment: settling oftener changes nothing and costs time."""
SOON_S: Final = 2.0
"""Cabinets report once a second; the estimate need not be carried on for less than this."""
ASSUMED_VEH_H: Final = 120.0
"""Flow assumed where nothing is measured, so that nobody is forgotten."""


class Approach:
    """The lanes of one link and their detectors. Times are seconds and never run backwards.

    Lanes are named by their index in `lanes`; `lines` has the same order, `zones` is by lane.
    """

    def __init__(self, lanes: Sequence[Lane], detectors: Sequence[Detector]) -> None:
        self.lanes = tuple(lanes)
        names = {lane.id: n for n, lane in enumerate(self.lanes)}
        self.detectors = {d.channel: d for d in detectors}
        self.place = {d.channel: names[d.lane] for d in detectors}
        self.reach_m = max([lane.length_m for lane in lanes] + [d.distance_m for d in detectors])
        """How far back the approach is known to go: its longest lane or farthest detector."""
        self.lines = [StopLine(lane) for lane in self.lanes]
        self.covers = {d.channel: Cover(self._room_veh(d)) for d in detectors if d.role == "advance"}
        choices = {channel: LaneChoice(self.place[channel], len(lanes)) for channel in self.covers}
        self.traffic = Traffic(len(lanes), choices)
        self.zones = {
            self.place[d.channel]: Zone(d, self.place[d.channel], self.lanes[self.place[d.channel]].speed_mps)
            for d in detectors
            if d.role == "area"
        }
        self.arrivals = [SmoothedRate(FLOW_MEMORY_S) for _ in lanes]
        self.fed = [False for _ in lanes]
        """Whether a trusted advance detector sees the arrivals of each lane."""
        self.health: list[LaneHealth] = []
        """Whether all detectors of each lane are believed, or some replaced, or nobody sees it at all."""
        self.sight_s: list[float] = []
        """How far ahead arrivals at each stop line are known, seconds; 0 where nobody sees them come."""
        self.missed = dict.fromkeys(self.detectors, 0.0)
        """Vehicles that each detector should have seen since its last pulse and did not."""
        self.passed = dict.fromkeys(self.detectors, 0.0)
        """Vehicles that passed each lane elsewhere since its detector turned on."""
        self._remembered_veh_h = [ASSUMED_VEH_H] * len(self.lanes)
        self._settled_s = 0.0
        self.trust(frozenset(self.detectors), 0.0)

    def begin(self, at_s: float) -> None:
        """Nothing is known before this moment."""
        flows = [*(c.flow for c in self.covers.values()), *(z.entries for z in self.zones.values())]
        for rate in [*self.arrivals, *flows, *(line.exits for line in self.lines)]:
            rate.begin(at_s)
        self.traffic.balance.begin(at_s)
        for line in self.lines:
            line.closed_s = line.ready_s = at_s
        self._settled_s = at_s

    def trust(self, channels: frozenset[int], at_s: float) -> None:
        """Believe these detectors and no others."""
        for n in range(len(self.lanes)):
            known = self.flow_veh_h(n, at_s)
            self._remembered_veh_h[n] = max(
                known, self._remembered_veh_h[n] if known <= 0.0 else ASSUMED_VEH_H
            )
        self._trusted = channels
        counted = {self.place[c] for c in channels if self.detectors[c].role == "stop"}
        for n, line in enumerate(self.lines):
            line.trust(n in counted, n in self.zones and self._zone_channel(n) in channels, at_s)
        shares = [self.traffic.choices[c].shares() for c in channels if c in self.covers]
        self.fed = [any(share[n] >= FEEDS for share in shares) for n in range(len(self.lanes))]
        self.health = [self._lane_health(n) for n in range(len(self.lanes))]
        self.sight_s = [self._lane_sight_s(n) for n in range(len(self.lanes))]

    def believe(self, channels: frozenset[int], at_s: float) -> None:
        """Change whom to believe, if that is a change."""
        if channels != self._trusted:
            for channel in channels ^ self._trusted:
                self.missed[channel] = self.passed[channel] = 0.0
            if self._trusted - channels:
                self.traffic.absolve()
            self.trust(channels, at_s)

    def heard(self, channel: int) -> None:
        """A detector pulsed, be it believed or not."""
        self.missed[channel] = 0.0
        if self.detectors[channel].role == "stop":
            farthest_m = max((self.detectors[c].distance_m for c in self.covers), default=0.0)
            self.passed[channel] = -farthest_m / SPACING_M
        else:
            self.passed[channel] = -self.detectors[channel].distance_m / SPACING_M

    def advance_on(self, channel: int, at_s: float) -> None:
        """An advance detector turned on: somebody comes."""
        self.settle(at_s)
        self.covers[channel].on(at_s)
        detector, shares = self.detectors[channel], self.traffic.choices[channel].shares()
        speed_mps = self.lanes[self.place[channel]].speed_mps
        self.traffic.enter(at_s + detector.distance_m / speed_mps, shares, channel)
        for lane, share in enumerate(shares):
            self.arrivals[lane].add(at_s, share)
            self._note_passed("stop", lane, share)

    def advance_off(self, channel: int, at_s: float) -> None:
        """An advance detector turned off."""
        self.settle(at_s)
        self.covers[channel].off(at_s)

    def stop_on(self, channel: int, at_s: float) -> None:
        """A stop-line detector turned on; when nobody was there before, a new front has come."""
        self.settle(at_s)
        lane = self.place[channel]
        if self.lines[lane].on(channel, at_s):
            self.traffic.came(lane, self.lines[lane], at_s)

    def stop_off(self, channel: int, at_s: float) -> None:
        """A stop-line detector turned off: somebody left."""
        self.settle(at_s)
        lane = self.place[channel]
        if self.lines[lane].off(channel, at_s) and not self.lines[lane].zoned:
            stranger = self.traffic.left(lane, at_s)
            self._note_left(lane, stranger)

    def zone_count(self, channel: int, vehicles: int) -> None:
        """The first half of a zone's reading: vehicles in it."""
        self.zones[self.place[channel]].count = max(0, vehicles)

    def zone_standing(self, channel: int, vehicles: int, at_s: float) -> None:
        """The second half: how many of them stand."""
        self.settle(at_s)
        lane = self.place[channel]
        self.zones[lane].read(max(0, vehicles), at_s, self.traffic, self.lines[lane])

    def open(self, lane: int, at_s: float) -> None:
        """The light of a lane turned green."""
        if self.lines[lane].green_s is None:
            self.settle(at_s)
            queued = self.traffic.weight(lane, at_s)
            self.lines[lane].open(at_s, queued)

    def close(self, lane: int, at_s: float) -> None:
        """The light of a lane turned yellow or red."""
        line = self.lines[lane]
        if line.green_s is None:
            return
        self.settle(at_s)
        ahead, moves = 0.0, []
        for vehicle in self.traffic.vehicles:
            if vehicle.p[lane] >= 0.5 and not self.standing(lane, vehicle.due_s, ahead, at_s):
                moves.append(vehicle)
            ahead += vehicle.p[lane]
        self.traffic.stop_again(lane, at_s, line.saturation.headway_s, moves)
        line.close(at_s)

    def standing(self, lane: int, due_s: float, ahead: float, at_s: float) -> bool:
        """Whether a vehicle with so many ahead of it stands in the queue."""
        line = self.lines[lane]
        if joins_s(due_s, ahead, line.lane.speed_mps) > at_s:
            return False
        starts_s = line.starts_s(ahead, at_s)
        return starts_s is None or at_s < starts_s

    def settle(self, at_s: float) -> None:
        """Let time pass until `at_s`."""
        before_s = self._settled_s
        if at_s - before_s < GRAIN_S:
            return
        self._settled_s = at_s
        for cover in self.covers.values():
            cover.settle(at_s)
        for lane, line in enumerate(self.lines):
            if line.counted:
                if line.off_s is not None:
                    self._miss(lane, self.traffic.absent(lane, line, before_s, at_s))
            elif not line.zoned or (self.zones[lane].full and self.zones[lane].moves):
                self.traffic.release(lane, line, at_s)
            else:
                line.ready_s = at_s
            flow = self._unseen_veh_h(lane, at_s)
            if flow > 0.0:
                self.traffic.assume(lane, flow / 3600.0 * (at_s - before_s), before_s, at_s)

    def later(self, at_s: float) -> Approach:
        """What this approach will be at `at_s` if nothing is heard until then; itself when that is soon."""
        if at_s - self._settled_s <= SOON_S:
            return self
        then = deepcopy(self)
        then.settle(at_s)
        return then

    def flow_veh_h(self, lane: int, at_s: float) -> float:
        """Smoothed arrivals (departures where arrivals are not seen), vehicles per hour."""
        if self.fed[lane]:
            return self.arrivals[lane].per_hour(at_s)
        if lane in self.zones:
            return self.zones[lane].entries.per_hour(at_s)
        return self.lines[lane].exits.per_hour(at_s)

    def _lane_health(self, lane: int) -> LaneHealth:
        line = self.lines[lane]
        if not (line.counted or line.zoned or self.fed[lane]):
            return "blind"
        lost = any(place == lane and c not in self._trusted for c, place in self.place.items())
        return "substituted" if lost else "ok"

    def _lane_sight_s(self, lane: int) -> float:
        speed_mps = self.lanes[lane].speed_mps
        seen = [self.detectors[c].distance_m for c in self._trusted if c in self.covers]
        if self.lines[lane].zoned:
            seen.append(self.zones[lane].length_m)
        return max(seen, default=0.0) / speed_mps

    def _unseen_veh_h(self, lane: int, at_s: float) -> float:
        """Flow that joins the queue of a lane without being seen."""
        line = self.lines[lane]
        if line.zoned:
            full = self.zones[lane].full and not self.fed[lane]
            return self.zones[lane].entries.per_hour(at_s) if full else 0.0
        if line.counted:
            if line.on_s is None:
                return 0.0
            balance = self.traffic.balance
            return balance.unseen_veh_h(lane, at_s) if self.fed[lane] else line.exits.per_hour(at_s)
        return 0.0 if self.fed[lane] else self._remembered_veh_h[lane]

    def _miss(self, lane: int, vehicles: float) -> None:
        """So many who should have come to a stop line did not."""
        if vehicles > 0.0:
            for channel, place in self.place.items():
                if place == lane and self.detectors[channel].role == "stop":
                    self.missed[channel] += vehicles

    def _note_passed(self, role: str, lane: int, vehicles: float) -> None:
        for channel, place in self.place.items():
            if place == lane and self.detectors[channel].role == role:
                self.passed[channel] += vehicles

    def _note_left(self, lane: int, stranger: float) -> None:
        """Somebody left a lane: it passed those advance detectors which its like passed before."""
        seen = {c: choice.seen(lane) for c, choice in self.traffic.choices.items()}
        total = sum(seen.values())
        for channel, vehicles in seen.items():
            share = vehicles / total
            self.passed[channel] += share
            if not self.covers[channel].covering:
                self.missed[channel] += stranger * share

    def _zone_channel(self, lane: int) -> int:
        return next(c for c, d in self.detectors.items() if d.role == "area" and self.place[c] == lane)

    def _room_veh(self, detector: Detector) -> float:
        return max(0.0, self.reach_m - detector.distance_m) / SPACING_M


def joins_s(due_s: float, ahead: float, speed_mps: float) -> float:
    """When a vehicle with so many standing ahead of it stands."""
    return due_s + BRAKING_S - ahead * SPACING_M / speed_mps
