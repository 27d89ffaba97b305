"""Who is believed to be on the lanes of an approach, and what does each sight of somebody change?"""

from __future__ import annotations

from bisect import insort
from typing import Final

from signal_control.estimation.lane_choice import Balance, LaneChoice
from signal_control.estimation.stop_line import EMPTY_S, StopLine
from signal_control.estimation.vehicles import NOBODY, Vehicle, see_first, unseen

LATE_S: Final = 3.0
"""A vehicle this late at a free stop line is probably on another lane, turned off, or never was."""
EARLY_S: Final = 3.0
"""A vehicle may be this early, and rarely twice as much."""
OVERDUE_S: Final = 6.0
SPREAD_S: Final = 2.5
"""Arrival times at a free stop line scatter so much (half as likely at this distance)."""
ANY_TIME: Final = 0.1
UNKNOWN: Final = 0.02
MOST_VEHICLES: Final = 150
NO_DETECTOR: Final = 0
FAINT: Final = 0.005
"""A belief this weak is none; it would cost as much time as a strong one."""


class Traffic:
    """The vehicles of an approach in order of their time at the stop line; lanes are named by index."""

    def __init__(self, lanes: int, choices: dict[int, LaneChoice]) -> None:
        self.vehicles: list[Vehicle] = []
        self.choices = choices
        self.balance = Balance(lanes)
        self._lanes = lanes

    def enter(self, due_s: float, p: list[float], source: int = NO_DETECTOR) -> None:
        """Somebody comes; `source` is the channel of the detector that saw it."""
        insort(self.vehicles, Vehicle(due_s, p, source), key=_due)
        if len(self.vehicles) > MOST_VEHICLES:
            del self.vehicles[0]

    def only(self, lane: int, weight: float) -> list[float]:
        """A belief that puts this much of a vehicle on one lane."""
        return [weight if n == lane else 0.0 for n in range(self._lanes)]

    def weight(self, lane: int, until_s: float) -> float:
        """Vehicles on a lane that are due at its stop line until `until_s`."""
        total = 0.0
        for vehicle in self.vehicles:
            if vehicle.due_s > until_s:
                break
            total += vehicle.p[lane]
        return total

    def came(self, lane: int, line: StopLine, at_s: float) -> None:
        """Somebody reached a stop line that had been free."""
        there: list[float] = []
        likely: list[float] = []
        for vehicle in self.vehicles:
            late_s = at_s - vehicle.due_s
            if late_s < -2 * EARLY_S:
                break
            there.append(_come(late_s))
            likely.append(ANY_TIME + 2.0 ** -((late_s / SPREAD_S) ** 2))
        overdue = [n for n in range(len(there)) if self.vehicles[n].due_s < at_s - OVERDUE_S]
        believed = max((self.vehicles[n].p[lane] for n in overdue), default=0.0)
        found, new = see_first(self.vehicles, lane, there, likely, self._unknown(lane), leaves=False)
        if line.green_s is not None and believed > 0.1 and at_s - line.green_s > OVERDUE_S:
            line.gap_ended(new + sum(found[n] for n in overdue))
        if new >= 2 * NOBODY:
            self.enter(at_s, self.only(lane, new))

    def entered(self, lane: int, due_s: float) -> None:
        """Somebody entered the zone of a lane, from where it takes until `due_s` to the stop line."""
        best = max(self.vehicles, key=lambda v: _fits(v, lane, due_s), default=None)
        if best is not None and _fits(best, lane, due_s) > 0.1:
            best.p[:] = self.only(lane, 1.0)
            best.due_s = due_s
            self.vehicles.sort(key=_due)
        else:
            self.enter(due_s, self.only(lane, 1.0))

    def left(self, lane: int, at_s: float) -> float:
        """Somebody crossed the stop line; the probability that nobody had seen it come."""
        there = []
        for vehicle in self.vehicles:
            if at_s - vehicle.due_s < -2 * EARLY_S:
                break
            there.append(_come(at_s - vehicle.due_s))
        found, stranger = see_first(
            self.vehicles, lane, there, [1.0] * len(there), self._unknown(lane), leaves=True
        )
        for vehicle, chance in zip(self.vehicles, found, strict=False):
            if vehicle.source in self.choices:
                self.choices[vehicle.source].found(lane, chance)
            else:
                stranger += chance
        self.balance.left(lane, stranger, at_s)
        self._forget()
        return stranger

    def absent(self, lane: int, line: StopLine, before_s: float, at_s: float) -> float:
        """The stop line is free: the longer, the less likely are those who should stand there.

        Returns how many vehicles are believed less to be on this lane.
        """
        if line.off_s is None or not self.vehicles or self.vehicles[0].due_s + LATE_S >= at_s:
            return 0.0
        free_s, half_life_s = max(before_s, line.off_s + EMPTY_S), line.shows_s()
        if free_s >= at_s:
            return 0.0
        fewer = 0.0
        for vehicle in self.vehicles:
            since_s = max(free_s, vehicle.due_s + LATE_S)
            if since_s >= at_s:
                break
            believed = vehicle.p[lane]
            if believed < FAINT:
                vehicle.p[lane] = 0.0
            else:
                self._doubt(vehicle, lane, 2.0 ** ((since_s - at_s) / half_life_s), at_s)
                fewer += believed - vehicle.p[lane] if believed >= 0.5 else 0.0
        self._forget()
        return fewer

    def release(self, lane: int, line: StopLine, at_s: float) -> None:
        """Where nobody counts departures, let vehicles go as a discharging queue does."""
        if line.green_s is None:
            return
        for vehicle in self.vehicles:
            leaves_s = max(vehicle.due_s, line.ready_s)
            if leaves_s > at_s:
                break
            if vehicle.p[lane] > 0.0:
                line.ready_s = leaves_s + line.saturation.headway_s * vehicle.p[lane]
                vehicle.p[lane] = 0.0
        self._forget()

    def assume(self, lane: int, more: float, since_s: float, at_s: float) -> None:
        """So many vehicles have come unseen, evenly from `since_s` to `at_s`."""
        each_s = (at_s - since_s) / more
        last = next((v for v in reversed(self.vehicles) if v.p[lane] > 0.0), None)
        if last is not None and last.source == NO_DETECTOR and last.p[lane] < 0.99:
            fits = min(more, 1.0 - last.p[lane])
            last.p[lane] += fits
            more -= fits
        while more > 1e-9:
            self.enter(at_s - more * each_s, self.only(lane, min(1.0, more)))
            more -= 1.0

    def stop_again(self, lane: int, at_s: float, headway_s: float, moves: list[Vehicle]) -> None:
        """The light closed: those who moved reach the line one headway after the other, and stop."""
        for place, vehicle in enumerate(moves, start=1):
            vehicle.due_s = max(vehicle.due_s, at_s + headway_s * place)
        self.vehicles.sort(key=_due)

    def longest(self, channel: int) -> int | None:
        """The lane, of those that an advance detector's traffic goes to, with the longest queue."""
        shares = self.choices[channel].shares()
        likely = [n for n, share in enumerate(shares) if share >= 0.15]
        if len(likely) < 2:
            return likely[0] if likely else None
        return max(likely, key=lambda n: (sum(v.p[n] for v in self.vehicles), shares[n]))

    def absolve(self) -> None:
        """A detector was found out: what was learned of lost vehicles and strangers was its fault."""
        self.balance.absolve()
        for choice in self.choices.values():
            choice.absolve()

    def _unknown(self, lane: int) -> float:
        return max(UNKNOWN, 0.5 * self.balance.stranger(lane))

    def _doubt(self, vehicle: Vehicle, lane: int, likely: float, at_s: float) -> None:
        before = sum(vehicle.p)
        unseen(vehicle, lane, likely)
        if vehicle.source in self.choices:
            lost = before - sum(vehicle.p)
            if lost > FAINT / 2:
                self.balance.lost(lost, at_s)
                self.choices[vehicle.source].lost(lost)

    def _forget(self) -> None:
        if any(sum(v.p) < NOBODY for v in self.vehicles):
            self.vehicles = [v for v in self.vehicles if sum(v.p) >= NOBODY]


def _come(late_s: float) -> float:
    """Probability that a vehicle due so long ago has reached the stop line, if nothing held it up."""
    return min(1.0, max(0.0, (late_s + 2 * EARLY_S) / EARLY_S))


def _fits(vehicle: Vehicle, lane: int, due_s: float) -> float:
    """How well somebody who is due at `due_s` is this vehicle, which may not have been there yet."""
    off_s = abs(vehicle.due_s - due_s)
    return vehicle.p[lane] * 2.0 ** -((off_s / SPREAD_S) ** 2) if off_s < 3 * SPREAD_S else 0.0


def _due(vehicle: Vehicle) -> float:
    return vehicle.due_s
