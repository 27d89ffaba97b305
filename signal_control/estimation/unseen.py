"""Who comes to a lane without being seen, and who is missed where somebody should have been seen? Compiled.

For advance detectors that are dead others are taken: what leaves the lane, as far as nobody else saw it come.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    ADVANCE,
    APPROACH,
    ARRIVALS,
    ASSUMED,
    COUNTED,
    DETECTOR_0,
    DETECTOR_END,
    EXITS,
    FED,
    LANE_0,
    LANE_END,
    LOST_VEH,
    MISSED_VEH,
    OWN_PASSED_VEH,
    PART_VEH,
    PASSED_VEH,
    PASSES,
    PLACE,
    REMEMBERED_VEH_H,
    ROLE,
    TRUSTED,
    TURNS,
    UNSEEN,
    ZONED,
    Book,
)
from signal_control.estimation.lane_choice import share, unseen_veh_h
from signal_control.estimation.rates import per_hour
from signal_control.estimation.vehicles import enter_lane

LATE_S: Final = 3.0
"""A vehicle this late at a free stop line is probably on another lane, turned off, or never was."""
DEAD_VEH: Final = 6.0
"""Who missed so many in a row is dead (see signal_control/health.py), who missed some may be."""
PIECE_VEH: Final = 0.1
"""Those who come unseen are counted in parts of this size ..."""
TOGETHER_S: Final = 30.0
"""... which join another one this old, or younger."""
GUESSED: Final = 0.9
"""No vehicle that is but assumed is surer: a free stop line must be able to disprove it (behind a full
zone nothing can, and those assumed there are whole)."""


@inlined
def unseen_part(book: Book, a: int, k: int) -> float:
    """The part of a lane's traffic that passes dead advance detectors; one that missed some may be dead."""
    part, missed, total = book.lanes[book.spans[a, LANE_0] + k, UNSEEN], 0.0, 0.0
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE:
            sends = share(book, detector, k)
            total += sends
            missed += sends * min(1.0, book.detectors[detector, MISSED_VEH] / DEAD_VEH)
    return max(part, missed / total) if missed > 0.0 else part


@inlined
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
def beside_veh_h(book: Book, lane: int, at_s: float) -> float:
    """Flow that is seen to come on the lanes beside one from which one may go where it leads."""
    a, flow = int(book.lanes[lane, APPROACH]), 0.0
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if _beside(book, detector, lane):
            flow += per_hour(book.rates[PASSES, detector], at_s)
    return flow


@compiled
def accompany(book: Book, a: int, detector: int, due_s: float, at_s: float) -> None:
    """Somebody is seen to come: beside it others come unseen over dead detectors, in the usual proportion.

    So it is on lanes that drivers choose between; those that lead elsewhere fill by other platoons.
    """
    for lane in range(book.spans[a, LANE_0], book.spans[a, LANE_END]):
        if book.lanes[lane, UNSEEN] > 0.0 and _beside(book, detector, lane):
            more = hidden_veh_h(book, lane, at_s) / max(1.0, beside_veh_h(book, lane, at_s))
            if more >= PIECE_VEH:
                enter_lane(book, a, due_s, lane - book.spans[a, LANE_0], min(GUESSED, more), ASSUMED)


@inlined
def _beside(book: Book, detector: int, lane: int) -> bool:
    """Whether a detector sees who comes on another lane that leads where this one leads."""
    row, line = book.detectors[detector], book.lanes[lane]
    there = int(row[PLACE])
    if row[ROLE] != ADVANCE or row[TRUSTED] == 0.0 or there == lane:
        return False
    return int(book.lanes[there, TURNS]) & int(line[TURNS]) > 0


@inlined
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


@compiled
def assume(book: Book, a: int, k: int, more: float, since_s: float, at_s: float) -> None:
    """So many vehicles have come unseen, evenly from `since_s` to `at_s`; less than PIECE_VEH is kept.

    They join the last one of their kind until it is whole: many small parts would push out whole vehicles.
    """
    line, p = book.lanes[book.spans[a, LANE_0] + k], book.p
    each_s, more = (at_s - since_s) / more, more + line[PART_VEH]
    most = 1.0 if line[ZONED] > 0.0 else GUESSED
    line[PART_VEH] = 0.0
    if more < PIECE_VEH:
        line[PART_VEH] = more
        return
    for i in range(book.number[a] - 1, -1, -1):
        if book.due_s[a, i] < at_s - TOGETHER_S:
            break
        if book.source[a, i] == ASSUMED and 0.0 < p[a, i, k] < most - 0.01:
            fits = min(more, most - p[a, i, k])
            p[a, i, k] += fits
            more -= fits
            break
    while more > 1e-9:
        enter_lane(book, a, at_s - min(more * each_s, at_s - since_s), k, min(most, more), ASSUMED)
        more -= most
