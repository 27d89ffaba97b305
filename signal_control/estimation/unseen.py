"""Who comes to a lane without being seen, and who is missed where somebody should have been seen? Compiled.

For advance detectors that are dead others are taken: what leaves the lane, as far as nobody else saw it come.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.book import (
    ADVANCE,
    APPROACH,
    ARRIVALS,
    COUNTED,
    DETECTOR_0,
    DETECTOR_END,
    EXITS,
    FED,
    LANE_0,
    LOST_VEH,
    MISSED_VEH,
    OWN_PASSED_VEH,
    PASSED_VEH,
    PLACE,
    REMEMBERED_VEH_H,
    ROLE,
    UNSEEN,
    Book,
)
from signal_control.estimation.lane_choice import share, unseen_veh_h
from signal_control.estimation.rates import per_hour

LATE_S: Final = 3.0
"""A vehicle this late at a free stop line is probably on another lane, turned off, or never was."""
DEAD_VEH: Final = 6.0
"""Who missed so many in a row is dead (see signal_control/health.py), who missed some may be."""


@compiled
def unseen_part(book: Book, a: int, k: int) -> float:
    """The part of a lane's traffic that passes dead advance detectors; one that missed some may be dead."""
    part, missed, total = book.lanes[book.spans[a, LANE_0] + k, UNSEEN], 0.0, 0.0
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE:
            sends = share(book, detector, k)
            total += sends
            missed += sends * min(1.0, book.detectors[detector, MISSED_VEH] / DEAD_VEH)
    return max(part, missed / total) if missed > 0.0 else part


@compiled
def hidden_veh_h(book: Book, lane: int, at_s: float) -> float:
    """Flow that comes to a lane without being seen by advance detectors.

    Where some of these are not believed it is what leaves and was not seen to come by others; where nobody
    counts what leaves, their part of what the flow was.
    """
    line, strangers = book.lanes[lane], unseen_veh_h(book, lane, at_s)
    if line[COUNTED] == 0.0:
        return line[REMEMBERED_VEH_H] * (line[UNSEEN] if line[FED] > 0.0 else 1.0)
    a = int(line[APPROACH])
    hidden = 1.0 if line[UNSEEN] > 0.0 else unseen_part(book, a, lane - book.spans[a, LANE_0])
    if hidden == 0.0:
        return strangers
    exits, arrivals = per_hour(book.rates[EXITS, lane], at_s), per_hour(book.rates[ARRIVALS, lane], at_s)
    return max(strangers, hidden * (exits - arrivals))


@compiled
def none_between(book: Book, a: int, lane: int) -> None:
    """A stop line has long been free: who leaves from now on passes the lane's advance detectors first."""
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, PLACE] == lane and book.detectors[detector, ROLE] == ADVANCE:
            book.detectors[detector, PASSED_VEH] = max(0.0, book.detectors[detector, PASSED_VEH])


@compiled
def overdue_veh(book: Book, detector: int, at_s: float) -> float:
    """How many should have come to a stop-line detector since it was last heard: of those who passed the
    advance detectors of its lane, or of all who turned up nowhere."""
    lane = int(book.detectors[detector, PLACE])
    a, on_the_way = int(book.lanes[lane, APPROACH]), 0.0
    for i in range(book.number[a]):
        source = book.source[a, i]
        if source >= 0 and book.due_s[a, i] + LATE_S > at_s and book.detectors[source, PLACE] == lane:
            on_the_way += 1.0
    lost = 0.0
    for other in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        lost += book.detectors[other, LOST_VEH]
    own = book.detectors[detector, OWN_PASSED_VEH] - on_the_way / max(1, advances(book, a, lane))
    return max(own, lost)


@compiled
def advances(book: Book, a: int, lane: int) -> int:
    """How many advance detectors a lane has."""
    found = 0
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, PLACE] == lane and book.detectors[detector, ROLE] == ADVANCE:
            found += 1
    return found
