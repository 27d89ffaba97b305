"""Is a detector that lies found out, and does its lane live on without it?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW, Event
from signal_control.health import DetectorState, DetectorWatch
from signal_control.model import Detector, Intersection
from signal_control.queues import QueueEstimator
from signal_control.status import SignalState

SECOND = 1_000_000_000
LANE, STOP, ADVANCE, PHASE = "x1_eb_1", 2, 22, 2
CYCLE_S, GREEN_FROM_S, GREEN_TO_S = 60, 30, 55


@pytest.fixture(scope="module")
def one_lane(make_intersection: Callable[..., Intersection]) -> Intersection:
    """One lane an approach, so that nobody changes lanes."""
    return make_intersection((2, 4, 6, 8))


class Day:
    """An estimator, and traffic that it sees through detectors of which some may lie."""

    def __init__(self, x: Intersection) -> None:
        self.estimator = QueueEstimator(x)
        self.at_s = 0.0
        self.stuck = False

    def cycles(
        self,
        n: int,
        dead: tuple[int, ...] = (),
        stuck: tuple[int, ...] = (),
        chatter: tuple[int, ...] = (),
        crossed: bool = False,
    ) -> None:
        """Five vehicles a cycle come in red and leave in green. `crossed`: what the stop line tells is of a
        lane that goes while this one waits."""
        for _ in range(n):
            steps = [(float(GREEN_FROM_S), PHASE_GREEN, PHASE), (float(GREEN_TO_S), PHASE_YELLOW, PHASE)]
            passing = [(t, t + 0.4) for t in (4.0, 8.0, 12.0, 16.0, 20.0)]
            steps += self._pulses(ADVANCE, passing, (*dead, *chatter), stuck)
            leaves = [(10.5, 32.0), *[(33.0 + 2 * k, 34.0 + 2 * k) for k in range(4)]]
            if crossed:
                leaves = [(1.0 + 2 * k, 2.0 + 2 * k) for k in range(5)]
            for channel in chatter:
                bounces = [(0.2 + 0.3 * k, 0.3 + 0.3 * k) for k in range(int(CYCLE_S / 0.3) - 1)]
                steps += self._pulses(channel, bounces, dead, stuck)
            steps += self._pulses(STOP, leaves, (*dead, *chatter), stuck)
            for second in range(CYCLE_S):
                for t, code, param in sorted(s for s in steps if second <= s[0] < second + 1):
                    self.estimator.observe(Event(int((self.at_s + t) * SECOND), code, param))
                greens = (PHASE,) if GREEN_FROM_S <= second < GREEN_TO_S else ()
                now = int((self.at_s + second + 1) * SECOND)
                self.estimator.observe_state(SignalState(now, "remote", greens=greens))
            self.at_s += CYCLE_S
            self.stuck = bool(stuck)

    def _pulses(
        self, channel: int, spans: list[tuple[float, float]], dead: tuple[int, ...], stuck: tuple[int, ...]
    ) -> list[tuple[float, int, int]]:
        if channel in dead:
            return []
        if channel in stuck:
            return [] if self.stuck else [(spans[0][0], DETECTOR_ON, channel)]
        return [(t, code, channel) for a, b in spans for t, code in ((a, DETECTOR_ON), (b, DETECTOR_OFF))]

    def state(self, channel: int) -> DetectorState:
        return self.estimator.health()[channel].state


def test_detectors_that_behave_stay_believed(one_lane: Intersection) -> None:
    day = Day(one_lane)
    day.cycles(15)
    assert {h.state for h in day.estimator.health().values()} == {"ok"}
    assert day.estimator.at(int(day.at_s * SECOND))[LANE].health == "ok"


def test_a_dead_stop_detector_is_found_out_and_the_queue_is_known_without_it(one_lane: Intersection) -> None:
    day = Day(one_lane)
    day.cycles(5)
    day.cycles(4, dead=(STOP,))
    assert day.state(STOP) == "silent"
    assert "without a pulse" in day.estimator.health()[STOP].reason
    in_red = day.estimator.at(int(day.at_s * SECOND))
    assert in_red[LANE].health == "substituted"
    day.estimator.observe(Event(int((day.at_s + 5) * SECOND), DETECTOR_ON, ADVANCE))
    day.estimator.observe(Event(int((day.at_s + 5.4) * SECOND), DETECTOR_OFF, ADVANCE))
    assert day.estimator.at(int((day.at_s + 25) * SECOND))[LANE].vehicles == pytest.approx(1.0, abs=0.3)


def test_a_dead_advance_detector_is_found_out_by_those_it_should_have_seen(one_lane: Intersection) -> None:
    day = Day(one_lane)
    day.cycles(5)
    day.cycles(4, dead=(ADVANCE,))
    assert day.state(ADVANCE) == "silent"
    assert day.estimator.at(int(day.at_s * SECOND))[LANE].sight_s == 0.0


def test_a_detector_that_stays_on_while_traffic_passes_is_stuck(one_lane: Intersection) -> None:
    for channel in (STOP, ADVANCE):
        day = Day(one_lane)
        day.cycles(3)
        day.cycles(6, stuck=(channel,))
        assert day.state(channel) == "stuck_on"


def test_an_advance_detector_that_is_on_through_greens_is_stuck_though_nobody_counts_who_leaves(
    one_lane: Intersection,
) -> None:
    day = Day(one_lane)
    day.cycles(3)
    day.cycles(6, dead=(STOP,))
    day.cycles(3, dead=(STOP,), stuck=(ADVANCE,))
    assert day.state(ADVANCE) == "ok"
    day.cycles(2, dead=(STOP,), stuck=(ADVANCE,))
    assert day.state(ADVANCE) == "stuck_on"
    assert "through 4 greens" in day.estimator.health()[ADVANCE].reason


def test_a_repaired_detector_is_believed_again(one_lane: Intersection) -> None:
    day = Day(one_lane)
    day.cycles(5)
    day.cycles(4, dead=(STOP,))
    day.cycles(3)
    assert day.state(STOP) == "ok"


def test_a_lane_whose_detectors_are_all_dead_is_feared_to_fill(one_lane: Intersection) -> None:
    day = Day(one_lane)
    day.cycles(10)
    day.cycles(14, dead=(STOP, ADVANCE))
    estimate = day.estimator.at(int((day.at_s + 30) * SECOND))[LANE]
    assert estimate.health == "blind"
    assert estimate.vehicles > 0.5
    assert estimate.sd > 1.0


def test_a_lane_of_which_nothing_was_ever_heard_is_not_taken_for_unused(
    make_intersection: Callable[..., Intersection],
) -> None:
    x = make_intersection()
    there = next(d for d in x.detectors if d.role == "stop")
    link = next(lane.link for lane in x.lanes if lane.id == there.lane)
    beside = {lane.id for lane in x.lanes if lane.link == link} - {there.lane}
    busy = next(d for d in x.detectors if d.role == "stop" and d.lane in beside)
    estimator = QueueEstimator(x)
    for n in range(80):
        estimator.observe(Event(n * 10 * SECOND, DETECTOR_ON, busy.channel))
        estimator.observe(Event(n * 10 * SECOND + SECOND, DETECTOR_OFF, busy.channel))
        estimator.observe_state(SignalState(n * 10 * SECOND + 6 * SECOND, "remote", greens=(PHASE,)))
        if n == 40:
            assert estimator.health()[there.channel].state == "ok"
    assert estimator.health()[there.channel].state == "silent"
    assert estimator.at(800 * SECOND)[there.lane].health in ("blind", "substituted")


def watch(role: str = "stop") -> DetectorWatch:
    return DetectorWatch(Detector.model_validate({"channel": 1, "lane": "a", "role": role, "distance_m": 0}))


def test_chatter_is_no_traffic_and_ends() -> None:
    one = watch()
    for n in range(20):
        one.turned_on(n * 0.3)
        one.turned_off(n * 0.3 + 0.1, True)
    assert one.review(6.0, 0.0, 0.0).state == "chatter"
    assert one.review(30.0, 0.0, 0.0).state == "chatter"
    assert one.review(90.0, 0.0, 0.0).state == "ok"


def test_a_stop_detector_that_counts_in_red_only_belongs_to_another_lane() -> None:
    one = watch()
    for n in range(20):
        one.turned_on(n * 10.0)
        one.turned_off(n * 10.0 + 1.0, n % 10 == 0)
    health = one.review(201.0, 0.0, 0.0)
    assert health.state == "implausible"
    assert "red" in health.reason


def test_a_zone_that_does_not_report_is_silent() -> None:
    one = watch("area")
    one.told(100.0)
    assert one.review(125.0, 0.0, 0.0).state == "ok"
    assert one.review(140.0, 0.0, 0.0).state == "silent"
