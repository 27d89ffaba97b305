"""How do vehicles fare on single lanes, where all of SUMO would be too much? A street for drills and tests.

One lane is like another: vehicles come at random, follow each other, stop at red, and turn detectors on and
off. Nobody changes lanes, and who has crossed the stop line is gone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from signal_control.model import Detector, Intersection, Lane
from simulators.lights import ALL_RED, Detection, Lights, Press, StreetStep

STEP_MS: Final = 1000
CAR_M: Final = 5.0
SPACING_M: Final = 7.5
ACCELERATION_MPS2: Final = 2.0
HEADWAY_S: Final = 1.6
"""A moving vehicle keeps so much more than the room of a standing one."""
STOP_M: Final = 1.0
"""Where the first one stands, before the stop line."""
PRESSES_H: Final = 6.0


class _Car:
    __slots__ = ("speed_mps", "x_m")

    def __init__(self, x_m: float, speed_mps: float) -> None:
        self.x_m, self.speed_mps = x_m, speed_mps


class _LaneStreet:
    """The vehicles on one lane; `x_m` is how far a front bumper is from the stop line."""

    def __init__(self, lane: Lane, detectors: Sequence[Detector]) -> None:
        self.lane, self._detectors = lane, [d for d in detectors if d.role != "area"]
        self.cars: list[_Car] = []
        self.outside = 0
        self._over = dict.fromkeys((d.channel for d in self._detectors), 0)
        """Vehicles over each detector."""

    def move(self, go: bool, amber: bool) -> list[tuple[int, float, bool]]:
        """One second; returns (channel, share of the second, on)."""
        found: list[tuple[int, float, bool]] = []
        room_m = -1e9
        for car in self.cars:
            before_m = car.x_m
            speed = min(self.lane.speed_mps, car.speed_mps + ACCELERATION_MPS2)
            may_pass = go or before_m < 0 or (amber and before_m < 1.5 * car.speed_mps)
            follow = max(0.0, (before_m - room_m) / (1.0 + HEADWAY_S))
            stop_m = -1e9 if may_pass else STOP_M
            car.x_m = max(before_m - min(speed, follow), min(before_m, stop_m))
            car.speed_mps = before_m - car.x_m
            room_m = car.x_m + SPACING_M
            found += self._pulses(before_m, car.x_m)
        while self.cars and self.cars[0].x_m < -CAR_M - STOP_M:
            self.cars.pop(0)
        self._let_in()
        return found

    def queue(self) -> int:
        """Vehicles that stand or creep."""
        return sum(car.speed_mps < 1.4 and car.x_m >= 0 for car in self.cars)

    def _let_in(self) -> None:
        end_m = self.lane.length_m
        if self.outside and (not self.cars or self.cars[-1].x_m <= end_m - SPACING_M):
            self.outside -= 1
            self.cars.append(_Car(end_m, self.lane.speed_mps / 2))

    def _pulses(self, before_m: float, after_m: float) -> list[tuple[int, float, bool]]:
        moved_m, found = before_m - after_m, []
        for detector in self._detectors:
            for edge_m, on in (
                (detector.distance_m + detector.length_m, True),
                (detector.distance_m - CAR_M, False),
            ):
                if after_m < edge_m <= before_m:
                    self._over[detector.channel] += 1 if on else -1
                    if self._over[detector.channel] == (1 if on else 0):
                        found.append((detector.channel, (before_m - edge_m) / moved_m, on))
        return found


class PlainStreet:
    """Lanes of several intersections; the same seed, the same day. A StreetLike of a step a second.

    `veh_h` is the demand of a lane, `blocked` lanes let nobody go: both may be changed at any time.
    """

    def __init__(
        self, intersections: Sequence[Intersection], seed: int, start_ms: int, veh_h: float = 150.0
    ) -> None:
        self._random = random.Random(seed)
        self._now_ms = start_ms
        self._intersections = tuple(intersections)
        self._lanes = {
            node.id: [
                _LaneStreet(lane, [d for d in node.detectors if d.lane == lane.id]) for lane in node.lanes
            ]
            for node in intersections
        }
        self._lights: dict[str, Lights] = {}
        self.veh_h = {lane.id: veh_h for node in intersections for lane in node.lanes}
        self.blocked: set[str] = set()

    def step(self) -> StreetStep:
        """A second later."""
        begin_ms, self._now_ms = self._now_ms, self._now_ms + STEP_MS
        detections: list[Detection] = []
        for name, lanes in self._lanes.items():
            lights = self._lights.get(name, ALL_RED)
            for one in lanes:
                one.outside += self._random.random() < self.veh_h[one.lane.id] / 3600
                for channel, share, on in one.move(*self._may_go(one.lane, lights)):
                    detections.append(Detection(name, channel, begin_ms + int(share * 900), on))
        detections.sort(key=lambda d: d.t_ms)
        return StreetStep(self._now_ms, detections, self._presses(begin_ms))

    def turn_away(self, lane: str) -> None:
        """Those who wait to enter a lane go elsewhere."""
        for lanes in self._lanes.values():
            for one in lanes:
                one.outside = 0 if one.lane.id == lane else one.outside

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Turn the heads of an intersection."""
        self._lights[intersection_id] = lights

    def truth(self) -> dict[str, dict[str, int]]:
        """True queues by intersection and lane."""
        return {name: {one.lane.id: one.queue() for one in lanes} for name, lanes in self._lanes.items()}

    def summary(self) -> dict[str, Any]:
        """The payload of the topic `street`."""
        vehicles = sum(len(one.cars) + one.outside for lanes in self._lanes.values() for one in lanes)
        waiting = sum(n for lanes in self.truth().values() for n in lanes.values())
        day_s = self._now_ms / 1000 % 86_400
        return {
            "t": self._now_ms,
            "profile_s": day_s,
            "vehicles": vehicles,
            "waiting": waiting,
            "trips": 0,
            "window_s": 0.0,
        }

    def _may_go(self, lane: Lane, lights: Lights) -> tuple[bool, bool]:
        open_ = lane.id not in self.blocked
        return (
            open_ and any(p in lights.greens for p in lane.phases),
            open_ and any(p in lights.yellows for p in lane.phases),
        )

    def _presses(self, begin_ms: int) -> list[Press]:
        chance = PRESSES_H / 3600
        return [
            Press(node.id, phase.number, begin_ms + 500)
            for node in self._intersections
            for phase in node.phases
            if phase.has_ped and self._random.random() < chance
        ]
