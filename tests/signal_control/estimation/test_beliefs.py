"""Do sights of vehicles move beliefs as Bayes' rule says?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.estimation.book import FOUND, LIKELY, LOST, THERE, Book, book_of
from signal_control.estimation.lane_choice import note_left, unseen_veh_h
from signal_control.estimation.rates import add
from signal_control.estimation.traffic import enter
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


def test_a_side_street_is_a_flow_of_strangers_and_lost_vehicles_take_it_back() -> None:
    book = book_of([one_lane()])
    for n in range(60):
        note_left(book, 0, 0.5, n * 10.0)
    side_veh_h = unseen_veh_h(book, 0, 0, 600.0)
    assert side_veh_h == pytest.approx(180.0, rel=0.1)
    for n in range(60):
        add(book.rates[LOST, 0], 600.0 + n, 0.25)
    assert unseen_veh_h(book, 0, 0, 660.0) < 0.7 * side_veh_h
