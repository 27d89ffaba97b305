"""How long was each split, on average? (Vendor codes 300 to 317: a MaxTime controller's own figures.)

Codes 300 to 315 are the splits of phases 1 to 16, 316 is the cycle, 317 the offset correction. Controllers
that do not log them: see `split_monitor`, which takes the splits from the lights.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, bin_of, ordered

NEEDS: Final = tuple(range(300, 318))
DETECTORS: Final = ""


class Splits(NamedTuple):
    """How often code `code` was logged in the bin from `start_ns`, and the mean of its seconds."""

    start_ns: int
    code: int
    services: int
    average_s: float


def splits(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Splits]:
    """Splits per bin and code, ordered by both."""
    log = ordered(at_ns, code, param).only(NEEDS)
    keys = np.column_stack((bin_of(log.at_ns, bin_ns), log.code))
    cells, which, n = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    sums = np.bincount(which.ravel(), weights=log.param, minlength=len(cells))
    return [Splits(int(s), int(c), int(k), float(x)) for (s, c), k, x in zip(cells, n, sums / n, strict=True)]
