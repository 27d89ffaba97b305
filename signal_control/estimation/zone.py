"""How many vehicles are in the zone of an area detector, and how many of them stand?"""

from __future__ import annotations

from typing import Final

from signal_control.estimation.stop_line import StopLine
from signal_control.estimation.traffic import Traffic
from signal_control.flow import SmoothedRate
from signal_control.model import Detector

SPACING_M: Final = 7.5
FLOW_MEMORY_S: Final = 300.0
FRESH_S: Final = 30.0
"""A zone that has told nothing for so long (it should every 10 s) is not believed."""


class Zone:
    """The zone of one lane, at its stop line; keeps the vehicles believed there in step with its count."""

    __slots__ = ("_speed_mps", "_told_s", "count", "entries", "length_m", "place", "standing")

    def __init__(self, detector: Detector, place: int, speed_mps: float) -> None:
        self.place = place
        self.length_m = detector.length_m + detector.distance_m
        self._speed_mps = speed_mps
        self.count = self.standing = 0
        self.entries = SmoothedRate(FLOW_MEMORY_S)
        self._told_s: float | None = None

    @property
    def travel_s(self) -> float:
        """Seconds through the zone at the free speed."""
        return self.length_m / self._speed_mps + 0.05

    @property
    def moves(self) -> bool:
        """Whether some of the vehicles in the zone drive."""
        return self.count - self.standing >= 2

    @property
    def full(self) -> bool:
        """Whether the zone holds as many as fit, so that the queue may go on behind it."""
        return (self.count + 1) * SPACING_M > self.length_m

    def fresh(self, at_s: float) -> bool:
        """Whether the zone has told something lately."""
        return self._told_s is not None and at_s - self._told_s < FRESH_S

    def read(self, standing: int, at_s: float, traffic: Traffic, line: StopLine) -> None:
        """A new reading is complete: `count` is in the zone, `standing` of them stand."""
        standing, stood = min(standing, self.count), self.standing
        self.standing = standing
        self._told_s = at_s
        before = traffic.weight(self.place, at_s + self.travel_s)
        if not self.full:
            for _ in range(int(before - self.count + 0.5)):
                self._leave(at_s, traffic, line)
        for _ in range(int(self.count - before + 0.5)):
            self.entries.add(at_s)
            traffic.entered(self.place, at_s + self.travel_s)
        if not line.counted:
            line.watch(standing > 0, at_s)
            if standing < stood or (self.count and not standing):
                line.moved(at_s)

    def _leave(self, at_s: float, traffic: Traffic, line: StopLine) -> None:
        traffic.left(self.place, at_s)
        if not line.counted:
            line.passed(at_s)
