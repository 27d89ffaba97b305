"""How well does a controller say that it is reached?

(Vendor codes 400, 502 and 503: MaxTime's own figures.)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, Log, bin_of, ordered

NEEDS: Final = (400, 502, 503)
DETECTORS: Final = ""


class Communications(NamedTuple):
    """Mean of the parameters of a code in the bin from `start_ns`."""

    start_ns: int
    code: int
    average: float


def communications(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Communications]:
    """Means per bin and code, ordered by both.

    A parameter below 0 says that nothing was measured and is left out; what was logged twice counts once.
    """
    table = np.column_stack(ordered(at_ns, code, param).only(NEEDS))
    log = Log(*np.unique(table[table[:, 2] >= 0], axis=0).T)
    keys = np.column_stack((bin_of(log.at_ns, bin_ns), log.code))
    cells, which, n = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    sums = np.bincount(which.ravel(), weights=log.param, minlength=len(cells))
    return [Communications(int(s), int(c), float(x)) for (s, c), x in zip(cells, sums / n, strict=True)]
