"""How fast does a queue on this lane discharge, learned from whom the stop line saw leave?

Saturation headways by HCM's rule: from the fifth vehicle of a queue on, as long as vehicles follow closely.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = 4
"""Vehicles of a queue that still start up (HCM 2016, chapter 31)."""
LONGEST_S: Final = 4.5
"""A longer headway has a gap in it and is no saturation flow."""
SLOWEST: Final = 0.5
FASTEST: Final = 1.25
"""No lane discharges slower or faster than this times what it was declared to."""
PRIOR_VEH: Final = 10.0
FORGET: Final = 0.99
LEARNED_VEH: Final = 20.0


class Saturation:
    """The mean headway of a discharging queue; starts from a configured rate and forgets slowly."""

    __slots__ = ("_last_s", "_place", "_prior_s", "_seconds", "_seen", "_vehicles")

    def __init__(self, prior_veh_h: float) -> None:
        self._prior_s = 3600.0 / prior_veh_h
        self._vehicles = PRIOR_VEH
        self._seconds = PRIOR_VEH * self._prior_s
        self._seen = 0.0
        self._place = 0
        self._last_s = 0.0

    def open(self, at_s: float) -> None:
        """The light turned green: a queue begins to discharge."""
        self._place, self._last_s = 0, at_s

    def left(self, at_s: float, queued: float) -> None:
        """Somebody left in green; `queued` vehicles were believed to stand here when it became green."""
        headway_s, self._last_s = at_s - self._last_s, at_s
        self._place += 1
        if FIRST < self._place <= queued and headway_s <= LONGEST_S:
            self._vehicles = self._vehicles * FORGET + 1.0
            self._seconds = self._seconds * FORGET + headway_s
            self._seen += 1.0

    @property
    def headway_s(self) -> float:
        """Seconds between vehicles of a discharging queue."""
        learned_s = self._seconds / self._vehicles
        return min(self._prior_s / SLOWEST, max(self._prior_s / FASTEST, learned_s))

    @property
    def learned_veh_h(self) -> float:
        """The learned rate; 0 until LEARNED_VEH headways were seen."""
        return 3600.0 / self.headway_s if self._seen >= LEARNED_VEH else 0.0
