"""How fast do vehicles approach, to judge by how long they occupy a detector?

v = (vehicle length + detector length) / time on. One vehicle's speed is only as good as the guess of its
length, so means and percentiles of a bin are of use, single values are not; a radar's own speeds (readings
of kind `traffic`) are better where there are any. Only vehicles that arrive on green are taken, so that
nobody is measured who stands. Times on of less than 0.1 s or speeds above 50 m/s are no vehicles.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, bin_of, ordered, pairs
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW
from signal_control.green_time import shown

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_OFF, DETECTOR_ON)
DETECTORS: Final = "advance"

EFFECTIVE_M: Final = 6.5
"""A car of 4.5 m and a loop of 2 m."""
FASTEST_MPS: Final = 50.0
SHORTEST_NS: Final = SECOND_NS // 10


class ApproachSpeed(NamedTuple):
    """Vehicles measured in the bin from `start_ns`; mean, 15th and 85th percentile speed in m/s."""

    start_ns: int
    phase: int
    vehicles: int
    average_mps: float
    percentile_15_mps: float
    percentile_85_mps: float


def approach_speed(
    at_ns: Ints,
    code: Ints,
    param: Ints,
    channels: Channels | None = None,
    bin_ns: int = BIN_NS,
    effective_m: float = EFFECTIVE_M,
) -> list[ApproachSpeed]:
    """Speeds per bin and phase, ordered by both."""
    log, cells = ordered(at_ns, code, param), []
    for phase, own in sorted((channels or {}).items()):
        on = [p for c in own for p in pairs(log, DETECTOR_ON, DETECTOR_OFF, c) if p[1] - p[0] >= SHORTEST_NS]
        begin, end = np.array(on, np.int64).reshape(-1, 2).T
        speeds = effective_m / ((end - begin) / SECOND_NS)
        green = shown(log, phase, begin, (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR)) == PHASE_GREEN
        sound = green & (speeds <= FASTEST_MPS)
        starts = bin_of(begin[sound], bin_ns)
        for start in np.unique(starts):
            mine = speeds[sound][starts == start]
            figures = (float(mine.mean()), *(float(x) for x in np.percentile(mine, (15, 85))))
            cells.append(ApproachSpeed(int(start), phase, len(mine), *figures))
    return sorted(cells)
