"""When in its cycle did each vehicle arrive? (Purdue Coordination Diagram.)

x is the time of day, y the seconds since the cycle began; a cycle begins with red, at the end of yellow
(red clearance, 10). A dot is an arrival, three lines are green, yellow and the end of each cycle. (Day et al.
2010; UDOT ATSPM.)
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, arrivals, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_ON)
DETECTORS: Final = "advance"

What = Literal["arrival", "green", "yellow", "end"]


class Point(NamedTuple):
    """A dot or a point of a line: at `at_ns` something happened `since_s` seconds into the cycle of `phase`.

    `on_green` is only meant for arrivals.
    """

    at_ns: int
    phase: int
    what: What
    since_s: float
    on_green: bool


def purdue_coordination_diagram(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Point]:
    """Every point of the diagram, ordered by time.

    Cycles from red to red with one green and one yellow only.
    """
    log, points = ordered(at_ns, code, param), []
    for phase, own in sorted((channels or {}).items()):
        at = arrivals(log, own)
        for red, green, yellow, end in _red_to_red(log, phase):
            lines: tuple[tuple[What, int], ...] = (("green", green), ("yellow", yellow), ("end", end))
            points += [Point(t, phase, what, (t - red) / SECOND_NS, False) for what, t in lines]
            first, last = np.searchsorted(at, (red, end))
            points += [
                Point(t, phase, "arrival", (t - red) / SECOND_NS, green <= t < yellow)
                for t in at[first:last].tolist()
            ]
    return sorted(points)


def _red_to_red(log: Log, phase: int) -> list[tuple[int, int, int, int]]:
    """(red, green, yellow, next red) of each whole cycle."""
    own = log.only((PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR), (phase,))
    codes, at = own.code.tolist(), own.at_ns.tolist()
    whole = [PHASE_RED_CLEAR, PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR]
    return [
        (at[i], at[i + 1], at[i + 2], at[i + 3]) for i in range(len(codes) - 3) if codes[i : i + 4] == whole
    ]
