"""Which seconds of green are used? (Green Time Utilization.)

Vehicles over the stop bar by the time since their green began, in steps of two seconds, per green: what is
low at the end of every green is time that others could have. Stop-bar count detectors.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, arrivals, bin_of, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW
from signal_control.green_time import greens

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, DETECTOR_ON)
DETECTORS: Final = "yellow_red"

STEP_S: Final = 2


class GreenTimeUtilization(NamedTuple):
    """Vehicles per green that crossed `since_s` to `since_s` + 2 s after green began, and how many greens."""

    start_ns: int
    phase: int
    since_s: int
    vehicles: float
    greens: int


def green_time_utilization(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[GreenTimeUtilization]:
    """Use of green per bin (of the begin of green), phase and two seconds, ordered by them."""
    log, cells = ordered(at_ns, code, param), []
    for phase, own in sorted((channels or {}).items()):
        begin, end = greens(log, phase, bin_ns)
        starts, at = bin_of(begin, bin_ns), arrivals(log, own)
        row = np.searchsorted(begin, at, side="right") - 1
        inside = (row >= 0) & (at < np.concatenate((end, [0]))[row])
        at, row = at[inside], row[inside]
        steps = (at - begin[row]) // (STEP_S * SECOND_NS)
        for start in np.unique(starts):
            n = int((starts == start).sum())
            counts = np.bincount(steps[starts[row] == start])
            cells += [
                GreenTimeUtilization(int(start), phase, i * STEP_S, float(c / n), n)
                for i, c in enumerate(counts.tolist())
            ]
    return sorted(cells)
