"""How long do vehicles wait that arrive on red? (Approach delay, simplified.)

The delay of an arrival on yellow or red is the time until the next green (1); that of an arrival on green
is 0. Start-up, deceleration and the queue in front are left out, so the true delay is higher. The mean is
over all arrivals. (UDOT ATSPM.) Advance detectors; travel time to the stop line is added when it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, arrivals, bin_of, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW
from signal_control.green_time import shown

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_ON)
DETECTORS: Final = "advance"

_LIGHTS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR)


class ApproachDelay(NamedTuple):
    """Arrivals of `phase` in the bin from `start_ns`; their mean delay in seconds, and all of it in hours."""

    start_ns: int
    phase: int
    total: int
    average_s: float
    total_h: float


def approach_delay(
    at_ns: Ints,
    code: Ints,
    param: Ints,
    channels: Channels | None = None,
    bin_ns: int = BIN_NS,
    travel_s: Mapping[int, float] | None = None,
) -> list[ApproachDelay]:
    """Delay per bin (of the arrival at the stop line) and phase, ordered by both.

    `travel_s` is by phase the time from the detector to the stop line (0 without). Arrivals before the first
    light of the log, and those for whom no green came any more, are left out.
    """
    log, cells = ordered(at_ns, code, param), []
    for phase, own in sorted((channels or {}).items()):
        at = arrivals(log, own) + round((travel_s or {}).get(phase, 0.0) * SECOND_NS)
        greens = log.only((PHASE_GREEN,), (phase,)).at_ns
        light = shown(log, phase, at, _LIGHTS)
        after = np.searchsorted(greens, at, side="right")
        sure = (light == PHASE_GREEN) | ((light >= 0) & (after < len(greens)))
        waits_ns = np.where(light == PHASE_GREEN, 0, np.concatenate((greens, [0]))[after] - at)[sure]
        starts = bin_of(at[sure], bin_ns)
        for start in np.unique(starts):
            mine_s = waits_ns[starts == start] / SECOND_NS
            figures = (len(mine_s), float(mine_s.mean()), float(mine_s.sum() / 3600))
            cells.append(ApproachDelay(int(start), phase, *figures))
    return sorted(cells)
