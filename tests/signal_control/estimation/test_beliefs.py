"""Do sights of vehicles move beliefs as Bayes' rule says?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.estimation.book import (
    COUNTED,
    FOUND,
    GREEN_S,
    LIKELY,
    OFF_S,
    STRANGERS,
    THERE,
    Book,
    book_of,
)
from signal_control.estimation.lane_choice import note_left, share, stranger, unseen_veh_h
from signal_control.estimation.rates import begin
from signal_control.estimation.traffic import absent, enter, left
from signal_control.estimation.vehicles import enter_lane, see_first, somewhere, sort, unseen
from tests.signal_control.estimation.books import believed, one_lane, two_lanes


def see(
    book: Book, there: list[float], likely: list[float], unknown: float, leaves: bool
) -> tuple[list[float], float]:
    """The first lane's detector sees somebody: the probability of each vehicle, and of a stranger."""
    n = int(book.number[0])
    book.scratch[THERE, :n], book.scratch[LIKELY, :n] = there[:n], likely[:n]
    new = see_first(book, 0, 0, n, unknown, leaves)
    return book.scratch[FOUND, :n].tolist(), new


def test_the_first_of_a_lane_is_the_first_that_can_be_there() -> None:
    book = believed((0.0, [0.5, 0.5]), (2.0, [1.0, 0.0]))
    assert see(book, [1.0, 1.0], [1.0, 1.0], 0.0, leaves=True) == ([0.5, 0.5], 0.0)
    assert book.p[0, 0].tolist() == pytest.approx([0.0, 0.5])
    assert book.p[0, 1].tolist() == pytest.approx([0.5, 0.0])


def test_who_comes_to_the_stop_line_is_there_and_those_before_it_are_elsewhere() -> None:
    book = believed((0.0, [0.6, 0.4]), (9.0, [0.6, 0.4]))
    see(book, [1.0, 1.0], [0.01, 1.0], 0.0, leaves=False)
    assert book.p[0, 1, 0] > 0.95
    assert book.p[0, 0, 1] > 0.9


def test_a_stranger_is_found_where_nobody_is_expected() -> None:
    _, new = see(believed((0.0, [0.01, 0.98])), [1.0], [1.0], 0.02, leaves=True)
    assert new == pytest.approx(2 / 3)


def test_who_does_not_show_is_probably_on_the_other_lane() -> None:
    book = believed((0.0, [0.5, 0.5]))
    unseen(book, 0, 0, 0, 0.1)
    assert book.p[0, 0].tolist() == pytest.approx([0.05 / 0.55, 0.5 / 0.55])


def test_who_should_be_there_for_sure_is_doubted_slowly() -> None:
    book = believed((0.0, [0.98]))
    unseen(book, 0, 0, 0, 0.5)
    assert book.p[0, 0, 0] == pytest.approx(0.96, abs=0.01)


chances = st.floats(0.0, 1.0)


@settings(deadline=None)  # the first example compiles
@given(
    ps=st.lists(st.tuples(chances, chances), min_size=1, max_size=8),
    there=st.lists(chances, min_size=8, max_size=8),
    likely=st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8),
    unknown=st.floats(0.01, 1.0),
    leaves=st.booleans(),
)
def test_beliefs_stay_probabilities(
    ps: list[tuple[float, float]], there: list[float], likely: list[float], unknown: float, leaves: bool
) -> None:
    book = believed(*((float(n), [a, min(b, 1.0 - a)]) for n, (a, b) in enumerate(ps)))
    before = book.p[0, : len(ps), 0].sum()
    found, new = see(book, there, likely, unknown, leaves)
    assert sum(found) + new == pytest.approx(1.0)
    assert ((book.p >= -1e-9) & (book.p <= 1.0 + 1e-9)).all()
    if leaves:
        assert book.p[0, : len(ps), 0].sum() <= before + 1e-9


@settings(deadline=None)  # the first example compiles
@given(st.lists(st.integers(0, 40), max_size=200))
def test_vehicles_stay_in_order_and_the_first_are_forgotten_when_there_are_too_many(dues: list[int]) -> None:
    book = book_of([two_lanes()])
    for n, due in enumerate(dues):
        enter_lane(book, 0, float(due), 1, 1.0 / (n + 1), 0)
    n = int(book.number[0])
    assert n == min(len(dues), 150)
    assert book.due_s[0, :n].tolist() == sorted(book.due_s[0, :n].tolist())
    assert all(somewhere(book, 0, i) > 0.0 for i in range(n))
    if n:
        book.due_s[0, 0] = 41.0
        first = book.p[0, 0].tolist()
        sort(book, 0)
        assert book.p[0, n - 1].tolist() == first


def test_who_comes_goes_where_others_went() -> None:
    book = book_of([two_lanes()])
    enter(book, 0, 5.0, 0)
    assert book.p[0, 0].tolist() == pytest.approx([0.8, 0.2])


def test_a_detector_learns_how_many_turn_off_before_the_stop_line() -> None:
    """Every second one turns off: it enters, and is given up when it does not show at the free line."""
    book = book_of([one_lane()])
    line = book.lanes[0]
    line[GREEN_S], line[COUNTED] = 0.0, 1.0
    for n in range(400):
        at_s = 20.0 * n
        line[OFF_S] = at_s
        enter(book, 0, at_s + 5.0, 0)
        if n % 2 == 0:
            left(book, 0, 0, at_s + 5.0)
        absent(book, 0, 0, at_s + 5.0, at_s + 19.0)
    assert share(book, 0, 0) == pytest.approx(0.5, abs=0.08)
    assert stranger(book, 0) < 0.1


def test_a_side_street_is_a_flow_of_strangers() -> None:
    book = book_of([one_lane()])
    begin(book.rates[STRANGERS, 0], 0.0)
    for n in range(60):
        note_left(book, 0, 0.5, n * 10.0)
    assert unseen_veh_h(book, 0, 600.0) == pytest.approx(180.0, rel=0.1)
