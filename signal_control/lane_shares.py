"""Into which lane of its link does a vehicle go after the advance detector?

Every lane's arrivals at its advance detector are compared with its departures at the stop line over the last
quarter of an hour. Lanes that lose vehicles on the way pass them to lanes of the link that gain: neighbours,
and pockets without an advance detector of their own. Until enough was counted a prior speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from signal_control.flow import SmoothedRate

MEMORY_S: Final = 900.0
PRIOR_VEH: Final = 8.0
"""The prior weighs as much as this many vehicles."""
PRIOR_POCKET: Final = 0.2
"""Share of its neighbours' traffic that a pocket without own advance detector takes, before it is counted."""
MOST: Final = 0.7
"""No lane gives away more of its traffic than this."""


class LaneShares:
    """Learned lane changes on one link; `sensed` lanes have an advance detector, `others` have none."""

    def __init__(self, sensed: Iterable[str], others: Iterable[str]) -> None:
        self._sensed = tuple(sensed)
        self._lanes = (*self._sensed, *others)
        self._came = {lane: SmoothedRate(MEMORY_S) for lane in self._sensed}
        self._left = {lane: SmoothedRate(MEMORY_S) for lane in self._lanes}

    def arrived(self, lane: str, at_s: float, vehicles: float = 1.0) -> None:
        """Somebody passed the advance detector of `lane` (-1: turned out to be elsewhere)."""
        self._came[lane].add(at_s, vehicles)

    def departed(self, lane: str, at_s: float) -> None:
        """Somebody passed the stop line of `lane`."""
        self._left[lane].add(at_s)

    def onward(self, lane: str, at_s: float) -> dict[str, float]:
        """Where one vehicle over the advance detector of `lane` ends up: shares by lane that sum to 1."""
        surplus = {name: self._surplus(name, at_s) for name in self._lanes}
        gains = {name: -s for name, s in surplus.items() if s < 0}
        given, taken = max(0.0, surplus[lane]), sum(gains.values())
        spare = sum(s for s in surplus.values() if s > 0)
        if given <= 0 or taken <= 0:
            return {lane: 1.0}
        away = min(MOST, given * min(1.0, taken / spare) / (self._came[lane].mass(at_s) + PRIOR_VEH))
        return {lane: 1.0 - away, **{name: away * gain / taken for name, gain in gains.items()}}

    def _surplus(self, lane: str, at_s: float) -> float:
        """Vehicles that came more than left (negative: left without having come)."""
        left = self._left[lane].mass(at_s)
        if lane in self._came:
            others = len(self._lanes) - len(self._sensed)
            prior = PRIOR_POCKET * PRIOR_VEH * others / max(1, len(self._sensed))
            return self._came[lane].mass(at_s) - left + prior
        return -left - PRIOR_POCKET * PRIOR_VEH
