"""How many vehicles an hour pass here, smoothed?"""

from __future__ import annotations

import math


class SmoothedRate:
    """Vehicles per hour with exponential forgetting; unbiased from the start (the weights are normalised)."""

    __slots__ = ("_at_s", "_mass", "_memory_s", "_since_s")

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self._since_s: float | None = None
        self._at_s = 0.0
        self._mass = 0.0

    def begin(self, at_s: float) -> None:
        """Say that counting has begun, so that an empty road is a rate of 0 and not a lack of data."""
        if self._since_s is None:
            self._since_s = self._at_s = at_s

    def add(self, at_s: float, vehicles: float = 1.0) -> None:
        """Count `vehicles` at `at_s`."""
        if self._since_s is None:
            self.begin(at_s)
        self._mass = self.mass(at_s) + vehicles
        if at_s > self._at_s:
            self._at_s = at_s

    def clear(self) -> None:
        """Forget who was counted, not since when."""
        self._mass = 0.0

    def mass(self, at_s: float) -> float:
        """Vehicles counted, those `memory_s` ago weighing 1/e."""
        since_s = at_s - self._at_s
        return self._mass * math.exp(-since_s / self._memory_s) if since_s > 0.0 else self._mass

    def seen_s(self, at_s: float) -> float:
        """For how long counting has gone on."""
        return 0.0 if self._since_s is None else max(0.0, at_s - self._since_s)

    def per_hour(self, at_s: float) -> float:
        """The rate; 0 before counting has begun."""
        window_s = self._memory_s * (1.0 - math.exp(-self.seen_s(at_s) / self._memory_s))
        return self.mass(at_s) * 3600.0 / window_s if window_s > 1.0 else 0.0
