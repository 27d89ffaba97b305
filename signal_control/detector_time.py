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
        stretches = [s for c in channels for s in _stretches(log, c)]
        self.known_from_ns = min((begin for begin, _ in stretches), default=None)
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


def _stretches(log: Log, channel: int) -> list[tuple[int, int]]:
    """On-times of one detector; one that is on at the end stays on."""
    own, found = log.only((DETECTOR_OFF, DETECTOR_ON), (channel,)), []
    last_ns, last_on, since = 0, None, 0
    for at, code in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
        on = code == DETECTOR_ON
        if on and last_on:
            found.append((since, at if at - last_ns <= RAPID_NS else (at + last_ns) // 2))
        elif not on and last_on is False:
            found.append(((at + last_ns) // 2, at))
        elif not on:
            found.append((since if last_on else at, at))
        since = at if on else since
        last_ns, last_on = at, on
    if last_on:
        found.append((since, FOREVER))
    return found


def _union(stretches: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    merged: list[list[int]] = []
    for begin, end in sorted(stretches):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    table = np.array(merged, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
