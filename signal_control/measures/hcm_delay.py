"""What delay and which level of service does the Highway Capacity Manual expect of what was counted?

Volume from the stop-bar count detectors of a phase, green and cycle from its lights, in each bin; the rest is
`signal_control.hcm` with a lane's saturation flow times the number of counted lanes, where nothing better is
given. Effective green is the displayed one. The cycle is that of the phase which is served most often: others
may be skipped. What never reaches a detector, in a queue that does not move, is
not counted: over capacity the true delay is higher. Stretches of more than five minutes between two greens
(a phase that rests) are no cycles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, arrivals, bin_of, ordered, runs
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW
from signal_control.green_time import greens
from signal_control.hcm import Grade, LaneGroup, control_delay

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, DETECTOR_ON)
DETECTORS: Final = "count"

LANE_VEH_H: Final = 1800.0
LONGEST_NS: Final = 300 * SECOND_NS
HOUR_NS: Final = 3600 * SECOND_NS


class HcmDelay(NamedTuple):
    """Volume in vehicles per hour, mean cycle and green in seconds, degree of saturation X (1 is full),
    control delay in seconds per vehicle, and the level of service, of `phase` in the bin."""

    start_ns: int
    phase: int
    volume_veh_h: float
    cycle_s: float
    green_s: float
    saturation: float
    delay_s: float
    grade: Grade


def hcm_delay(
    at_ns: Ints,
    code: Ints,
    param: Ints,
    channels: Channels | None = None,
    bin_ns: int = BIN_NS,
    saturation_veh_h: Mapping[int, float] | None = None,
) -> list[HcmDelay]:
    """Expected delay per bin (of the begin of green) and phase, ordered by both.

    `saturation_veh_h` is by phase the saturation flow of its lanes together.
    """
    log, cells = ordered(at_ns, code, param), []
    cycles_s = _cycles_s(log, bin_ns)
    for phase, own in sorted((channels or {}).items()):
        full = (saturation_veh_h or {}).get(phase, LANE_VEH_H * len(own))
        counted = bin_of(arrivals(log, own), bin_ns)
        begin, end = greens(log, phase, bin_ns)
        for start, rows in runs(bin_of(begin, bin_ns)):
            if start not in cycles_s:
                continue
            volume = float((counted == start).sum()) * HOUR_NS / bin_ns
            cycle_s = cycles_s[start]
            green_s = min(cycle_s, float((end - begin)[rows].mean()) / SECOND_NS)
            found = control_delay(LaneGroup(volume, full, green_s), cycle_s, bin_ns / HOUR_NS)
            figures = (volume, cycle_s, green_s, found.saturation, found.total_s, found.grade)
            cells.append(HcmDelay(start, phase, *figures))
    return sorted(cells)


def _cycles_s(log: Log, bin_ns: int) -> dict[int, float]:
    """The mean cycle in each bin, seconds: the shortest that any phase had."""
    found: dict[int, float] = {}
    for phase in log.phases((PHASE_GREEN,)):
        begin = log.only((PHASE_GREEN,), (phase,)).at_ns
        cycle = np.diff(begin)
        usual = cycle <= LONGEST_NS
        for start, rows in runs(bin_of(begin[:-1][usual], bin_ns)):
            cycle_s = float(cycle[usual][rows].mean()) / SECOND_NS
            found[start] = min(cycle_s, found.get(start, cycle_s))
    return found
