"""Which share of the vehicles of a phase arrived while it was green?

Arrivals are detector-on events (82) of the phase's advance detectors at the time they were logged. The phase
is green from event 1 until 8 (or 10, where a controller logs no yellow). Events at one instant take effect in
the order of their codes, so a green that begins with an arrival counts for it. Arrivals before the first
signal event of the log count as arrivals, not as arrivals on green. (UDOT ATSPM; the open `atspm` package.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_ON)
"""Event codes this measure reads."""

DETECTORS: Final = "advance"


class ArrivalsOnGreen(NamedTuple):
    """One cell: `total` arrivals of `phase` in the bin from `start_ns`; `on_green` is a share, 0 to 1."""

    start_ns: int
    phase: int
    total: int
    on_green: float


def arrivals_on_green(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[ArrivalsOnGreen]:
    """Arrivals on green of one intersection per bin and phase, ordered by both; empty bins are left out.

    `at_ns`, `code` and `param` are columns of equal length in any order; `channels` names the channels of the
    advance detectors of each phase. Bins start at multiples of `bin_ns` since the epoch.
    Raises ValueError when the columns differ in length.
    """
    at, codes, params = ordered(at_ns, code, param)
    cells = [
        cell
        for phase, own in sorted((channels or {}).items())
        for cell in _of_phase(at, codes, params, phase, own, bin_ns)
    ]
    return sorted(cells)


def _of_phase(
    at_ns: Ints, code: Ints, param: Ints, phase: int, channels: Sequence[int], bin_ns: int
) -> list[ArrivalsOnGreen]:
    arrived = (code == DETECTOR_ON) & np.isin(param, np.asarray(channels, dtype=np.int64))
    signal = np.isin(code, (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR)) & (param == phase)
    (arrival_rows,), (signal_rows,) = np.nonzero(arrived), np.nonzero(signal)
    last = np.searchsorted(signal_rows, arrival_rows) - 1
    begins_green = np.concatenate((code[signal_rows] == PHASE_GREEN, [False]))
    green = begins_green[last]  # last == -1: no signal event yet, which is the appended False
    starts, which = np.unique(at_ns[arrival_rows] // bin_ns * bin_ns, return_inverse=True)
    totals, greens = np.bincount(which), np.bincount(which, weights=green)
    return [
        ArrivalsOnGreen(int(start), phase, int(total), float(on_green / total))
        for start, total, on_green in zip(starts, totals, greens, strict=False)
    ]
