"""How many vehicles queue on one lane, judged by its detectors and its light?

Virtual vehicles: the advance detector puts one on the lane, the stop-line detector takes one off. Between the
two it drives to the tail of the queue, stands, and starts when the start-up wave reaches it. The queue is
everybody from the stop line to the last vehicle that stands. What the stop line shows corrects the count:
nobody there for EMPTY_S means nobody stands; somebody there for long means that the front does not move,
whatever the light. An advance detector occupied for COVERED_S is covered by the queue, and beyond it the
queue grows with the flow measured before (the signs are those of Liu et al. 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signal_control.flow import SmoothedRate
from signal_control.model import Lane

SPACING_M: Final = 7.3
"""Road a standing vehicle takes up: 5 m and the gap to the next."""
START_UP_S: Final = 1.0
"""From green until the first vehicle moves."""
WAVE_S: Final = 1.1
"""From one standing vehicle's start until the next one's: the wave runs back at 6 m/s."""
HEADWAY_S: Final = 2.0
"""Between vehicles of a discharging queue at the stop line."""
BRAKING_S: Final = 3.0
"""A vehicle that stops arrives this much later than one that drives on."""
EMPTY_S: Final = 2.0
"""A discharging queue leaves a 2 m zone free for 1.3 s between vehicles; longer, and it has ended."""
STANDING_S: Final = 5.0
"""Somebody on the stop line for this long in green does not move (a first truck needs 5 s to clear it)."""
COVERED_S: Final = 4.0
"""Longer than a slow truck needs to pass over."""
LATE_S: Final = 3.0
"""A vehicle this late at an empty stop line turned off before it, or was counted twice."""
STALL_MEMORY_S: Final = 25.0
FLOW_MEMORY_S: Final = 300.0
RECALL_VEH_H: Final = 120.0
"""Flow assumed where nothing is measured, so that nobody is forgotten."""


@dataclass(slots=True)
class Virtual:
    """A vehicle, or a share of one, on the lane; `due_s`: at the stop line, if nothing held it up."""

    due_s: float
    weight: float


@dataclass(frozen=True, slots=True)
class LaneCount:
    """Vehicles in the queue, vehicles on their way to it or through, and the queue's standard deviation."""

    queued: float
    moving: float
    sd: float


class LaneQueue:
    """The vehicles of one lane. Times are seconds and never run backwards.

    `advance_m` is the distance of the lane's advance detector (None: it has none of its own), `counted` says
    whether a stop-line detector tells when somebody leaves.
    """

    def __init__(self, lane: Lane, advance_m: float | None, counted: bool) -> None:
        self.lane, self.advance_m, self.counted = lane, advance_m, counted
        self.arrivals, self.exits = SmoothedRate(FLOW_MEMORY_S), SmoothedRate(FLOW_MEMORY_S)
        self.fed = advance_m is not None
        """Whether arrivals are seen, by the lane's own advance detector or a neighbour's."""
        self._vehicles: list[Virtual] = []
        self._green_s: float | None = None
        self._closed_s = 0.0
        self._moving_s: float | None = None
        self._left = 0.0
        self._stop_on_s: float | None = None
        self._stop_off_s: float | None = None
        self._covering_s: float | None = None
        self._advance_on_s: float | None = None
        self._passed = 0.0
        self._stalled_until_s = 0.0

    def arrive(self, at_s: float, weight: float, distance_m: float) -> None:
        """Somebody (or a share) enters the lane `distance_m` before the stop line."""
        self.arrivals.add(at_s, weight)
        self._vehicles.append(Virtual(at_s + distance_m / self.lane.speed_mps, weight))

    def advance_on(self, at_s: float) -> None:
        """The own advance detector turned on."""
        self._settle(at_s)
        self._advance_on_s = at_s
        self._passed += 1.0

    def advance_off(self, at_s: float) -> None:
        """The own advance detector turned off."""
        self._settle(at_s)
        on_s, self._advance_on_s = self._advance_on_s, None
        if on_s is not None and at_s - on_s >= COVERED_S and self._covering_s is None:
            self._covering_s, self._passed = on_s, 0.0

    def stop_on(self, at_s: float) -> None:
        """The stop-line detector turned on."""
        self._settle(at_s)
        self._drop_late(at_s)
        self._stop_on_s, self._stop_off_s = at_s, None

    def stop_off(self, at_s: float) -> bool:
        """The stop-line detector turned off: one left. False when nobody was believed there."""
        stood = self._stands(at_s)
        self._note_stall(at_s)
        self._stop_on_s, self._stop_off_s = None, at_s
        self.exits.add(at_s)
        known = bool(self._vehicles)
        self.take(1.0)
        if self._green_s is not None:
            self._moving_s, self._left = (
                (at_s - START_UP_S, 0.0) if stood else (self._moving_s, self._left + 1.0)
            )
        return known

    def take(self, weight: float) -> None:
        """Take this much off the front."""
        while weight > 1e-9 and self._vehicles:
            front = self._vehicles[0]
            part = min(weight, front.weight)
            front.weight -= part
            weight -= part
            if front.weight <= 1e-9:
                del self._vehicles[0]

    def lose(self, due_s: float) -> None:
        """Somebody due at about `due_s` turned out to be on a neighbour lane."""
        if self._vehicles:
            nearest = min(self._vehicles, key=lambda v: abs(v.due_s - due_s))
            self._vehicles.remove(nearest)

    def open(self, at_s: float) -> None:
        """The light turned green."""
        if self._green_s is None:
            if not self.fed:
                self._vehicles = [Virtual(at_s, 1.0) for _ in range(round(self._grown(at_s)))]
            self._green_s = self._moving_s = at_s
            self._left = 0.0

    def close(self, at_s: float) -> None:
        """The light turned yellow or red: who moves now reaches the line as if green went on, and stops."""
        if self._green_s is None:
            return
        self._note_stall(at_s)
        self._drop_late(at_s)
        if not self.counted:
            self.take(self._vanished(at_s))
        ahead = 0.0
        for vehicle in self._vehicles:
            if not self._standing(vehicle, ahead, at_s):
                vehicle.due_s = max(vehicle.due_s, at_s + HEADWAY_S * (ahead + 1.0))
            ahead += vehicle.weight
        self._green_s = self._moving_s = None
        self._closed_s = at_s

    def stalled(self, at_s: float) -> bool:
        """Whether this lane, though green, lets nobody go (or did not, within STALL_MEMORY_S)."""
        return at_s < self._stalled_until_s or (self._green_s is not None and self._stands(at_s))

    def count(self, at_s: float) -> LaneCount:
        """The queue at this moment."""
        if not self.fed and self._green_s is None:
            queued = self._grown(at_s)
            return LaneCount(queued, 0.0, 0.4 + 0.35 * queued)
        if self._empty(at_s):
            return LaneCount(0.0, sum(v.weight for v in self._vehicles if v.due_s + LATE_S >= at_s), 0.3)
        queued, total = self._walk(at_s)
        return self._corrected(at_s, queued, total)

    def flow_veh_h(self, at_s: float) -> float:
        """Smoothed arrivals (departures where arrivals are not seen), vehicles per hour."""
        return (self.arrivals if self.fed else self.exits).per_hour(at_s)

    def _walk(self, at_s: float) -> tuple[float, float]:
        """Weight up to the last vehicle that stands, and of all."""
        ahead = queued = 0.0
        gone = 0.0 if self.counted else self._vanished(at_s)
        for vehicle in self._vehicles:
            if vehicle.weight <= gone:
                gone -= vehicle.weight
                continue
            standing = self._standing(vehicle, ahead, at_s)
            ahead += vehicle.weight
            queued = ahead if standing else queued
        return queued, ahead

    def _standing(self, vehicle: Virtual, ahead: float, at_s: float) -> bool:
        joined_s = vehicle.due_s + BRAKING_S - ahead * SPACING_M / self.lane.speed_mps
        if self._moving_s is None or self._stands(at_s):
            return joined_s <= at_s
        start_s = self._moving_s + START_UP_S + (self._left + ahead) * WAVE_S
        return joined_s <= at_s < start_s

    def _corrected(self, at_s: float, queued: float, total: float) -> LaneCount:
        """What a stop-line detector and a covered advance detector know better."""
        if self._stop_on_s is not None and at_s - self._stop_on_s >= 1.0 and self._moving_s is None:
            queued = max(queued, 1.0)
        beyond = self._reaches(at_s)
        if beyond is None or self.advance_m is None:
            return LaneCount(queued, max(0.0, total - queued), 0.4 + 0.15 * queued)
        inside = 1.0 + self.advance_m / SPACING_M
        total = max(total, inside)
        reach = min(total + beyond, self.lane.length_m / SPACING_M + beyond)
        start_s = (self._moving_s or at_s) + START_UP_S + (self._left + reach) * WAVE_S
        if self._moving_s is not None and not self._stands(at_s) and start_s <= at_s:
            return LaneCount(queued, max(0.0, reach - queued), 0.4 + 0.15 * reach)
        return LaneCount(reach, 0.0, 0.8 + 0.1 * inside + 0.4 * beyond)

    def _reaches(self, at_s: float) -> float | None:
        """Vehicles beyond the advance detector; None when the queue does not cover it."""
        if self._advance_on_s is not None and at_s - self._advance_on_s >= COVERED_S:
            since_s, passed = (
                self._covering_s or self._advance_on_s,
                self._passed if self._covering_s else 0.0,
            )
            return max(0.0, self._flow_s(at_s) * (at_s - since_s) - passed)
        return None if self._covering_s is None else self._beyond(at_s)

    def _drop_late(self, at_s: float) -> None:
        if self._empty(at_s):
            self._vehicles = [v for v in self._vehicles if v.due_s + LATE_S >= at_s]

    def _settle(self, at_s: float) -> None:
        """Forget the queue beyond the advance detector when all of it moves, or nobody stands."""
        if self._covering_s is not None and (self._empty(at_s) or self._all_move(at_s)):
            self._covering_s = None

    def _all_move(self, at_s: float) -> bool:
        if self._moving_s is None or self._stands(at_s):
            return False
        reach = sum(v.weight for v in self._vehicles) + self._beyond(at_s)
        return self._moving_s + START_UP_S + (self._left + reach) * WAVE_S <= at_s

    def _beyond(self, at_s: float) -> float:
        since_s = at_s if self._covering_s is None else self._covering_s
        return max(0.0, self._flow_s(at_s) * (at_s - since_s) - self._passed)

    def _flow_s(self, at_s: float) -> float:
        return self.flow_veh_h(at_s) / 3600.0

    def begin(self, at_s: float) -> None:
        """Nothing is known before this moment."""
        self._closed_s = at_s

    def recalled(self, at_s: float) -> float:
        """A queue as it must be feared on a lane whose detectors are silent."""
        assumed = RECALL_VEH_H / 3600.0 * (at_s - self._closed_s)
        return max(0.0, assumed - self._vanished(at_s)) if self._green_s is not None else assumed

    def _grown(self, at_s: float) -> float:
        """Queue in red where arrivals are not seen: what was left, then the usual flow from the first on."""
        left = sum(v.weight for v in self._vehicles)
        if not self.counted:
            return left + RECALL_VEH_H / 3600.0 * (at_s - self._closed_s)
        if self._stop_on_s is None:
            return 0.0
        waited_s = at_s - max(self._stop_on_s, self._closed_s)
        return max(1.0, left) + self._flow_s(at_s) * max(0.0, waited_s)

    def _vanished(self, at_s: float) -> float:
        """Who must have left since green where no detector counts them: a discharging queue."""
        if self._green_s is None:
            return 0.0
        return max(0.0, at_s - self._green_s - START_UP_S) * self.lane.saturation_veh_h / 3600.0

    def _empty(self, at_s: float) -> bool:
        """Whether the stop line has been free for so long that nobody can stand."""
        return self._stop_off_s is not None and at_s - self._stop_off_s >= EMPTY_S

    def _stands(self, at_s: float) -> bool:
        """Whether the front stands although the light is green."""
        if self._stop_on_s is None or self._green_s is None:
            return False
        return at_s - max(self._stop_on_s, self._green_s) >= STANDING_S

    def _note_stall(self, at_s: float) -> None:
        if self._stands(at_s):
            self._stalled_until_s = at_s + STALL_MEMORY_S
