"""What is known of a lane whose advance detector is dead?"""

from __future__ import annotations

import pytest

from signal_control.estimation.approach import begin_all, heard, open_lane, pulsed, settle
from signal_control.estimation.book import (
    ARRIVALS,
    ASSUMED,
    COUNTED,
    EXITS,
    FED,
    GREEN_S,
    LOST_VEH,
    MISSED_VEH,
    OFF_S,
    ON_S,
    OWN_PASSED_VEH,
    PASSED_VEH,
    REMEMBERED_VEH_H,
    UNSEEN,
    Book,
    book_of,
)
from signal_control.estimation.count import count_all
from signal_control.estimation.rates import add, begin
from signal_control.estimation.told import QUEUED, told_of
from signal_control.estimation.traffic import absent, enter, left, weight
from signal_control.estimation.trust import Trust
from signal_control.estimation.unseen import assume, hidden_veh_h, none_between, overdue_veh, unseen_part
from tests.signal_control.estimation.books import detector, lane

STOP, ADVANCE, BESIDE = 0, 1, 2


def street() -> tuple[Book, Trust]:
    """Two lanes: the first with a stop-line detector and one 50 m before it, the second with the latter."""
    lanes = [lane("a", 150.0), lane("b", 150.0)]
    detectors = [
        detector(1, "a", "stop", 0.0),
        detector(2, "a", "advance", 50.0),
        detector(3, "b", "advance", 50.0),
    ]
    book = book_of([(lanes, detectors)])
    return book, Trust(book, lanes, detectors)


def dead_advance() -> Book:
    """The first lane's advance detector is not believed."""
    book, trust = street()
    begin_all(book, 0.0)
    trust.believe([True, False, True], [False, False, False], 0.0)
    return book


def test_a_dead_advance_detector_leaves_its_part_of_a_lane_unseen() -> None:
    book = dead_advance()
    assert book.lanes[0, UNSEEN] == pytest.approx(0.8)
    assert book.lanes[1, UNSEEN] == pytest.approx(0.2)


def test_who_leaves_an_unseen_lane_is_not_taken_for_a_vehicle_from_beside() -> None:
    seen, unseen = street()[0], dead_advance()
    for book in (seen, unseen):
        enter(book, 0, 5.0, BESIDE)
        left(book, 0, 0, 5.0)
    assert seen.p[0, 0].sum() < 0.3
    assert unseen.p[0, 0].sum() > 0.8


def test_what_leaves_and_was_not_seen_is_the_flow_that_comes_unseen() -> None:
    book = dead_advance()
    for rate, every in ((EXITS, 10.0), (ARRIVALS, 60.0)):
        begin(book.rates[rate, 0], 0.0)
        for n in range(int(1200 / every)):
            add(book.rates[rate, 0], every * n, 1.0)
    assert hidden_veh_h(book, 0, 1200.0) == pytest.approx(300.0, rel=0.1)
    book.lanes[0, COUNTED], book.lanes[0, FED], book.lanes[0, REMEMBERED_VEH_H] = 0.0, 1.0, 100.0
    assert hidden_veh_h(book, 0, 1200.0) == pytest.approx(80.0)


def test_who_missed_some_may_be_dead() -> None:
    book, _ = street()
    assert unseen_part(book, 0, 0) == 0.0
    book.detectors[ADVANCE, MISSED_VEH] = 3.0
    assert unseen_part(book, 0, 0) == pytest.approx(0.4)
    heard(book, ADVANCE)
    assert unseen_part(book, 0, 0) == 0.0


def test_an_assumed_queue_is_taken_by_who_leaves_and_gone_after_a_gap() -> None:
    book = dead_advance()
    book.lanes[0, GREEN_S] = 20.0
    assume(book, 0, 0, 3.0, 0.0, 20.0)
    assert (book.source[0, : book.number[0]] == ASSUMED).all()
    left(book, 0, 0, 22.0)
    assert weight(book, 0, 0, 22.0) == pytest.approx(2.0, abs=0.3)
    book.lanes[0, OFF_S] = 22.0
    for n in range(4):
        absent(book, 0, 0, 24.0 + n, 25.0 + n)
    assert weight(book, 0, 0, 28.0) < 0.1


def test_a_queue_that_nobody_saw_form_goes_on_until_there_is_a_gap() -> None:
    book = dead_advance()
    pulsed(book, STOP, True, 10.0)
    open_lane(book, 0, 12.0)
    for n in range(9):
        pulsed(book, STOP, False, 14.0 + 2.0 * n)
        assert weight(book, 0, 0, 14.0 + 2.0 * n) > 0.8
        pulsed(book, STOP, True, 15.0 + 2.0 * n)
    pulsed(book, STOP, False, 32.0)
    for n in range(6):
        settle(book, 0, 33.0 + n)
    assert weight(book, 0, 0, 38.0) < 0.2


def test_who_is_on_the_way_to_a_stop_line_is_not_overdue_there() -> None:
    book, _ = street()
    for n in range(6):
        pulsed(book, ADVANCE, True, 4.0 * n)
        pulsed(book, ADVANCE, False, 4.0 * n + 0.4)
    assert book.detectors[STOP, OWN_PASSED_VEH] == 6.0
    assert overdue_veh(book, STOP, 21.0) == 4.0
    heard(book, STOP)
    assert overdue_veh(book, STOP, 60.0) <= 0.0


def test_behind_a_free_stop_line_nobody_stands_whom_an_advance_detector_can_have_seen_before() -> None:
    book, _ = street()
    heard(book, ADVANCE)
    assert book.detectors[ADVANCE, PASSED_VEH] < -5.0
    none_between(book, 0, 0)
    assert book.detectors[ADVANCE, PASSED_VEH] == 0.0


def test_strangers_of_a_dead_advance_detector_stay_until_it_works_again() -> None:
    book, trust = street()
    begin_all(book, 0.0)
    book.lanes[0, ON_S] = 0.0
    for n in range(20):
        left(book, 0, 0, 20.0 * n)
    trust.believe([True, False, True], [True, False, False], 400.0)
    assert hidden_veh_h(book, 0, 400.0) > 100.0
    trust.believe([True, True, True], [True, False, False], 401.0)
    assert hidden_veh_h(book, 0, 401.0) == 0.0


def test_who_turned_up_nowhere_may_have_passed_a_stop_line_that_was_never_heard() -> None:
    book, _ = street()
    book.detectors[BESIDE, LOST_VEH] = 6.0
    assert overdue_veh(book, STOP, 0.0) == 6.0


def test_where_nobody_counts_a_queue_stands_while_nobody_goes_at_its_end() -> None:
    lanes, detectors = [lane("a", 150.0)], [detector(1, "a", "advance", 50.0)]
    book, told = book_of([(lanes, detectors)]), told_of(1)
    Trust(book, lanes, detectors)
    begin_all(book, 0.0)
    for n in range(7):
        pulsed(book, 0, True, 4.0 * n)
        if n < 6:
            pulsed(book, 0, False, 4.0 * n + 0.5)
    open_lane(book, 0, 40.0)
    for n in range(30):
        settle(book, 0, 40.0 + n)
    count_all(book, told, 70.0)
    assert told.lanes[0, QUEUED] > 6.0
    pulsed(book, 0, False, 70.0)
    settle(book, 0, 74.0)
    count_all(book, told, 74.0)
    assert told.lanes[0, QUEUED] < 2.0


def pulses(book: Book, every_s: float, until_s: float) -> None:
    """So often somebody passes the detector of the second lane."""
    for n in range(1, int(until_s / every_s)):
        pulsed(book, BESIDE, True, every_s * n)
        pulsed(book, BESIDE, False, every_s * n + 0.4)


def assumed_veh(book: Book, after_s: float) -> float:
    """How many are assumed on the first lane who are due after this moment."""
    there = book.number[0]
    later = (book.source[0, :there] == ASSUMED) & (book.due_s[0, :there] > after_s)
    return float(book.p[0, :there, 0][later].sum())


def test_beside_whom_one_sees_others_come_unseen_in_proportion() -> None:
    book = dead_advance()
    for n in range(60):
        add(book.rates[EXITS, 0], 20.0 * n, 1.0)
    pulses(book, 10.0, 1200.0)
    share = hidden_veh_h(book, 0, 1200.0) / 360.0
    book.number[0] = 0
    pulsed(book, BESIDE, True, 1200.0)
    assert 0.2 < share < 0.6
    assert assumed_veh(book, 1204.0) == pytest.approx(share, abs=0.05)


def test_lanes_that_lead_elsewhere_say_nothing_of_who_comes_unseen() -> None:
    lanes = [lane("a", 150.0), lane("b", 150.0, "left")]
    detectors = [detector(n + 1, name, "advance", 50.0) for n, name in enumerate("ab")]
    detectors.append(detector(3, "a", "stop", 0.0))
    book = book_of([(lanes, detectors)])
    trust = Trust(book, lanes, detectors)
    begin_all(book, 0.0)
    trust.believe([False, True, True], [False] * 3, 0.0)
    for n in range(60):
        add(book.rates[EXITS, 0], 20.0 * n, 1.0)
    book.number[0] = 0
    pulsed(book, 1, True, 1200.0)
    assert hidden_veh_h(book, 0, 1200.0) > 100.0
    assert assumed_veh(book, 1204.0) == 0.0


def test_nobody_stands_on_a_detector_that_is_not_believed() -> None:
    lanes, detectors = [lane("a", 150.0)], [detector(1, "a", "stop", 0.0), detector(2, "a", "advance", 50.0)]
    book = book_of([(lanes, detectors)])
    trust, told = Trust(book, lanes, detectors), told_of(1)
    begin_all(book, 0.0)
    pulsed(book, ADVANCE, True, 10.0)
    for n in range(5):
        enter(book, 0, 20.0 + n, ADVANCE)
    pulsed(book, STOP, True, 20.0)
    settle(book, 0, 60.0)
    count_all(book, told, 60.0)
    assert told.lanes[0, QUEUED] > 7.5
    trust.believe([True, False], [True, False], 60.0)
    settle(book, 0, 90.0)
    count_all(book, told, 90.0)
    assert told.lanes[0, QUEUED] < 7.5
