"""Do those who come unseen leave those alone who were seen?"""

from __future__ import annotations

import pytest

from signal_control.estimation.approach import begin_all, pulsed, settle
from signal_control.estimation.book import (
    ASSUMED,
    COUNTED,
    FED,
    MOST_VEHICLES,
    STRANGERS,
    UNCOUNTED_VEH,
    Book,
    book_of,
)
from signal_control.estimation.rates import add
from signal_control.estimation.traffic import left
from signal_control.estimation.unseen import assume
from signal_control.estimation.vehicles import enter_lane
from tests.signal_control.estimation.books import detector, lane

STOP, ADVANCE = 0, 1


def red_lane() -> Book:
    """A lane with detectors at the stop line and before it, into which 72 vehicles an hour come unseen."""
    lanes = [lane("a", 150.0)]
    book = book_of([(lanes, [detector(1, "a", "stop", 0.0), detector(2, "a", "advance", 50.0)])])
    book.lanes[0, FED] = book.lanes[0, COUNTED] = 1.0
    begin_all(book, 0.0)
    for n in range(24):
        add(book.rates[STRANGERS, 0], 50.0 * n, 1.0)
    return book


def stood(book: Book, seconds: int) -> None:
    """Three have come, the first to the line, and so much time has passed since."""
    for at_s in (1200.0, 1202.0, 1204.0):
        pulsed(book, ADVANCE, True, at_s)
        pulsed(book, ADVANCE, False, at_s + 0.4)
    pulsed(book, STOP, True, 1207.0)
    for second in range(seconds):
        settle(book, 0, 1208.0 + second)


def test_a_long_red_adds_nobody_to_those_who_were_seen() -> None:
    book = red_lane()
    stood(book, 150)
    known = book.p[0, : book.number[0]].sum()
    assert known == pytest.approx(3.0, abs=0.3)
    assert 2.0 < book.lanes[0, UNCOUNTED_VEH] < 3.2


def test_who_leaves_unseen_was_one_of_them_and_a_free_line_is_nobodys() -> None:
    book = red_lane()
    stood(book, 150)
    book.number[0] = 0
    before = book.lanes[0, UNCOUNTED_VEH]
    assert left(book, 0, 0, 1360.0) == pytest.approx(1.0)
    assert book.lanes[0, UNCOUNTED_VEH] == pytest.approx(before - 1.0)
    pulsed(book, STOP, False, 1360.0)
    settle(book, 0, 1370.0)
    assert book.lanes[0, UNCOUNTED_VEH] < 0.1


def test_small_parts_become_whole_vehicles() -> None:
    book = red_lane()
    for n in range(600):
        assume(book, 0, 0, 0.01, 1200.0 + 0.3 * n, 1200.3 + 0.3 * n)
    there = book.number[0]
    assert (book.source[0, :there] == ASSUMED).all()
    assert book.p[0, :there].sum() == pytest.approx(6.0, abs=0.1)
    assert there <= 8


def test_where_there_is_no_room_the_least_likely_goes() -> None:
    book = red_lane()
    enter_lane(book, 0, 1.0, 0, 1.0, ADVANCE)
    for n in range(MOST_VEHICLES + 20):
        enter_lane(book, 0, 2.0 + n, 0, 0.05, ADVANCE)
    assert book.number[0] == MOST_VEHICLES
    assert book.p[0, 0, 0] == 1.0
