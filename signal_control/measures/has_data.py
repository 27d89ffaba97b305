"""In which bins did an intersection speak without a gap?

A bin counts when each of its stretches of five minutes holds at least three events; vendor codes beyond 218
do not count. What other measures say of a bin that is missing here is not to be trusted.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, bin_of, ordered

NEEDS: Final = tuple(range(219))
DETECTORS: Final = ""

STRETCH_NS: Final = 5 * 60 * SECOND_NS
LEAST: Final = 3


class HasData(NamedTuple):
    """A bin, from `start_ns`, in which no data are missing."""

    start_ns: int


def has_data(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[HasData]:
    """Bins with events all along, in order of time. `bin_ns` should be a multiple of five minutes."""
    log = ordered(at_ns, code, param).only(NEEDS)
    stretches, events = np.unique(bin_of(log.at_ns, STRETCH_NS), return_counts=True)
    starts, full = np.unique(bin_of(stretches[events >= LEAST], bin_ns), return_counts=True)
    return [HasData(int(start)) for start in starts[full == bin_ns // STRETCH_NS]]
