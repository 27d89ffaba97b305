"""For how long was a lane occupied, by the switch-on and switch-off events of its presence detectors?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from signal_control.eventlog import SECOND_NS, Ints, Log
from signal_control.events import DETECTOR_OFF, DETECTOR_ON

RAPID_NS: Final = 2 * SECOND_NS
"""Two switch-ons this close together are one vehicle after the other, the off between them is lost."""


class Occupancy:
    """Time during which any of some detectors was on, as a function of time."""

    def __init__(self, log: Log, channels: Iterable[int]) -> None:
        """Lost events are made up for: an off half-way between two ons, an on half-way between two offs."""
        own = [_stretches(log, c) for c in channels]
        stretches = np.concatenate(own) if own else np.empty((0, 2), np.int64)
        self.known_from_ns = int(stretches[:, 0].min()) if len(stretches) else None
        """From when on anything is known; None without any event."""
        begins, ends = _union(stretches)
        self._edges = np.column_stack((begins, ends)).ravel()
        lengths = ends - begins
        before = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(lengths) else lengths
        self._sums = np.column_stack((before, before + lengths)).ravel()

    def until(self, at_ns: Ints) -> npt.NDArray[np.float64]:
        """Nanoseconds of occupancy up to each time (exact at whole milliseconds)."""
        if not len(self._edges):
            return np.zeros(len(at_ns))
        sums: npt.NDArray[np.float64] = np.interp(at_ns, self._edges, self._sums)
        return sums

    def between(self, begin_ns: Ints, end_ns: Ints) -> npt.NDArray[np.float64]:
        """Nanoseconds of occupancy in each stretch."""
        return self.until(end_ns) - self.until(begin_ns)

    def longest(self, begin_ns: int, end_ns: int) -> int:
        """The longest stretch of occupancy that reaches into a span of time, in full; 0 without one."""
        begins, ends = self._edges[::2], self._edges[1::2]
        inside = (begins < end_ns) & (ends > begin_ns)
        return int((np.minimum(ends, end_ns) - begins)[inside].max(initial=0))


FOREVER: Final = 1 << 62


def _stretches(log: Log, channel: int) -> npt.NDArray[np.int64]:
    """On-times (begin, end) of one detector; one that is on at the end stays on."""
    own = log.only((DETECTOR_OFF, DETECTOR_ON), (channel,))
    if not len(own.at_ns):
        return np.empty((0, 2), np.int64)
    at, on = own.at_ns, own.code == DETECTOR_ON
    last, now, was_on, is_on = at[:-1], at[1:], on[:-1], on[1:]
    middle = (last + now) // 2
    begin = np.where(was_on, last, middle)
    end = np.where(was_on & is_on & (now - last > RAPID_NS), middle, now)
    known = was_on | ~is_on  # from off to on nothing was occupied
    found = [np.column_stack((begin, end))[known]]
    if not on[0]:
        found.insert(0, np.array([[at[0], at[0]]]))
    if on[-1]:
        found.append(np.array([[at[-1], FOREVER]]))
    return np.concatenate(found)


def _union(stretches: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Begins and ends of what any of the stretches covers."""
    if not len(stretches):
        return stretches[:, 0], stretches[:, 1]
    begins, ends = stretches[np.lexsort((stretches[:, 1], stretches[:, 0]))].T
    reached = np.maximum.accumulate(ends)
    (new,) = np.nonzero(np.concatenate(([True], begins[1:] > reached[:-1])))
    return begins[new], reached[np.concatenate((new[1:] - 1, [len(begins) - 1]))]
