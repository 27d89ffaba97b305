"""How does one ring of a signal cabinet time its greens, walks and clearances?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from signal_control.model import Phase

GRID_MS = 100
"""Cabinets act on tenths of a second, the resolution of the high-resolution event log."""

Interval = Literal["red", "green", "yellow", "red_clear"]
Ped = Literal["dont", "walk", "clear"]
HiresEvent = tuple[int, int, int]
"""Time in ms since the epoch, Indiana event code, parameter."""


def grid_ms(seconds: float) -> int:
    """`seconds` in milliseconds, rounded up to the grid, so that no interval is ever cut."""
    return -(-round(seconds * 1000) // GRID_MS) * GRID_MS


@dataclass(frozen=True, slots=True)
class Timing:
    """The intervals of one phase in milliseconds on the grid."""

    number: int
    min_green: int
    max_green: int
    passage: int
    yellow: int
    red_clear: int
    walk: int
    ped_clear: int

    @classmethod
    def of(cls, phase: Phase) -> Timing:
        """The timing of `phase`; a walk without pedestrians is 0."""
        return cls(
            number=phase.number,
            min_green=grid_ms(phase.min_green_s),
            max_green=grid_ms(phase.max_green_s),
            passage=grid_ms(phase.passage_s),
            yellow=grid_ms(phase.yellow_s),
            red_clear=grid_ms(phase.red_clear_s),
            walk=grid_ms(phase.walk_s),
            ped_clear=grid_ms(phase.ped_clear_s) if phase.has_ped else 0,
        )

    @property
    def ped(self) -> int:
        """Walk and pedestrian clearance."""
        return self.walk + self.ped_clear

    @property
    def need(self) -> int:
        """The shortest green that serves vehicles and pedestrians."""
        return max(self.min_green, self.ped)

    @property
    def clearance(self) -> int:
        """Yellow and red clearance."""
        return self.yellow + self.red_clear


class Ring:
    """The lights of one ring: at most one phase is out of red, and no interval is cut short.

    Every transition is written to `log`. `phase` is the phase that shows or showed last (0 before the first).
    """

    def __init__(self, timings: dict[int, Timing], log: list[HiresEvent]) -> None:
        self.timings = timings
        self.phase = 0
        self.interval: Interval = "red"
        self.since = 0
        self.ped: Ped = "dont"
        self._ped_since = 0
        self._min_logged = False
        self._log = log

    @property
    def active(self) -> bool:
        """Whether a phase of this ring shows green or is being cleared."""
        return self.interval != "red"

    @property
    def green(self) -> bool:
        """Whether a phase of this ring shows green."""
        return self.interval == "green"

    def may_end(self, t: int) -> bool:
        """Whether the green may turn yellow at `t`: minimum green over, nobody on the crossing."""
        return self.green and self.ped == "dont" and t - self.since >= self.timings[self.phase].min_green

    def begin_green(self, t: int, phase: int, walk: bool) -> None:
        """Show green to `phase`, and walk beside it if asked."""
        self.phase, self.interval, self.since, self._min_logged = phase, "green", t, False
        self._log += [(t, 0, phase), (t, 1, phase)]
        if walk:
            self.begin_walk(t)

    def begin_walk(self, t: int) -> None:
        """Show walk beside the running green."""
        self.ped, self._ped_since = "walk", t
        self._log.append((t, 21, self.phase))

    def end_green(self, t: int, cause: int) -> None:
        """Turn yellow; `cause` is 4 gap-out, 5 max-out or 6 force-off."""
        self.interval, self.since = "yellow", t
        self._log += [(t, cause, self.phase), (t, 7, self.phase), (t, 8, self.phase)]

    def drop(self) -> None:
        """Forget everything: the cabinet flashes."""
        self.phase, self.interval, self.ped = 0, "red", "dont"

    def advance(self, t: int) -> bool:
        """Make the transitions that are due at `t` by time alone; returns whether the lights changed."""
        if self.interval == "red":
            return False
        if self.interval == "green":
            return self._advance_green(t)
        timing = self.timings[self.phase]
        if self.interval == "yellow" and t - self.since >= timing.yellow:
            self._log.append((t, 9, self.phase))
            if timing.red_clear == 0:
                return self._rest(t)
            self.interval, self.since = "red_clear", t
            self._log.append((t, 10, self.phase))
            return True
        if self.interval == "red_clear" and t - self.since >= timing.red_clear:
            self._log.append((t, 11, self.phase))
            return self._rest(t)
        return False

    def _rest(self, t: int) -> bool:
        self.interval, self.since = "red", t
        self._log.append((t, 12, self.phase))
        return True

    def _advance_green(self, t: int) -> bool:
        timing = self.timings[self.phase]
        if not self._min_logged and t - self.since >= timing.min_green:
            self._min_logged = True
            self._log.append((t, 3, self.phase))
        if self.ped == "walk" and t - self._ped_since >= timing.walk:
            self.ped, self._ped_since = "clear", t
            self._log.append((t, 22, self.phase))
            return True
        if self.ped == "clear" and t - self._ped_since >= timing.ped_clear:
            self.ped = "dont"
            self._log.append((t, 23, self.phase))
            return True
        return False
