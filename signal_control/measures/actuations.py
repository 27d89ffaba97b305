"""How often was each detector switched on? (Approach volume, where a detector counts every vehicle once.)"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, bin_of, ordered
from signal_control.events import DETECTOR_ON

NEEDS: Final = (DETECTOR_ON,)
DETECTORS: Final = ""


class Actuations(NamedTuple):
    """Switch-on events of a detector channel in the bin from `start_ns`."""

    start_ns: int
    channel: int
    total: int


def actuations(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Actuations]:
    """Actuations per bin and channel, ordered by both; a channel without any in a bin is left out."""
    log = ordered(at_ns, code, param).only(NEEDS)
    cells, totals = np.unique(
        np.column_stack((bin_of(log.at_ns, bin_ns), log.param)), axis=0, return_counts=True
    )
    return [Actuations(int(s), int(c), int(n)) for (s, c), n in zip(cells, totals, strict=True)]
