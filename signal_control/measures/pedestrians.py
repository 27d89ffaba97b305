"""How often were pedestrians served, and how often did they press?

Services are begins of walk (21, and 67 of pedestrian overlaps), presses are detector-on events (90). A press
within 15 s of the one before is the same person's. (Singleton, Runa and Humagain 2020, Utah.)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, bin_of, ordered
from signal_control.events import PED_DETECTOR_ON, PED_WALK

OVERLAP_WALK: Final = 67
NEEDS: Final = (PED_WALK, OVERLAP_WALK, PED_DETECTOR_ON)
DETECTORS: Final = ""

SAME_PERSON_NS: Final = 15 * SECOND_NS


class Pedestrians(NamedTuple):
    """Walks begun, presses, and presses of different people on `phase` in the bin from `start_ns`."""

    start_ns: int
    phase: int
    services: int
    presses: int
    people: int


def pedestrians(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Pedestrians]:
    """Services and presses per bin and phase, ordered by both.

    The first press of a log counts as nobody's.
    """
    log = ordered(at_ns, code, param).only(NEEDS)
    walks, presses = log.only((PED_WALK, OVERLAP_WALK)), log.only((PED_DETECTOR_ON,))
    counts: dict[tuple[int, int], list[int]] = {}
    people = [_by_others(presses.at_ns[presses.param == p], p) for p in log.phases((PED_DETECTOR_ON,))]
    rows = [(walks.at_ns, walks.param), (presses.at_ns, presses.param)]
    rows += (
        [
            tuple(map(np.concatenate, zip(*people, strict=True)))  # type: ignore[list-item]
        ]
        if people
        else []
    )
    for column, (at, phases) in enumerate(rows):
        for start, phase in zip(bin_of(at, bin_ns).tolist(), phases.tolist(), strict=True):
            counts.setdefault((start, phase), [0, 0, 0])[column] += 1
    return [Pedestrians(start, phase, *n) for (start, phase), n in sorted(counts.items())]


def _by_others(at_ns: Ints, phase: int) -> tuple[Ints, Ints]:
    """Presses that come long enough after the one before."""
    fresh = at_ns[1:][np.diff(at_ns) > SAME_PERSON_NS]
    return fresh, np.full(len(fresh), phase)
