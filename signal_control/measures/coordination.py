"""Under which pattern, cycle and offset did an intersection run?

Pattern (131) and cycle length (132) as commanded; actual cycle (316) and offset (318) where a MaxTime
controller logs them. The last word in a bin counts; a bin without one keeps what was so before; 0 is unknown.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, Log, ordered
from signal_control.events import CYCLE_LENGTH, PATTERN
from signal_control.measures import has_data

ACTUAL_CYCLE: Final = 316
ACTUAL_OFFSET: Final = 318
NEEDS: Final = (*has_data.NEEDS, ACTUAL_CYCLE, ACTUAL_OFFSET)
DETECTORS: Final = ""

_CODES: Final = (PATTERN, CYCLE_LENGTH, ACTUAL_CYCLE, ACTUAL_OFFSET)


class Coordination(NamedTuple):
    """Pattern number and, in seconds, the cycle commanded, the actual one and the actual offset."""

    start_ns: int
    pattern: int
    cycle_s: int
    actual_cycle_s: int
    actual_offset_s: int


def coordination(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Coordination]:
    """The state at the end of every bin without missing data, in order of time."""
    log = ordered(at_ns, code, param)
    starts = np.array([cell.start_ns for cell in has_data.has_data(*log, bin_ns=bin_ns)], np.int64)
    columns = [_at_ends(log.only((c,)), starts + bin_ns) for c in _CODES]
    return [Coordination(*map(int, row)) for row in zip(starts, *columns, strict=True)]


def _at_ends(log: Log, ends: Ints) -> Ints:
    """The last value before each time, 0 when there is none."""
    last = np.searchsorted(log.at_ns, ends) - 1
    return np.concatenate((log.param, [0]))[last]
