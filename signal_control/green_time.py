"""How long was a phase green in each bin?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signal_control.eventlog import SECOND_NS, Ints, Log
from signal_control.events import PHASE_GREEN, PHASE_YELLOW


def greens(log: Log, phase: int, bin_ns: int) -> tuple[Ints, Ints]:
    """Begin and end of each green (1 to 8), ns since the epoch.

    A green that the log does not see begin is taken to begin with its bin, one that it does not see end, to
    end with it.
    """
    own = log.only((PHASE_GREEN, PHASE_YELLOW), (phase,))
    begins, ends, since, before = [], [], None, None
    for at, code in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
        if code == PHASE_GREEN:
            if since is not None:
                begins.append(since)
                ends.append(at)
            since = at
        elif since is not None:
            begins.append(since)
            ends.append(at)
            since = None
        elif before is None:
            begins.append(at // bin_ns * bin_ns)
            ends.append(at)
        before = code
    if since is not None:
        begins.append(since)
        ends.append((since // bin_ns + 1) * bin_ns)
    return np.array(begins, np.int64), np.array(ends, np.int64)


def green_seconds(log: Log, phase: int, bin_ns: int) -> dict[int, float]:
    """Seconds of green in each bin that has any; greens are divided at the edges of bins."""
    found: dict[int, float] = {}
    for begin, end in zip(*(column.tolist() for column in greens(log, phase, bin_ns)), strict=True):
        for start in range(begin // bin_ns * bin_ns, end, bin_ns):
            inside_ns = min(end, start + bin_ns) - max(begin, start)
            found[start] = found.get(start, 0.0) + inside_ns / SECOND_NS
    return found


def shown(log: Log, phase: int, at_ns: Ints, codes: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """The last of `codes` that a phase logged before or at each time; -1 when none was."""
    own = log.only(codes, (phase,))
    last = np.searchsorted(own.at_ns, at_ns, side="right") - 1
    return np.concatenate((own.code, [-1]))[last].astype(np.int64)
