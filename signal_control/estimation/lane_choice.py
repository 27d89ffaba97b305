"""Into which lane does a vehicle go after the detector that saw it come?

Learned from whom the stop lines saw leave: every detector keeps how much of its traffic turned up on which
lane, how much turned up nowhere (turned off before, counted twice), and every lane how many came from nowhere
(side streets, missed pulses).
"""

from __future__ import annotations

from typing import Final

from signal_control.flow import SmoothedRate

PRIOR_VEH: Final = 4.0
"""The prior weighs as much as this many vehicles."""
OWN_LANE: Final = 0.8
"""Part of the prior that stays on its lane; the rest is shared by the others."""
FORGET: Final = 0.992
"""What a count keeps when one more is counted: a memory of 125 vehicles."""
MOST_UNKNOWN: Final = 0.4
STRANGER_MEMORY_S: Final = 600.0
SURELY: Final = 0.98
"""No count is surer than this."""


class LaneChoice:
    """Where the vehicles of one detector go; `own` is the index of its lane among `lanes` lanes."""

    def __init__(self, own: int, lanes: int) -> None:
        other = (1.0 - OWN_LANE) / (lanes - 1) if lanes > 1 else 0.0
        self._found = [PRIOR_VEH * (OWN_LANE if lane == own else other) for lane in range(lanes)]
        if lanes == 1:
            self._found = [PRIOR_VEH]
        self._lost = 0.0

    def found(self, lane: int, weight: float) -> None:
        """One of its vehicles, or this much of one, left by `lane`."""
        self._forget(weight)
        self._found[lane] += weight

    def lost(self, weight: float) -> None:
        """One of its vehicles, or this much of one, turned up nowhere."""
        self._forget(weight)
        self._lost += weight

    def absolve(self) -> None:
        """Those who got lost did not: a stop-line detector was dead."""
        self._lost = 0.0

    def seen(self, lane: int) -> float:
        """How many of its vehicles were found on `lane` lately."""
        return self._found[lane]

    def shares(self) -> list[float]:
        """Probability of each lane for its next vehicle; what is missing to 1 turns up nowhere."""
        total = sum(self._found) + self._lost
        return [min(SURELY, seen / total) for seen in self._found]

    def _forget(self, weight: float) -> None:
        keep = 1.0 - (1.0 - FORGET) * weight
        self._found = [seen * keep for seen in self._found]
        self._lost *= keep


class Balance:
    """Who passes the detectors unseen: those who leave a lane and were not seen to come, and the reverse."""

    def __init__(self, lanes: int) -> None:
        self._left = [PRIOR_VEH] * lanes
        self._strange = [0.0] * lanes
        self._strangers = [SmoothedRate(STRANGER_MEMORY_S) for _ in range(lanes)]
        self._lost_flow = SmoothedRate(STRANGER_MEMORY_S)

    def begin(self, at_s: float) -> None:
        """Counting begins."""
        for rate in [*self._strangers, self._lost_flow]:
            rate.begin(at_s)

    def left(self, lane: int, unknown: float, at_s: float) -> None:
        """Somebody left `lane`, who had not been seen to come with probability `unknown`."""
        self._left[lane] = self._left[lane] * FORGET + 1.0
        self._strange[lane] = self._strange[lane] * FORGET + unknown
        self._strangers[lane].add(at_s, unknown)

    def lost(self, weight: float, at_s: float) -> None:
        """One seen to come, or this much of one, turned up nowhere."""
        self._lost_flow.add(at_s, weight)

    def absolve(self) -> None:
        """There are no strangers and nobody got lost: a detector was dead."""
        self._strange = [0.0] * len(self._strange)
        for rate in [*self._strangers, self._lost_flow]:
            rate.clear()

    def stranger(self, lane: int) -> float:
        """Probability that the next one to leave `lane` had not been seen to come."""
        return min(MOST_UNKNOWN, self._strange[lane] / self._left[lane])

    def unseen_veh_h(self, lane: int, at_s: float) -> float:
        """Flow that comes to `lane` without being seen, vehicles per hour."""
        total = sum(rate.per_hour(at_s) for rate in self._strangers)
        if total <= 0.0:
            return 0.0
        spare = max(0.0, 1.0 - self._lost_flow.per_hour(at_s) / total)
        return self._strangers[lane].per_hour(at_s) * spare
