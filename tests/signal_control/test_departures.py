"""Do neighbours learn who left for them, whatever detectors there are, and who came into sight?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.controller import Controller
from signal_control.departures import TOLD_NS, Departures
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, ZONE_COUNT, ZONE_STANDING, Event
from signal_control.model import Intersection
from signal_control.queues import QueueEstimator
from signal_control.status import SignalState

SECOND = 1_000_000_000
LANE, LINK, ONWARD, STOP, AHEAD, ZONE, PHASE = "x1_eb_1", "x1_eb", "x2_eb", 2, 22, 41, 2
Make = Callable[..., Intersection]


def sees(make_intersection: Make, *roles: str) -> Intersection:
    """Four through lanes; the eastbound one, of which 0.9 go on to x2, has these detectors."""
    places = {"stop": (STOP, 1, 2), "advance": (AHEAD, 80, 2), "area": (ZONE, 0, 50)}
    detectors = [
        {"channel": channel, "lane": LANE, "role": role, "distance_m": at_m, "length_m": length_m}
        for role, (channel, at_m, length_m) in places.items()
        if role in roles
    ]
    return make_intersection((2, 4, 6, 8), detectors=detectors)


def test_who_leaves_a_stop_line_is_told_of_for_a_while(make_intersection: Make) -> None:
    departures = Departures(sees(make_intersection, "stop"))
    for second in (1, 2, 10):
        departures.observe(Event(second * SECOND, DETECTOR_OFF, STOP))
    told = departures.into(10 * SECOND)[f"{ONWARD}<x1"]
    assert [(at_ns // SECOND, part, lane) for at_ns, part, lane in told.sent] == [
        (1, 0.9, LANE),
        (2, 0.9, LANE),
        (10, 0.9, LANE),
    ]
    later = departures.into(5 * SECOND + TOLD_NS)[f"{ONWARD}<x1"]
    assert [at_ns // SECOND for at_ns, _, _ in later.sent] == [10]
    assert (told.before, later.before) == (0, 2)
    assert departures.into(11 * SECOND + TOLD_NS) == {}


def test_a_clock_that_ran_ahead_does_not_keep_all_who_left_later(make_intersection: Make) -> None:
    departures = Departures(sees(make_intersection, "stop"))
    for second in (5000, 1, 2):
        departures.observe(Event(second * SECOND, DETECTOR_OFF, STOP))
    told = departures.into(3 * SECOND)[f"{ONWARD}<x1"]
    assert [at_ns // SECOND for at_ns, _, _ in told.sent] == [1, 2]
    assert departures.into(40 * SECOND) == {}


def test_who_leaves_a_zone_is_told_of_as_well(make_intersection: Make) -> None:
    controller = Controller(sees(make_intersection, "area"), "fixed_time")
    for second, (there, standing) in enumerate(
        [(0, 0), (1, 0), (2, 1), (3, 3), (3, 3), (3, 2), (2, 1), (1, 0)]
    ):
        if second == 4:
            controller.observe(Event(second * SECOND, PHASE_GREEN, PHASE))
        controller.observe(Event(second * SECOND, ZONE_COUNT + ZONE, there))
        controller.observe(Event(second * SECOND, ZONE_STANDING + ZONE, standing))
        controller.observe_state(SignalState(second * SECOND, "remote", (PHASE,) if second >= 4 else ()))
        told = controller.link_states(second * SECOND).get(f"{ONWARD}<x1")
    assert told is not None
    assert [(at_ns // SECOND, round(part, 2)) for at_ns, part, _ in told.sent] == [(6, 0.9), (7, 0.9)]


def test_who_leaves_where_only_arrivals_are_seen_is_reckoned(make_intersection: Make) -> None:
    estimator = QueueEstimator(sees(make_intersection, "advance"))
    gone = 0.0
    for second in range(30):
        if second in (2, 5):
            estimator.observe(Event(second * SECOND, DETECTOR_ON, AHEAD))
            estimator.observe(Event(second * SECOND + SECOND // 2, DETECTOR_OFF, AHEAD))
        if second == 15:
            assert gone == 0.0
            estimator.observe(Event(second * SECOND, PHASE_GREEN, PHASE))
        estimator.observe_state(SignalState(second * SECOND, "remote", (PHASE,) if second >= 15 else ()))
        gone += sum(veh for lane, veh in estimator.crossed() if lane == LANE)
    assert gone == pytest.approx(2.0, abs=0.35)


def test_a_stop_line_that_counts_is_not_counted_twice(make_intersection: Make) -> None:
    estimator = QueueEstimator(sees(make_intersection, "stop", "advance"))
    for second, code in ((0, PHASE_GREEN), (5, DETECTOR_ON), (6, DETECTOR_OFF)):
        estimator.observe(Event(second * SECOND, code, PHASE if code == PHASE_GREEN else STOP))
    estimator.observe_state(SignalState(7 * SECOND, "remote", (PHASE,)))
    assert LANE not in dict(estimator.crossed())


@pytest.mark.parametrize(("role", "hides"), [("advance", False), ("area", False), ("stop", True)])
def test_who_comes_into_sight_is_counted_once(make_intersection: Make, role: str, hides: bool) -> None:
    estimator, seen = QueueEstimator(sees(make_intersection, role)), 0.0
    for second in range(10):
        if second == 4 and role == "advance":
            estimator.observe(Event(second * SECOND, DETECTOR_ON, AHEAD))
            estimator.observe(Event(second * SECOND + SECOND // 2, DETECTOR_OFF, AHEAD))
        if role == "area":
            estimator.observe(Event(second * SECOND, ZONE_COUNT + ZONE, int(second >= 4)))
            estimator.observe(Event(second * SECOND, ZONE_STANDING + ZONE, int(second >= 8)))
        estimator.observe_state(SignalState(second * SECOND, "remote", ()))
        _, veh, hidden = next(row for row in estimator.entered() if row[0] == LINK)
        seen += veh
    assert seen == (0.0 if role == "stop" else 1.0)
    assert hidden == hides


@pytest.mark.parametrize("seen", [True, False])
def test_a_lane_without_an_advance_detector_hides_only_those_whom_nobody_sees_beside_it(
    make_intersection: Make, seen: bool
) -> None:
    places = [(STOP, LANE, "stop", 1), (5, "x1_eb_2", "stop", 1), (AHEAD, LANE, "advance", 80)]
    detectors = [{"channel": n, "lane": x, "role": role, "distance_m": m} for n, x, role, m in places]
    estimator = QueueEstimator(make_intersection((2, 4, 5, 6, 8), detectors=detectors))
    hidden = []
    for second in range(400):
        for offset, code, channel in ((0, DETECTOR_ON, AHEAD), (1, DETECTOR_OFF, AHEAD)):
            if seen and second % 20 == offset:
                estimator.observe(Event(second * SECOND, code, channel))
        for offset, code in ((7, DETECTOR_ON), (9, DETECTOR_OFF)):
            if second % 20 == offset:
                estimator.observe(Event(second * SECOND, code, 5))
        estimator.observe_state(SignalState(second * SECOND, "remote", (2, 5)))
        hidden.append(next(hides for link, _, hides in estimator.entered() if link == LINK))
    assert any(hidden[-100:]) != seen
