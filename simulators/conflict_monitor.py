"""Are the lights that are really shown safe, whatever the controller believes?

The checks of a malfunction management unit (NEMA TS 2): conflicting indications, missing or short yellow,
short clearance before a conflicting green, two colours on one head, walk beside red.
"""

from __future__ import annotations

from itertools import combinations

from signal_control.model import Intersection
from simulators.lights import Lights

SHORTEST_YELLOW_MS = 2700
"""Less yellow than this after a green trips every monitor, whatever is configured."""


class ConflictMonitor:
    """Watches the lights of one intersection; the first fault is latched until `reset`."""

    def __init__(self, intersection: Intersection) -> None:
        numbers = [phase.number for phase in intersection.phases]
        self._conflicts = {
            frozenset((a, b)) for a, b in combinations(numbers, 2) if not intersection.compatible(a, b)
        }
        self._red_clear_ms = {p.number: round(p.red_clear_s * 1000) for p in intersection.phases}
        self.fault = ""
        self._shown = Lights()
        self._yellow_at: dict[int, int] = {}
        self._red_at: dict[int, int] = {}

    def check(self, now_ms: int, lights: Lights) -> str:
        """The fault in force, or nothing. To be called at every change of the lights, with its time."""
        if not self.fault:
            self.fault = (
                self._dual(lights)
                or self._conflict(lights)
                or self._lost_yellow(now_ms, lights)
                or self._short_clearance(now_ms, lights)
                or self._pedestrians(lights)
            )
            self._shown = lights
        return self.fault

    def reset(self) -> None:
        """Forget the fault, as a technician would at the cabinet door; all heads must show red."""
        self.fault, self._shown = "", Lights()
        self._yellow_at.clear()
        self._red_at.clear()

    def _dual(self, lights: Lights) -> str:
        both = set(lights.greens) & set(lights.yellows)
        return f"green and yellow together on phase {min(both)}" if both else ""

    def _conflict(self, lights: Lights) -> str:
        moving = {*lights.greens, *lights.yellows, *lights.walks, *lights.ped_clears}
        for a, b in combinations(sorted(moving), 2):
            if frozenset((a, b)) in self._conflicts:
                return f"conflict between phases {a} and {b}"
        return ""

    def _lost_yellow(self, now_ms: int, lights: Lights) -> str:
        for phase in self._shown.greens:
            if phase not in lights.greens and phase not in lights.yellows:
                return f"no yellow after the green of phase {phase}"
        for phase in self._shown.yellows:
            if phase in lights.yellows:
                continue
            if now_ms - self._yellow_at[phase] < SHORTEST_YELLOW_MS:
                return f"yellow of phase {phase} was {now_ms - self._yellow_at[phase]} ms"
            self._red_at[phase] = now_ms
        for phase in lights.yellows:
            if phase not in self._shown.yellows:
                self._yellow_at[phase] = now_ms
        return ""

    def _short_clearance(self, now_ms: int, lights: Lights) -> str:
        for phase in lights.greens:
            if phase in self._shown.greens:
                continue
            for other, red_at in self._red_at.items():
                conflicting = other == phase or frozenset((phase, other)) in self._conflicts
                if conflicting and now_ms - red_at < self._red_clear_ms[other]:
                    return f"red clearance of phase {other} was {now_ms - red_at} ms before phase {phase}"
        return ""

    def _pedestrians(self, lights: Lights) -> str:
        for phase in (*lights.walks, *lights.ped_clears):
            if phase not in lights.greens:
                return f"pedestrians of phase {phase} walk beside red"
        for phase in self._shown.walks:
            if phase not in lights.walks and phase not in lights.ped_clears:
                return f"no pedestrian clearance after the walk of phase {phase}"
        return ""
