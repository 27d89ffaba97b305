"""How does a lane empty whose departures nobody counts? Compiled.

It is taken to discharge in green as queues do, unless an advance detector that somebody stands on says no.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.book import (
    ADVANCE,
    COVER_ON_S,
    CROSSED_VEH,
    DETECTOR_0,
    DETECTOR_END,
    DISTANCE_M,
    GREEN_S,
    LANE_0,
    ON_LANE,
    PLACE,
    READY_S,
    ROLE,
    SERVED,
    SPACING_M,
    SPEED_MPS,
    Book,
)
from signal_control.estimation.cover import COVERED_S, occupied
from signal_control.estimation.lane_choice import found
from signal_control.estimation.saturation import headway_s
from signal_control.estimation.stop_line import starts_s
from signal_control.estimation.traffic import longest, weight
from signal_control.estimation.unseen import assume
from signal_control.estimation.vehicles import forget

STARTED_S: Final = 8.0
"""Who still stands so long after the start should have come there does not go: measured with loops at 47 to
90 m, the last one is off the detector 3 to 5 s after that."""


@compiled
def release(book: Book, a: int, k: int, at_s: float) -> None:
    """Where nobody counts departures, let vehicles go as a discharging queue does."""
    line, p = book.lanes[book.spans[a, LANE_0] + k], book.p
    if math.isnan(line[GREEN_S]):
        return
    for i in range(book.number[a]):
        leaves_s = max(book.due_s[a, i], line[READY_S])
        if leaves_s > at_s:
            break
        if p[a, i, k] > 0.0:
            line[READY_S] = leaves_s + headway_s(line) / line[SERVED] * p[a, i, k]
            line[CROSSED_VEH] += p[a, i, k]
            if book.source[a, i] >= 0:
                found(book, book.source[a, i], k, p[a, i, k])
            p[a, i, k] = 0.0
    forget(book, a)


@compiled
def fill(book: Book, a: int, lane: int, at_s: float) -> bool:
    """Who stands on an advance detector of a lane has all before it that fit; whether that is so.

    Not while a queue starts, which takes its time until there, and not where a lane beside explains it.
    """
    line, k = book.lanes[lane], lane - book.spans[a, LANE_0]
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        row = book.detectors[detector]
        if row[ROLE] != ADVANCE or row[PLACE] != lane or row[ON_LANE] == 0.0:
            continue
        inside = row[DISTANCE_M] / SPACING_M
        start_s = starts_s(line, inside, at_s)
        starts = not math.isnan(start_s) and at_s < start_s + STARTED_S
        if not starts and occupied(book, detector, at_s, COVERED_S) and longest(book, a, detector) == k:
            more = inside - weight(book, a, k, at_s + row[DISTANCE_M] / line[SPEED_MPS])
            if more > 0.0:
                assume(book, a, k, more, row[COVER_ON_S], at_s)
            return True
    return False
