"""Is somebody who turns into a bay counted once?"""

from __future__ import annotations

import pytest

from signal_control.estimation.approach import begin_all, pulsed, settle
from signal_control.estimation.book import FED, Book, book_of
from signal_control.estimation.lane_choice import lost, share
from signal_control.model import Detector, Lane
from tests.signal_control.estimation.books import SPEED_MPS, detector, lane

THROUGH, BAY = 0, 1
FAR, NEAR = 0, 1
"""A detector 80 m before the line on the lane through, one 30 m before it in the bay."""
BETWEEN_S = (80.0 - 30.0) / SPEED_MPS


def bay(length_m: float = 50.0, turn: str = "left") -> tuple[list[Lane], list[Detector]]:
    """A lane through and a bay beside it."""
    short = lane("b", length_m).model_copy(update={"turns": (turn,)})
    return [lane("a", 200.0), short], [detector(1, "a", "advance", 80.0), detector(2, "b", "advance", 30.0)]


def began(approach: tuple[list[Lane], list[Detector]] | None = None) -> Book:
    book = book_of([approach or bay()])
    book.lanes[:, FED] = 1.0
    begin_all(book, 0.0)
    return book


def there(book: Book) -> tuple[float, float]:
    """Vehicles believed on the lane through and in the bay."""
    n = int(book.number[0])
    return float(book.p[0, :n, THROUGH].sum()), float(book.p[0, :n, BAY].sum())


def passes(book: Book, which: int, *at_s: float) -> None:
    for t in at_s:
        pulsed(book, which, True, t)
        pulsed(book, which, False, t + 0.4)


def test_who_passes_both_detectors_is_one_vehicle_and_in_the_bay() -> None:
    book = began()
    passes(book, FAR, 10.0)
    passes(book, NEAR, 10.0 + BETWEEN_S)
    through, turning = there(book)
    assert turning == pytest.approx(0.95, abs=0.04)
    assert through < 0.06


def test_of_two_the_one_whose_time_fits_turned_in() -> None:
    book = began()
    passes(book, FAR, 10.0, 14.0)
    passes(book, NEAR, 14.0 + BETWEEN_S)
    settle(book, 0, 30.0)
    through, turning = there(book)
    assert through == pytest.approx(1.0, abs=0.1)
    assert turning == pytest.approx(0.95, abs=0.06)
    assert book.due_s[0, 0] == pytest.approx(10.0 + 80.0 / SPEED_MPS)


def test_who_does_not_come_by_in_the_bay_went_on_beside_it() -> None:
    book = began()
    passes(book, FAR, 10.0)
    _, before = there(book)
    settle(book, 0, 10.0 + BETWEEN_S + 5.0)
    through, turning = there(book)
    assert before > 0.1
    assert turning < 0.02
    assert through == pytest.approx(0.98, abs=0.03)


def test_a_queue_on_the_bays_detector_proves_nothing() -> None:
    book = began()
    pulsed(book, NEAR, True, 5.0)
    passes(book, FAR, 10.0)
    settle(book, 0, 25.0)
    assert there(book)[1] > 1.0


def test_who_was_seen_by_nobody_before_is_new_in_the_bay() -> None:
    book = began()
    passes(book, NEAR, 10.0)
    assert there(book)[1] == pytest.approx(0.95, abs=0.04)


def test_who_comes_much_later_is_another_one() -> None:
    book = began()
    passes(book, FAR, 10.0)
    passes(book, NEAR, 40.0)
    through, turning = there(book)
    assert through == pytest.approx(1.0, abs=0.05)
    assert turning == pytest.approx(0.95, abs=0.04)


def test_the_far_detector_learns_how_many_turn_in() -> None:
    book = began()
    for n in range(30):
        passes(book, FAR, 60.0 * n + 10.0)
        passes(book, NEAR, 60.0 * n + 10.0 + BETWEEN_S)
    assert share(book, FAR, BAY) > 0.8


@pytest.mark.parametrize(("turn", "least"), [("left", 0.95), ("through", 0.0)])
def test_only_a_bay_that_leads_elsewhere_holds_who_is_in_it(turn: str, least: float) -> None:
    book = began(bay(turn=turn))
    for _ in range(100):
        lost(book, NEAR, 1.0)
    assert share(book, NEAR, BAY) >= least
    assert turn == "left" or share(book, NEAR, BAY) < 0.1


def test_a_bay_that_begins_before_the_other_detector_may_be_entered_unseen_by_it() -> None:
    book = began(bay(length_m=100.0))
    passes(book, FAR, 10.0)
    passes(book, NEAR, 10.0 + BETWEEN_S)
    assert sum(there(book)) > 1.5
