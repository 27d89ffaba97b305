"""When in the cycle do vehicles arrive, and which offset lets most of them through without a stop?"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from signal_control.model import Intersection, Plan
from signal_control.plan_clock import due
from signal_control.view import View

MEMORY_CYCLES: Final = 8.0
"""A cycle's arrivals weigh 1/e after so many more."""

Seconds = NDArray[np.float64]


class ArrivalProfile:
    """Arrivals at the stop line by second of a common cycle, for each lane of one intersection.

    A vehicle counts when it comes into sight, at the time when it would be at the stop line if nothing held
    it up: so a queue or a red light does not change the profile.
    """

    def __init__(self, intersection: Intersection, cycle_s: float) -> None:
        self._lanes = intersection.lanes
        self._cycle_s = cycle_s
        self.vehicles: Seconds = np.zeros((len(self._lanes), max(1, round(cycle_s))))
        self._seen_ns: int | None = None

    def look(self, view: View) -> None:
        """Take in who came into sight since the last look."""
        if self._seen_ns is None or view.now_ns <= self._seen_ns:
            self._seen_ns = view.now_ns
            return
        passed_s = (view.now_ns - self._seen_ns) / 1e9
        self._seen_ns = view.now_ns
        self.vehicles *= np.exp(-passed_s / (self._cycle_s * MEMORY_CYCLES))
        for n, lane in enumerate(self._lanes):
            queue = view.queues.get(lane.id)
            if queue is None or queue.sight_s <= 0.0:
                continue
            for eta_s, size in queue.arrivals:
                if eta_s > queue.sight_s - passed_s:
                    at_s = (view.now_ns / 1e9 + eta_s) % self._cycle_s
                    self.vehicles[n, int(at_s) % self.vehicles.shape[1]] += size

    def delays(self, intersection: Intersection, plan: Plan) -> Seconds:
        """Mean wait of an arrival (s) for each whole second of offset, with the greens of `plan`."""
        seconds = self.vehicles.shape[1]
        base = plan.model_copy(update={"offset_s": 0.0})
        greens = [set(due(intersection, base, int(s * 1e9)).serve) for s in range(seconds)]
        costs = np.zeros(seconds)
        for n, lane in enumerate(self._lanes):
            waits = _waits([bool(set(lane.phases) & green) for green in greens])
            spectrum = np.fft.rfft(self.vehicles[n]) * np.conj(np.fft.rfft(waits))
            costs += np.fft.irfft(spectrum, seconds)
        return costs / max(1e-9, float(self.vehicles.sum()))


def _waits(green: list[bool]) -> Seconds:
    """For an arrival at each second of a cycle: seconds until green (a whole cycle when there is none)."""
    n = len(green)
    waits = np.full(n, float(n))
    for s in range(n):
        waits[s] = next((float(k) for k in range(n) if green[(s + k) % n]), float(n))
    return waits
