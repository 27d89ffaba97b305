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


OVERLAP = 100
"""The monitor's channel of overlap n is 100 + n; that of a phase is its number."""


class ConflictMonitor:
    """Watches the lights of one intersection; the first fault is latched until `reset`."""

    def __init__(self, intersection: Intersection) -> None:
        self._conflicts = _conflicts(intersection)
        self._red_clear_ms = {p.number: round(p.red_clear_s * 1000) for p in intersection.phases}
        self._red_clear_ms |= {OVERLAP + o.number: round(o.red_clear_s * 1000) for o in intersection.overlaps}
        self.fault = ""
        self._shown, self._greens, self._yellows = Lights(), frozenset[int](), frozenset[int]()
        self._yellow_at: dict[int, int] = {}
        self._red_at: dict[int, int] = {}

    def check(self, now_ms: int, lights: Lights) -> str:
        """The fault in force, or nothing. To be called at every change of the lights, with its time."""
        if not self.fault:
            greens = _channels(lights.greens, lights.overlap_greens)
            yellows = _channels(lights.yellows, lights.overlap_yellows)
            self.fault = (
                self._dual(greens, yellows)
                or self._conflict({*greens, *yellows, *lights.walks, *lights.ped_clears})
                or self._lost_yellow(now_ms, greens, yellows)
                or self._short_clearance(now_ms, greens)
                or self._pedestrians(lights)
            )
            self._shown, self._greens, self._yellows = lights, greens, yellows
        return self.fault

    def reset(self) -> None:
        """Forget the fault, as a technician would at the cabinet door; all heads must show red."""
        self.fault = ""
        self._shown, self._greens, self._yellows = Lights(), frozenset(), frozenset()
        self._yellow_at.clear()
        self._red_at.clear()

    def _dual(self, greens: frozenset[int], yellows: frozenset[int]) -> str:
        both = greens & yellows
        return f"green and yellow together on {_name(min(both))}" if both else ""

    def _conflict(self, moving: set[int]) -> str:
        for a, b in combinations(sorted(moving), 2):
            if frozenset((a, b)) in self._conflicts:
                both = f"phases {a} and {b}" if b < OVERLAP else f"{_name(a)} and {_name(b)}"
                return f"conflict between {both}"
        return ""

    def _lost_yellow(self, now_ms: int, greens: frozenset[int], yellows: frozenset[int]) -> str:
        for channel in sorted(self._greens - greens - yellows):
            return f"no yellow after the green of {_name(channel)}"
        for channel in sorted(self._yellows - yellows):
            shown_ms = now_ms - self._yellow_at[channel]
            if shown_ms < SHORTEST_YELLOW_MS:
                return f"yellow of {_name(channel)} was {shown_ms} ms"
            self._red_at[channel] = now_ms
        for channel in yellows - self._yellows:
            self._yellow_at[channel] = now_ms
        return ""

    def _short_clearance(self, now_ms: int, greens: frozenset[int]) -> str:
        for channel in sorted(greens - self._greens):
            for other, red_at in self._red_at.items():
                conflicting = other == channel or frozenset((channel, other)) in self._conflicts
                if conflicting and now_ms - red_at < self._red_clear_ms[other]:
                    shown = f"{now_ms - red_at} ms before {_name(channel)}"
                    return f"red clearance of {_name(other)} was {shown}"
        return ""

    def _pedestrians(self, lights: Lights) -> str:
        for phase in (*lights.walks, *lights.ped_clears):
            if phase not in lights.greens:
                return f"pedestrians of phase {phase} walk beside red"
        for phase in self._shown.walks:
            if phase not in lights.walks and phase not in lights.ped_clears:
                return f"no pedestrian clearance after the walk of phase {phase}"
        return ""


def _conflicts(x: Intersection) -> set[frozenset[int]]:
    """Pairs of channels that must never move together."""
    numbers = [phase.number for phase in x.phases]
    found = {frozenset((a, b)) for a, b in combinations(numbers, 2) if not x.compatible(a, b)}
    found |= {frozenset((OVERLAP + o.number, p)) for o in x.overlaps for p in x.against(o)}
    pairs = combinations(x.overlaps, 2)
    return found | {frozenset((OVERLAP + a.number, OVERLAP + b.number)) for a, b in pairs if x.clashing(a, b)}


def _channels(phases: tuple[int, ...], overlaps: tuple[int, ...]) -> frozenset[int]:
    return frozenset((*phases, *(OVERLAP + number for number in overlaps)))


def _name(channel: int) -> str:
    return f"overlap {channel - OVERLAP}" if channel > OVERLAP else f"phase {channel}"
