"""Do the smaller parts of the estimate keep what they promise?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.estimation.book import COVERING, PASSES, SPACING_M, Book, Floats, book_of
from signal_control.estimation.cover import cover_off, cover_on, hidden, settle_cover
from signal_control.estimation.rates import add, begin, per_hour
from signal_control.estimation.rounding import rounded
from signal_control.estimation.saturation import discharged, headway_s, learned_veh_h, turned_green
from signal_control.flow import SmoothedRate
from tests.signal_control.estimation.books import one_lane

ADVANCE = 0


def after_greens(headway: float, greens: int, queued: float = 12.0) -> Floats:
    line = book_of([one_lane()]).lanes[0]
    for green in range(greens):
        start_s = 100.0 * green
        turned_green(line, start_s)
        for n in range(12):
            discharged(line, start_s + 2.0 + headway * (n + 1), queued)
    return line


def test_saturation_flow_is_learned_from_queues_that_discharge() -> None:
    assert learned_veh_h(after_greens(2.4, 20)) == pytest.approx(1500.0, rel=0.04)


def test_nothing_is_learned_from_those_who_drive_through() -> None:
    line = after_greens(2.4, 20, queued=2.0)
    assert learned_veh_h(line) == 0.0
    assert headway_s(line) == pytest.approx(2.0)


def covered(room_veh: float) -> Book:
    return book_of([one_lane(beyond_m=room_veh * SPACING_M)])


def passing(book: Book, vehicles: int, each_s: float) -> None:
    for n in range(vehicles):
        cover_on(book, ADVANCE, n * each_s)
        cover_off(book, ADVANCE, n * each_s + 0.4)


def test_a_covered_detector_hides_a_queue_that_grows_with_the_usual_flow() -> None:
    book = covered(room_veh=20.0)
    begin(book.rates[PASSES, ADVANCE], 0.0)
    passing(book, 60, 10.0)
    cover_on(book, ADVANCE, 600.0)
    settle_cover(book, ADVANCE, 660.0)
    assert book.detectors[ADVANCE, COVERING]
    assert hidden(book, ADVANCE) == pytest.approx(6.0, abs=1.5)


def test_the_hidden_queue_is_gone_after_a_gap() -> None:
    book = covered(room_veh=20.0)
    cover_on(book, ADVANCE, 0.0)
    settle_cover(book, ADVANCE, 10.0)
    cover_off(book, ADVANCE, 10.0)
    settle_cover(book, ADVANCE, 12.0)
    assert book.detectors[ADVANCE, COVERING]
    settle_cover(book, ADVANCE, 14.0)
    assert not book.detectors[ADVANCE, COVERING]
    assert hidden(book, ADVANCE) == 0.0


def test_no_more_stand_beyond_than_there_is_room() -> None:
    book = covered(room_veh=3.0)
    passing(book, 100, 3.0)
    cover_on(book, ADVANCE, 300.0)
    settle_cover(book, ADVANCE, 900.0)
    assert hidden(book, ADVANCE) == pytest.approx(3.0)


@settings(deadline=None)  # the first example compiles
@given(
    steps=st.lists(st.tuples(st.floats(0.0, 900.0), st.floats(0.0, 3.0)), max_size=20),
    after_s=st.floats(0.0, 900.0),
)
def test_the_two_ways_to_keep_a_rate_say_the_same(steps: list[tuple[float, float]], after_s: float) -> None:
    rate, row, at_s = SmoothedRate(300.0), book_of([one_lane()]).rates[PASSES, ADVANCE], 5.0
    rate.begin(at_s)
    begin(row, at_s)
    for step_s, vehicles in steps:
        at_s += step_s
        rate.add(at_s, vehicles)
        add(row, at_s, vehicles)
    assert per_hour(row, at_s + after_s) == rate.per_hour(at_s + after_s)


@settings(deadline=None)  # the first example compiles
@given(x=st.floats(-1e9, 1e9), digits=st.sampled_from([1, 2]))
def test_numbers_are_rounded_as_python_does(x: float, digits: int) -> None:
    assert rounded(x, 10.0**digits) == round(x, digits)


@settings(deadline=None)  # the first example compiles
@given(n=st.integers(0, 10**7), digits=st.sampled_from([1, 2]), aside=st.sampled_from([0, 1, -1]))
def test_halves_too_and_their_next_neighbours(n: int, digits: int, aside: int) -> None:
    half = (n + 0.5) / 10.0**digits
    x = math.nextafter(half, math.inf * aside) if aside else half
    assert rounded(x, 10.0**digits) == round(x, digits)
