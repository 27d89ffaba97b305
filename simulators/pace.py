"""How fast does simulated time run, and how fast may it?"""

from __future__ import annotations

from collections import deque

_SPRINT_S = 0.25
"""Wall seconds of delay that may be made up; what is lost beyond stays lost."""
_WINDOW_S = 5.0


class Pace:
    """Keeps simulated time at `speed` times wall time, never faster; wall times are seconds, monotonic."""

    def __init__(self, speed: float, now_s: float) -> None:
        self._speed, self._due_s = speed, now_s
        self._ticks: deque[tuple[float, float]] = deque([(now_s, 0.0)])

    def wait_s(self, simulated_s: float, now_s: float) -> float:
        """Account for a step of `simulated_s`; returns how long to wait until the next one is due."""
        self._due_s = max(self._due_s, now_s - _SPRINT_S) + simulated_s / self._speed
        self._ticks.append((now_s, self._ticks[-1][1] + simulated_s))
        while self._ticks[1][0] < now_s - _WINDOW_S:
            self._ticks.popleft()
        return max(0.0, self._due_s - now_s)

    @property
    def true_speed(self) -> float:
        """Simulated over wall time in the last seconds."""
        (first_s, first), (last_s, last) = self._ticks[0], self._ticks[-1]
        return min(self._speed, (last - first) / (last_s - first_s)) if last_s - first_s > 1 else self._speed
