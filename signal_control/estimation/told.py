"""Where does the estimate of all lanes of an intersection lie once it has been made?"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from signal_control.estimation.book import MOST_VEHICLES, Floats, Ints

FAINT: Final = 0.01
"""Less of a vehicle on a lane is nobody."""
MOST_ARRIVALS: Final = 30
"""So many of those who move are told, of each lane."""

# Of a lane, as estimates say it; rounded.
QUEUED, SD, MOVING, STALLED, LEFT_AGO_S, FRONT_S, LEARNED_VEH_H = 0, 1, 2, 3, 4, 5, 6
TOLD_WIDTH: Final = 7


class Told(NamedTuple):
    """What was counted last; intersections of the same size share the arrays."""

    lanes: Floats
    """[lane, TOLD_WIDTH]"""
    spans: Ints
    """[lane, 2] the first of those who move on it, and the end of them, among those who are"""
    coming: Floats
    """[vehicle, 2] seconds until at the stop line, and how much of a vehicle; lane after lane."""
    number: Ints
    """[1] how many move on the lane that is being counted:"""
    driving: Floats
    """[vehicle, 2] the same of that lane alone, not rounded."""
    inside: Floats
    beyond: Floats
    """Room for the vehicles of one zone, and for those behind it."""


@lru_cache(maxsize=64)
def told_of(lanes: int) -> Told:
    """Room for the estimates of so many lanes."""
    rows, spans, room = np.zeros((lanes, TOLD_WIDTH)), np.zeros((lanes, 2), np.int64), (MOST_VEHICLES + 2, 2)
    coming, number = np.zeros((lanes * MOST_ARRIVALS + 1, 2)), np.zeros(1, np.int64)
    return Told(rows, spans, coming, number, np.zeros(room), np.zeros(room), np.zeros(room))
