"""Is the queue of a lane known from its detectors and its light alone?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.estimation.book import book_of
from signal_control.estimation.lane_choice import found, lost, share
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW, Event
from signal_control.flow import SmoothedRate
from signal_control.model import Intersection
from signal_control.queues import REVIEW_S, QueueEstimator
from signal_control.status import SignalState
from tests.signal_control.estimation.books import two_lanes

SECOND = 1_000_000_000
LANE, STOP, ADVANCE, PHASE = "x1_eb_1", 2, 22, 2
Step = tuple[float, int, int]


@pytest.fixture(scope="module")
def no_pockets(make_intersection: Callable[..., Intersection]) -> Intersection:
    """One lane an approach, so that nobody changes lanes."""
    return make_intersection((2, 4, 6, 8))


def passing(channel: int, at_s: Iterable[float], for_s: float = 0.4) -> list[Step]:
    return [step for t in at_s for step in ((t, DETECTOR_ON, channel), (t + for_s, DETECTOR_OFF, channel))]


def after(x: Intersection, *steps: Step, red_at_s: float = 0.0) -> QueueEstimator:
    estimator = QueueEstimator(x)
    estimator.observe_state(SignalState(int(red_at_s * SECOND), "remote"))
    for at_s, code, param in sorted(steps):
        estimator.observe(Event(int(at_s * SECOND), code, param))
    return estimator


def queued(estimator: QueueEstimator, at_s: float, lane: str = LANE) -> float:
    return estimator.at(int(at_s * SECOND))[lane].vehicles


RED_QUEUE = [*passing(ADVANCE, (10, 12, 14, 16, 18)), (17.0, DETECTOR_ON, STOP)]
"""Five vehicles arrive in red; the first stands on the stop line."""
ABOUT_5 = pytest.approx(5.0, abs=0.2)
"""No count is believed to the last vehicle."""


def test_nobody_seen_means_nobody_queued(intersection: Intersection) -> None:
    assert queued(after(intersection), 5.0) == 0.0


def test_arrivals_in_red_stand_in_the_queue(no_pockets: Intersection) -> None:
    assert queued(after(no_pockets, *RED_QUEUE), 40.0) == ABOUT_5


def test_a_vehicle_still_under_way_is_moving_not_queued(no_pockets: Intersection) -> None:
    estimate = after(no_pockets, *RED_QUEUE, *passing(ADVANCE, (39.5,))).at(40 * SECOND)[LANE]
    assert estimate.vehicles == ABOUT_5
    assert estimate.moving == pytest.approx(1.0, abs=0.1)
    assert estimate.arrivals[0][0] == pytest.approx(80 / 13.9 - 0.5, abs=0.6)


def test_the_queue_lasts_until_the_start_up_wave_reaches_its_end(no_pockets: Intersection) -> None:
    exits = [(43.0, DETECTOR_OFF, STOP), *passing(STOP, (44.5, 46.5, 48.5, 50.5))]
    estimator = after(no_pockets, *RED_QUEUE, (40.0, PHASE_GREEN, PHASE), *exits)
    assert queued(after(no_pockets, *RED_QUEUE, (40.0, PHASE_GREEN, PHASE)), 43.5) == ABOUT_5
    assert queued(estimator, 52.0) == 0.0


def test_an_empty_stop_line_corrects_a_miscount(intersection: Intersection) -> None:
    ghosts = passing(ADVANCE, (10, 11, 12, 13))
    assert queued(after(intersection, *ghosts, *passing(STOP, (16.0,))), 40.0) == 0.0


def test_somebody_on_the_stop_line_in_red_is_at_least_one(intersection: Intersection) -> None:
    assert queued(after(intersection, (10.0, DETECTOR_ON, STOP)), 12.0) >= 1.0


def test_a_covered_advance_detector_means_a_queue_up_to_it_and_growing(intersection: Intersection) -> None:
    steps = [*passing(ADVANCE, range(10, 40, 3)), (14.0, DETECTOR_ON, STOP), (40.0, DETECTOR_ON, ADVANCE)]
    estimator = after(intersection, *steps)
    at_60, at_90 = queued(estimator, 60.0), queued(estimator, 90.0)
    assert at_60 > 80 / 7.5
    assert at_90 > at_60 + 1.5
    wide = estimator.at(90 * SECOND)[LANE].sd
    assert wide > estimator.at(60 * SECOND)[LANE].sd > 0.8


def test_who_stands_on_the_advance_detector_while_nobody_is_at_the_stop_line_waits_for_something_else(
    no_pockets: Intersection,
) -> None:
    steps = [*passing(STOP, (5.0,)), *passing(ADVANCE, range(10, 40, 3)), (40.0, DETECTOR_ON, ADVANCE)]
    green = (20.0, PHASE_GREEN, PHASE)
    assert queued(after(no_pockets, *steps, green), 70.0) < 1.0
    assert queued(after(no_pockets, *steps, green, (69.0, DETECTOR_ON, STOP)), 70.0) < 2.0


def test_a_queue_cannot_have_grown_faster_than_vehicles_follow_each_other(no_pockets: Intersection) -> None:
    """The stop line is free until 34 s; eight who come within 8 s do not fill 80 m in 11 s."""
    steps = [*passing(STOP, (5.0,)), (34.0, DETECTOR_ON, STOP), *passing(ADVANCE, range(28, 36))]
    estimator = after(no_pockets, *steps, (38.0, DETECTOR_ON, ADVANCE))
    assert queued(estimator, 45.0) < 10.0
    assert queued(estimator, 70.0) > 80 / 7.5


@pytest.mark.parametrize(("next_one", "state"), [((), "silent"), (((26.5, DETECTOR_ON, ADVANCE),), "ok")])
def test_vehicles_that_are_held_up_do_not_make_the_detector_ahead_a_liar(
    next_one: tuple[Step, ...], state: str, no_pockets: Intersection
) -> None:
    seen = [*passing(STOP, (5.0,)), (6.0, PHASE_GREEN, PHASE), *passing(ADVANCE, range(10, 26))]
    estimator = after(no_pockets, *seen, *next_one)
    for at_s in range(27, 61):
        estimator.observe_state(SignalState(at_s * SECOND, "remote", greens=(PHASE,)))
    assert estimator.health()[STOP].state == state


def test_a_stop_line_never_heard_is_dead_after_many_came_its_way(no_pockets: Intersection) -> None:
    arrivals = passing(ADVANCE, range(10, 250, 8))
    estimator = after(no_pockets, (2.0, PHASE_GREEN, PHASE), *passing(4, (3.0,)), *arrivals)
    estimator.observe_state(SignalState(251 * SECOND, "remote", greens=(PHASE,)))
    assert estimator.health()[STOP].state == "silent"
    assert estimator.at(251 * SECOND)[LANE].health == "substituted"


def test_where_no_detector_was_ever_heard_nothing_is_known(no_pockets: Intersection) -> None:
    estimator = QueueEstimator(no_pockets)
    for at_s, health in ((1, "ok"), (110, "ok"), (130, "blind")):
        estimator.observe_state(SignalState(at_s * SECOND, "remote", greens=(PHASE,)))
        assert {queue.health for queue in estimator.at(at_s * SECOND).values()} == {health}
    estimator.observe(Event(131 * SECOND, DETECTOR_ON, ADVANCE))
    estimator.observe_state(SignalState(140 * SECOND, "remote", greens=(PHASE,)))
    assert {queue.health for queue in estimator.at(140 * SECOND).values()} == {"ok"}


def test_a_detector_that_is_believed_again_is_known_to_be_free(no_pockets: Intersection) -> None:
    estimator = after(no_pockets, *passing(STOP, (5.0,)), (6.0, PHASE_GREEN, PHASE))
    clock = 10.0

    def second(*steps: Step) -> None:
        nonlocal clock
        for at_s, code, param in steps:
            estimator.observe(Event(int(at_s * SECOND), code, param))
        clock += 1.0
        estimator.observe_state(SignalState(int(clock * SECOND), "remote", greens=(PHASE,)))

    while estimator.health()[STOP].trusted:
        second(*passing(ADVANCE, (clock + 0.1,)))
    while not estimator.health()[STOP].trusted:
        second(*passing(STOP, (clock + 0.1,)))
    for _ in range(5):
        second(*passing(ADVANCE, (clock + 0.1,)))
    for _ in range(30):
        second()
    assert queued(estimator, clock) == 0.0


def test_an_interval_widens_by_what_greens_have_shown_of_vehicles_nobody_knew_of(
    no_pockets: Intersection,
) -> None:
    def sd(strangers: int) -> float:
        steps: list[Step] = []
        for cycle in range(20):
            at_s = 60.0 * cycle
            steps += [(at_s + 20.0, PHASE_GREEN, PHASE), (at_s + 40.0, PHASE_YELLOW, PHASE)]
            steps += [*passing(ADVANCE, (at_s + 19.0,)), *passing(STOP, (at_s + 25.0,))]
            steps += passing(STOP, [at_s + 27.0 + 2 * n for n in range(strangers)])
        estimator = after(no_pockets, *steps, *passing(ADVANCE, (1201.0,)), (1207.0, DETECTOR_ON, STOP))
        return estimator.at(1212 * SECOND)[LANE].sd

    assert sd(0) < 0.7
    assert 1.5 < sd(4) < 4.5


def test_a_queue_that_does_not_move_on_green_is_stalled(no_pockets: Intersection) -> None:
    estimator = after(no_pockets, *RED_QUEUE, (40.0, PHASE_GREEN, PHASE))
    assert not estimator.at(43 * SECOND)[LANE].stalled
    assert estimator.at(46 * SECOND)[LANE].stalled
    assert queued(estimator, 60.0) == ABOUT_5
    estimator.observe(Event(60 * SECOND, PHASE_YELLOW, PHASE))
    assert estimator.at(80 * SECOND)[LANE].stalled
    assert not estimator.at(86 * SECOND)[LANE].stalled


def test_a_pocket_without_advance_detector_shares_its_neighbours_arrivals(intersection: Intersection) -> None:
    learned: list[Step] = []
    for cycle in range(20):
        at_s = 60.0 * cycle
        learned += passing(ADVANCE, (at_s + 1, at_s + 3, at_s + 5, at_s + 7))
        learned += passing(STOP, (at_s + 8, at_s + 10, at_s + 12)) + passing(5, (at_s + 9,))
    red = [*passing(ADVANCE, (1210, 1212, 1214, 1216)), (1217.0, DETECTOR_ON, STOP), (1218.0, DETECTOR_ON, 5)]
    estimator = after(intersection, *learned, *red)
    assert queued(estimator, 1230.0, "x1_eb_2") == pytest.approx(1.5, abs=0.3)
    assert queued(estimator, 1230.0) == pytest.approx(2.5, abs=0.4)


def test_a_lane_with_a_stop_detector_only_grows_by_its_usual_flow(
    make_intersection: Callable[..., Intersection],
) -> None:
    stops = [d.model_dump() for d in make_intersection().detectors if d.role == "stop"]
    x = make_intersection(detectors=stops)
    usual = passing(STOP, range(10, 600, 10))
    estimator = after(x, *usual, (610.0, DETECTOR_ON, STOP), red_at_s=0.0)
    assert queued(estimator, 640.0) == pytest.approx(4.0, abs=0.5)


def test_a_lane_without_detectors_is_feared_to_fill_so_that_it_is_not_forgotten(
    make_intersection: Callable[..., Intersection],
) -> None:
    estimator = after(make_intersection(detectors=[]))
    estimate = estimator.at(60 * SECOND)[LANE]
    assert estimate.vehicles == pytest.approx(2.0, abs=0.5)
    assert estimate.sd > 1.0
    estimator.observe(Event(60 * SECOND, PHASE_GREEN, PHASE))
    assert queued(estimator, 75.0) == 0.0


def test_flows_are_unknown_at_first_and_measured_then(intersection: Intersection) -> None:
    estimator = after(intersection, *passing(ADVANCE, range(5, 900, 5)), *passing(STOP, range(11, 906, 5)))
    assert after(intersection).flows(100 * SECOND) == {}
    assert estimator.flows(906 * SECOND)[LANE] == pytest.approx(720.0, rel=0.08)


def test_an_estimate_tells_its_age(intersection: Intersection) -> None:
    assert after(intersection, *RED_QUEUE).at(30 * SECOND)[LANE].age_s == pytest.approx(30 - 18.4, abs=0.1)


def test_what_nobody_looks_at_is_known_alike_and_does_not_pile_up(intersection: Intersection) -> None:
    watched, alone = QueueEstimator(intersection), QueueEstimator(intersection)
    heard = [Event(int(at_s * SECOND), code, param) for at_s, code, param in sorted(RED_QUEUE)]
    for second in range(60):
        now = [event for event in heard if event.at_ns // SECOND == second]
        for estimator in (watched, alone):
            for event in now:
                estimator.observe(event)
            estimator.observe_state(SignalState((second + 1) * SECOND, "remote"))
        watched.at((second + 1) * SECOND)
        assert len(alone._pending) <= 3 * (len(heard) + REVIEW_S)
    assert alone.at(60 * SECOND) == watched.at(60 * SECOND)


steps = st.lists(
    st.tuples(st.floats(0, 300), st.sampled_from([1, 8, 9, 10, 12, 81, 82, 43, 999]), st.integers(0, 30)),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(log=steps, later=st.floats(0, 400))
def test_any_log_gives_finite_estimates_and_asking_changes_nothing(
    log: list[Step], later: float, intersection: Intersection
) -> None:
    estimator = after(intersection, *log)
    first: Any = estimator.at(int((300 + later) * SECOND))
    assert first == estimator.at(int((300 + later) * SECOND))
    assert {e.lane for e in first.values()} == {lane.id for lane in intersection.lanes}
    for estimate in first.values():
        assert 0 <= estimate.vehicles < 200
        assert 0 < estimate.sd < 200
        assert estimate.moving >= 0


disorder = st.lists(
    st.tuples(
        st.integers(0, 400_000),
        st.sampled_from([1, 8, 81, 82, 4096 + 41, 8192 + 41, 4096 + 2, 8192 + 99, 0]),
        st.sampled_from([*range(10), 22, 24, 41, 255, -1]),
    ),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(log=disorder)
def test_any_order_of_any_events_keeps_queues_within_the_road(
    log: list[tuple[int, int, int]], make_intersection: Callable[..., Intersection]
) -> None:
    zone = {"channel": 41, "lane": "x1_wb_1", "role": "area", "distance_m": 0, "length_m": 50}
    known = [d.model_dump() for d in make_intersection().detectors]
    x = make_intersection(detectors=[*known, zone])
    first, second = QueueEstimator(x), QueueEstimator(x)
    for at_ms, code, param in log:
        for estimator in (first, second):
            estimator.observe(Event(at_ms * 1_000_000, code, param))
            if at_ms % 3 == 0:
                estimator.observe_state(SignalState(at_ms * 1_000_000, "remote", greens=(param % 8 + 1,)))
    found: Any = first.at(400 * SECOND)
    assert found == second.at(400 * SECOND)
    for lane, estimate in found.items():
        room = 1 + 180 / 7.3 if lane != "x1_wb_1" else 1 + max(180 / 7.3, 255)
        assert -1e-9 <= estimate.vehicles <= room + 0.5
        assert 0 < estimate.sd < 300
        assert sum(part for _, part in estimate.arrivals) == pytest.approx(estimate.moving, abs=0.01)
        etas_s = [eta_s for eta_s, _ in estimate.arrivals]
        assert etas_s == sorted(etas_s)
        assert all(eta_s >= 0 and part >= 0 for eta_s, part in estimate.arrivals)


def test_before_the_first_word_nobody_is_counted_and_nobody_waits_for_the_answer(
    make_intersection: Callable[..., Intersection],
) -> None:
    estimator, began_s = QueueEstimator(make_intersection(detectors=[])), time.process_time()
    estimates = estimator.at(1_790_000_000 * SECOND)
    assert {(e.vehicles, e.health) for e in estimates.values()} == {(0.0, "blind")}
    assert time.process_time() - began_s < 1.0


def test_a_smoothed_rate_is_right_from_the_start_and_forgets() -> None:
    rate = SmoothedRate(300.0)
    for at_s in range(0, 60, 6):
        rate.add(float(at_s))
    assert rate.per_hour(60.0) == pytest.approx(600.0, rel=0.05)
    assert rate.per_hour(1200.0) < 50.0


def test_lane_choice_follows_who_was_found_where_and_who_got_lost() -> None:
    book = book_of([two_lanes()])
    for n in range(300):
        if n % 10 == 0:
            lost(book, 0, 1.0)
        else:
            found(book, 0, 1 if n % 3 == 0 else 0, 1.0)
    first, second = share(book, 0, 0), share(book, 0, 1)
    assert first == pytest.approx(0.6, abs=0.07)
    assert second == pytest.approx(0.3, abs=0.07)
    assert first + second == pytest.approx(0.9, abs=0.05)
