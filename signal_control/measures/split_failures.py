"""In how many cycles did a green end before everybody who waited was served? (Purdue Split Failure.)

GOR is the share of green during which the stop-bar presence detectors of the approach are occupied (any
lane), ROR5 that of the first five seconds of red. Both at 80 % or more: the split failed. Only cycles with
one yellow and one red clearance count, in the bin in which their five seconds of red end. (Freije et al.
2014; UDOT takes more than 79 %.)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.detector_time import Occupancy
from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, bin_of, cycles, ordered, runs
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR, DETECTOR_OFF, DETECTOR_ON)
DETECTORS: Final = "presence"

RED_S: Final = 5
LEAST: Final = 0.8


class SplitFailures(NamedTuple):
    """Means over the cycles of `phase` in the bin: green in seconds, GOR and ROR5 (0 to 1); and failures."""

    start_ns: int
    phase: int
    green_s: float
    green_occupancy: float
    red_occupancy: float
    failures: int
    cycles: int


class CycleOccupancy(NamedTuple):
    """One cycle: begin of green, of red (ns since the epoch), green in seconds, GOR and ROR5."""

    green_ns: int
    red_ns: int
    green_s: float
    green_occupancy: float
    red_occupancy: float

    @property
    def failed(self) -> bool:
        """Whether the split failed."""
        return self.green_occupancy >= LEAST and self.red_occupancy >= LEAST


def by_cycle(at_ns: Ints, code: Ints, param: Ints, phase: int, channels: Ints) -> list[CycleOccupancy]:
    """Every whole cycle of a phase during which its detectors were known, in order of time."""
    log = ordered(at_ns, code, param)
    occupied = Occupancy(log, channels.tolist())
    ends_ns = (int(log.at_ns[-1]) // BIN_NS + 1) * BIN_NS if len(log.at_ns) else 0
    whole = [
        c for c in cycles(log, phase, ends_ns) if c.red_ns + RED_S * SECOND_NS < min(c.next_green_ns, ends_ns)
    ]
    known_ns = occupied.known_from_ns
    table = np.array([c for c in whole if known_ns is not None and c.green_ns > known_ns], np.int64)
    if not len(table):
        return []
    green, yellow, red = table[:, 0], table[:, 1], table[:, 2]
    gor = occupied.between(green, yellow) / np.maximum(1, yellow - green)
    ror = occupied.between(red, red + RED_S * SECOND_NS) / (RED_S * SECOND_NS)
    rows = zip(green.tolist(), red.tolist(), (yellow - green) / SECOND_NS, gor, ror, strict=True)
    return [CycleOccupancy(g, r, float(s), float(a), float(b)) for g, r, s, a, b in rows]


def split_failures(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[SplitFailures]:
    """Split failures per bin and phase, ordered by both; a bin without a whole cycle is left out."""
    cells = []
    for phase, own in sorted((channels or {}).items()):
        found = by_cycle(at_ns, code, param, phase, np.asarray(own, np.int64))
        starts = bin_of(np.array([c.red_ns + RED_S * SECOND_NS for c in found], np.int64), bin_ns)
        for start, rows in runs(starts):
            mine = found[rows]
            green_s, gor, ror = (float(np.mean([c[i] for c in mine])) for i in (2, 3, 4))
            failures = sum(c.failed for c in mine)
            cells.append(SplitFailures(start, phase, green_s, gor, ror, failures, len(mine)))
    return sorted(cells)


class Cycle(NamedTuple):
    """One cycle of `phase` whose green began at `green_ns`: green in seconds, GOR, ROR5, and its verdict."""

    green_ns: int
    phase: int
    green_s: float
    green_occupancy: float
    red_occupancy: float
    failed: bool


def each(at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None) -> list[Cycle]:
    """Every whole cycle in order of time."""
    return sorted(
        Cycle(c.green_ns, phase, c.green_s, c.green_occupancy, c.red_occupancy, c.failed)
        for phase, own in (channels or {}).items()
        for c in by_cycle(at_ns, code, param, phase, np.asarray(own, np.int64))
    )
