"""How does a measure keep up with events as they come, and say the same as over the whole log?

Bins are closed one after the other. For each, the measure runs over a window around it: the half hour before,
so that cycles and waits that reach into the bin are whole; what is needed after it (AHEAD_NS of the measure);
and the last event of every code and parameter before all that, so that whatever was so then is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, Log, ordered

BEFORE_NS: Final = 2 * BIN_NS
AHEAD_NS: Final = 600 * 1_000_000_000
"""Unless a measure says otherwise: a cycle and its red, until the next green."""

Measure = Callable[..., list[Any]]


class Incremental:
    """A measure of one intersection over events in order of arrival; memory is bounded by the window."""

    def __init__(
        self,
        measure: Measure,
        channels: Channels | None = None,
        bin_ns: int = BIN_NS,
        ahead_ns: int = AHEAD_NS,
    ) -> None:
        self._measure, self._channels, self._bin_ns, self._ahead_ns = measure, channels, bin_ns, ahead_ns
        self._log = Log(*(np.empty(0, np.int64) for _ in range(3)))
        self._next_ns: int | None = None

    def add(self, at_ns: Ints, code: Ints, param: Ints) -> list[Any]:
        """Take events in; returns the cells of every bin that they complete.

        Events may come in any order within the window; one for a bin that is closed changes nothing any more.
        """
        columns = zip(self._log, (at_ns, code, param), strict=True)
        self._log = ordered(*(np.concatenate(pair).astype(np.int64) for pair in columns))
        if not len(self._log.at_ns):
            return []
        if self._next_ns is None:
            self._next_ns = int(self._log.at_ns[0]) // self._bin_ns * self._bin_ns
        return self._close(int(self._log.at_ns[-1]) - self._ahead_ns)

    def finish(self) -> list[Any]:
        """The cells of the bins that are still open, as the log stands."""
        return self._close(int(self._log.at_ns[-1]) + self._bin_ns) if len(self._log.at_ns) else []

    def _close(self, until_ns: int) -> list[Any]:
        cells: list[Any] = []
        while self._next_ns is not None and self._next_ns + self._bin_ns <= until_ns:
            start, end = self._next_ns, self._next_ns + self._bin_ns
            upto = self._log.at_ns < end + self._ahead_ns
            window = (column[upto] for column in self._log)
            found = self._measure(*window, self._channels, self._bin_ns)
            cells += [cell for cell in found if start <= cell[0] < end]
            self._next_ns = end
            self._forget(end - BEFORE_NS)
        return cells

    def _forget(self, before_ns: int) -> None:
        """Keep what is new, and of what is old the last event of every code and parameter."""
        old = self._log.at_ns < before_ns
        keys = np.column_stack((self._log.code[old], self._log.param[old]))
        newest_first = keys[::-1]
        _, rows = np.unique(newest_first, axis=0, return_index=True)
        keep = ~old
        keep[len(keys) - 1 - rows] = True
        self._log = Log(*(column[keep] for column in self._log))
