"""Who should have been seen by a detector and was not? What tells that one is dead or stuck. Compiled.

Lanes and detectors are named by their place in the book, approaches (`a`) too; `k` is the place of a lane in
its approach. Times are seconds.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    ADVANCE,
    ARRIVALS,
    COVERING,
    DETECTOR_0,
    DETECTOR_END,
    LANE_0,
    LANE_END,
    MISSED_VEH,
    OWN_PASSED_VEH,
    PASSED_VEH,
    PLACE,
    RESET_VEH,
    ROLE,
    STOP,
    UNSEEN,
    Book,
)
from signal_control.estimation.cover import COVERED_S, occupied
from signal_control.estimation.lane_choice import share
from signal_control.estimation.rates import add
from signal_control.estimation.unseen import advances

EXCUSED: Final = 0.25
"""Part of a vehicle that is missed at a stop line while somebody stands on the way to it: perhaps there."""


@compiled
def heard(book: Book, detector: int) -> None:
    """A detector pulsed, be it believed or not."""
    book.detectors[detector, MISSED_VEH] = 0.0
    book.detectors[detector, PASSED_VEH] = book.detectors[detector, RESET_VEH]
    book.detectors[detector, OWN_PASSED_VEH] = 0.0


@compiled
def note_entered(book: Book, a: int, detector: int, at_s: float) -> None:
    """Somebody came: this much of it to each lane, where it passes the stop line in the end."""
    first = book.spans[a, LANE_0]
    for lane in range(first, book.spans[a, LANE_END]):
        part = share(book, detector, lane - first)
        add(book.rates[ARRIVALS, lane], at_s, part)
        for other in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
            if book.detectors[other, PLACE] == lane and book.detectors[other, ROLE] == STOP:
                book.detectors[other, PASSED_VEH] += part
                if lane == book.detectors[detector, PLACE]:
                    book.detectors[other, OWN_PASSED_VEH] += 1.0 / advances(book, a, lane)


@compiled
def note_left(book: Book, a: int, k: int, stranger: float) -> None:
    """Somebody left a lane: it passed those advance detectors which its like passed before."""
    total, believed = 0.0, 1.0 - book.lanes[book.spans[a, LANE_0] + k, UNSEEN]
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE:
            total += book.chosen[detector, k]
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE:
            part = book.chosen[detector, k] / total
            book.detectors[detector, PASSED_VEH] += part
            if book.detectors[detector, COVERING] == 0.0:
                book.detectors[detector, MISSED_VEH] += stranger * part * believed


@inlined
def miss(book: Book, a: int, lane: int, vehicles: float, at_s: float) -> None:
    """So many who should have come to a stop line did not; who may stand on the way counts for less."""
    if vehicles > 0.0:
        vehicles *= EXCUSED if _held_up(book, a, at_s) else 1.0
        for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
            if book.detectors[detector, PLACE] == lane and book.detectors[detector, ROLE] == STOP:
                book.detectors[detector, MISSED_VEH] += vehicles


@inlined
def _held_up(book: Book, a: int, at_s: float) -> bool:
    """Whether somebody stands on an advance detector of the approach."""
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE and occupied(book, detector, at_s, COVERED_S):
            return True
    return False
