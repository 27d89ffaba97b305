"""How many gaps does the opposing traffic leave to those who turn left?

Gaps between actuations of the opposing detectors while the phase is green: below 3.3 s nobody turns, up to
3.7 s some do, up to 7.4 s one does, above that more than one. (UDOT ATSPM; critical gap after the HCM.)
The channels of a phase here are those of the traffic that opposes its permissive left turn.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, arrivals, bin_of, ordered
from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW
from signal_control.green_time import greens

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, DETECTOR_ON)
DETECTORS: Final = "opposing"

EDGES_S: Final = (1.0, 3.3, 3.7, 7.4)


class LeftTurnGap(NamedTuple):
    """Gaps during green in the bin from `start_ns`: 1 to 3.3 s, to 3.7 s, to 7.4 s, and longer."""

    start_ns: int
    phase: int
    up_to_3_3_s: int
    up_to_3_7_s: int
    up_to_7_4_s: int
    longer: int


def left_turn_gap(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[LeftTurnGap]:
    """Gaps per bin (of the begin of green) and phase. The edges of green bound the first and the last gap."""
    log = ordered(at_ns, code, param)
    counts: dict[tuple[int, int], Ints] = {}
    for phase, own in sorted((channels or {}).items()):
        at, (begins, ends) = arrivals(log, own), greens(log, phase, bin_ns)
        for begin, end, start in zip(
            begins.tolist(), ends.tolist(), bin_of(begins, bin_ns).tolist(), strict=True
        ):
            inside = at[(at >= begin) & (at < end)]
            gaps_s = np.diff(np.concatenate(([begin], inside, [end]))) / SECOND_NS
            which = np.searchsorted(EDGES_S, gaps_s, side="right")
            cell = counts.setdefault((start, phase), np.zeros(5, np.int64))
            cell += np.bincount(which, minlength=5)
    return [LeftTurnGap(*key, *map(int, n[1:])) for key, n in sorted(counts.items())]
