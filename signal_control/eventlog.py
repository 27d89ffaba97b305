"""Which stretches of time do the columns of a high-resolution log describe?

Columns are int64 arrays of one length: `at_ns` (nanoseconds since the epoch), `code` (Indiana event code) and
`param`. Events at one instant take effect in the order of their codes, as in the public tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_control.events import (
    DETECTOR_ON,
    PHASE_GREEN,
    PHASE_RED_CLEAR,
    PHASE_YELLOW,
)

Ints = npt.NDArray[np.integer[Any]]
Channels = Mapping[int, Sequence[int]]
"""Detector channels of each phase."""

SECOND_NS: Final = 1_000_000_000
BIN_NS: Final = 15 * 60 * SECOND_NS


class Log(NamedTuple):
    """The columns of a log, in order of time."""

    at_ns: Ints
    code: Ints
    param: Ints

    def only(self, codes: Iterable[int], params: Iterable[int] | None = None) -> Log:
        """The events with these codes, and, if given, one of these parameters."""
        (keep,) = np.nonzero(np.isin(self.code, np.fromiter(codes, np.int64)))
        if params is not None:
            keep = keep[np.isin(self.param[keep], np.fromiter(params, np.int64))]
        return Log(self.at_ns[keep], self.code[keep], self.param[keep])

    def phases(self, codes: Iterable[int]) -> list[int]:
        """The parameters that come with these codes, ascending."""
        return [int(p) for p in np.unique(self.only(codes).param)]


class Cycle(NamedTuple):
    """One green of a phase with its yellow and red, until the next green. Times in ns since the epoch.

    `red_ns` is the begin of red clearance (event 10), or of red where a controller logs none.
    """

    green_ns: int
    yellow_ns: int
    red_ns: int
    next_green_ns: int


def ordered(at_ns: Ints, code: Ints, param: Ints) -> Log:
    """The columns in order of time, then code, then parameter.

    Raises ValueError when their lengths differ.
    """
    if not len(at_ns) == len(code) == len(param):
        raise ValueError(f"columns of {len(at_ns)}, {len(code)} and {len(param)} rows")
    if _is_ordered(at_ns, code, param):
        return Log(at_ns, code, param)
    order = np.lexsort((param, code, at_ns))
    return Log(at_ns[order], code[order], param[order])


def _is_ordered(*columns: Ints) -> bool:
    """Whether no row comes before the one above it; far cheaper than sorting what is in order already."""
    if not len(columns[0]):
        return True
    rows = np.arange(len(columns[0]) - 1)
    for column in columns:
        steps = column[rows + 1] - column[rows]
        if (steps < 0).any():
            return False
        rows = rows[steps == 0]
    return True


def bin_of(at_ns: Ints, bin_ns: int) -> Ints:
    """The start of the bin of each time; bins start at multiples of `bin_ns` since the epoch."""
    return at_ns // bin_ns * bin_ns


def cycles(log: Log, phase: int, ends_ns: int | None = None) -> Iterator[Cycle]:
    """Every whole cycle of a phase: green (1), yellow (8), red clearance (10), the next green.

    A stretch between two greens with more or fewer than one yellow and one red clearance lost events: left
    out. With `ends_ns` the last one may stand without a next green; then `next_green_ns` is that.
    """
    own = log.only((PHASE_GREEN, PHASE_YELLOW, PHASE_RED_CLEAR), (phase,))
    at, codes = own.at_ns, own.code
    (greens,) = np.nonzero(codes == PHASE_GREEN)
    ends = [*greens.tolist(), len(codes)][1:]
    for first, after in zip(greens.tolist(), ends, strict=True):
        last = after == len(codes)
        if after - first != 3 or codes[first + 1] != PHASE_YELLOW or codes[first + 2] != PHASE_RED_CLEAR:
            continue
        if not last or ends_ns is not None:
            until = ends_ns if last and ends_ns is not None else int(at[min(after, len(at) - 1)])
            yield Cycle(int(at[first]), int(at[first + 1]), int(at[first + 2]), until)


def runs(keys: Ints) -> Iterator[tuple[int, slice]]:
    """Each run of equal `keys` with the rows it takes; of ascending keys, that is every key once."""
    edges = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True]))) if len(keys) else keys
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield int(keys[first]), slice(first, after)


def arrivals(log: Log, channels: Iterable[int]) -> Ints:
    """Times at which a detector of these channels was switched on, ascending."""
    return log.only((DETECTOR_ON,), channels).at_ns


def pairs(log: Log, begin: int, end: int, param: int) -> list[tuple[int, int]]:
    """(begin, end) times of what begins with one code and ends with another; ns since the epoch.

    A begin without an end, or a second begin before the end, starts anew: the later one counts.
    """
    own = log.only((begin, end), (param,))
    (first,) = np.nonzero((own.code[:-1] == begin) & (own.code[1:] == end))
    return list(zip(own.at_ns[first].tolist(), own.at_ns[first + 1].tolist(), strict=True))
