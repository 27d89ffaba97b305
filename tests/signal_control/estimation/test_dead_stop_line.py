"""What is known of a lane whose stop-line detector is dead?"""

from __future__ import annotations

import pytest

from signal_control.estimation.approach import begin_all, open_lane, pulsed, settle
from signal_control.estimation.book import CROSSED_VEH, Book, book_of
from signal_control.estimation.traffic import weight
from signal_control.estimation.trust import Trust
from signal_control.estimation.uncounted import STARTED_S
from tests.signal_control.estimation.books import detector, lane

ADVANCE = 1
FITS_VEH = 50.0 / 7.3


def dead_stop(length_m: float = 150.0) -> Book:
    """A red lane of this length, its stop line dead, with a detector 50 m before that."""
    lanes, detectors = (
        [lane("a", length_m)],
        [detector(1, "a", "stop", 0.0), detector(2, "a", "advance", 50.0)],
    )
    book = book_of([(lanes, detectors)])
    trust = Trust(book, lanes, detectors)
    begin_all(book, 0.0)
    trust.believe([False, True], [False, False], 0.0)
    return book


def let_pass(book: Book, since_s: float, until_s: float) -> None:
    """Time passes, second by second."""
    for second in range(int(since_s), int(until_s)):
        settle(book, 0, second + 1.0)


def test_who_stands_on_a_detector_of_the_lane_has_all_before_it_that_fit() -> None:
    book = dead_stop()
    pulsed(book, ADVANCE, True, 10.0)
    let_pass(book, 10.0, 13.0)
    assert weight(book, 0, 0, 20.0) < 1.1
    let_pass(book, 13.0, 16.0)
    assert weight(book, 0, 0, 20.0) == pytest.approx(FITS_VEH, abs=0.2)


def test_who_stands_beyond_a_junction_says_nothing_of_the_lane() -> None:
    book = dead_stop(length_m=20.0)
    pulsed(book, ADVANCE, True, 10.0)
    let_pass(book, 10.0, 30.0)
    assert weight(book, 0, 0, 40.0) < 1.1


def test_a_queue_that_does_not_start_in_green_stays_and_nobody_is_told_to_have_left() -> None:
    book = dead_stop()
    pulsed(book, ADVANCE, True, 10.0)
    open_lane(book, 0, 20.0)
    let_pass(book, 20.0, 50.0)
    crossed = book.lanes[0, CROSSED_VEH]
    let_pass(book, 50.0, 60.0)
    assert weight(book, 0, 0, 60.0) == pytest.approx(FITS_VEH, abs=0.2)
    assert book.lanes[0, CROSSED_VEH] == crossed


def test_a_queue_that_starts_is_not_filled_up_while_its_end_waits_for_that() -> None:
    book = dead_stop()
    pulsed(book, ADVANCE, True, 10.0)
    open_lane(book, 0, 20.0)
    there_s = 21.0 + FITS_VEH * 1.1
    let_pass(book, 20.0, there_s + STARTED_S - 1.0)
    assert weight(book, 0, 0, 60.0) < 1.0
    pulsed(book, ADVANCE, False, there_s + STARTED_S - 1.0)
    let_pass(book, there_s + STARTED_S - 1.0, 50.0)
    assert weight(book, 0, 0, 60.0) < 0.1
