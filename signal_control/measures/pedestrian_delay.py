"""How long do pedestrians wait for walk?

From the first press (90) after a walk has ended to the next walk (21), on average. (UDOT; the `atspm`
package.)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, bin_of, ordered
from signal_control.events import PED_CLEAR, PED_DETECTOR_ON, PED_WALK

NEEDS: Final = (PED_WALK, PED_CLEAR, PED_DETECTOR_ON)
DETECTORS: Final = ""


class PedestrianDelay(NamedTuple):
    """Mean and longest delay in seconds of those whose walk began in the bin from `start_ns`."""

    start_ns: int
    phase: int
    average_s: float
    longest_s: float
    samples: int


def waits(at_ns: Ints, code: Ints, param: Ints) -> dict[int, list[tuple[int, int]]]:
    """Each wait of each phase: (first press, begin of walk), ns since the epoch."""
    log, found = ordered(at_ns, code, param).only(NEEDS), {}
    for phase in log.phases(NEEDS):
        own = log.only(NEEDS, (phase,))
        since, walking, mine = None, False, []
        for at, c in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
            if c == PED_WALK:
                if since is not None:
                    mine.append((since, at))
                since, walking = None, True
            elif c == PED_CLEAR:
                walking = False
            elif since is None and not walking:
                since = at
        found[phase] = mine
    return found


def pedestrian_delay(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[PedestrianDelay]:
    """Delay per bin (of the begin of walk) and phase, ordered by both."""
    cells = []
    for phase, mine in waits(at_ns, code, param).items():
        if mine:
            begin, end = np.array(mine, np.int64).T
            starts = bin_of(end, bin_ns)
            for start in np.unique(starts):
                took_s = (end - begin)[starts == start] / SECOND_NS
                cells.append(
                    PedestrianDelay(int(start), phase, float(took_s.mean()), float(took_s.max()), len(took_s))
                )
    return sorted(cells)


class Wait(NamedTuple):
    """Whoever pressed for `phase` waited `delay_s` seconds for the walk that began at `walk_ns`."""

    walk_ns: int
    phase: int
    delay_s: float


def each(at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None) -> list[Wait]:
    """Every wait in order of its end."""
    found = waits(at_ns, code, param).items()
    return sorted(Wait(end, phase, (end - begin) / SECOND_NS) for phase, own in found for begin, end in own)
