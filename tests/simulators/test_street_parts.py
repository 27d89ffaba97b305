"""Do the street's own parts keep their promises without a simulation?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.detectors import Channels, Loop, edges
from simulators.lights import Lights
from simulators.street_demand import Demand, Departures, Profile, Stroll, Trip, second_of_day
from simulators.street_queue import OnLane, queue_veh
from simulators.street_trips import Loss, Trips

PROFILE = Profile(day=(("06:45", 0.5), ("07:45", 1.0)))


def demand(**changes: object) -> Demand:
    table = {
        "profile": PROFILE,
        "types": {"car": 1.0},
        "entries": {"a": 600.0},
        "turns": {"a": (0.2, 0.5, 0.3)},
        "walks": [{"between": ("a", "b"), "people_h": 100}],
    }
    return Demand.model_validate({**table, **changes})


def departures(seed: int = 1, start_s: float = 27_900.0, **changes: object) -> Departures:
    return Departures(demand(**changes), seed, start_s, lambda link, turn: f"{link}.{turn}")


def test_a_vehicle_turns_its_loop_on_and_off() -> None:
    channels = Channels([Loop("x1.7", "x1", 7, "lane", 0.0, 2.0)])
    first = channels.step({"x1.7": [(1.23, -1.0)]}, 1.0, 1.5, 1000)
    between = channels.step({"x1.7": [(1.23, -1.0)]}, 1.5, 2.0, 1000)
    last = channels.step({"x1.7": [(1.23, 2.47)]}, 2.0, 2.5, 1000)
    assert first == [("x1", 7, 2200, True)]
    assert between == []
    assert last == [("x1", 7, 3400, False)]


def test_a_vehicle_that_vanishes_leaves_no_loop_on() -> None:
    channels = Channels([Loop("x1.7", "x1", 7, "lane", 0.0, 2.0)])
    channels.step({"x1.7": [(1.2, -1.0)]}, 1.0, 1.5, 0)
    assert channels.step({}, 1.5, 2.0, 0) == [("x1", 7, 1500, False)]


def test_two_vehicles_on_a_loop_are_one_occupation() -> None:
    assert edges(False, [(1.0, 1.3), (1.2, 1.4)], 1.0, 1.5) == [1.0, 1.4]


@given(
    st.booleans(),
    st.lists(st.tuples(st.floats(0, 0.5), st.one_of(st.just(-1.0), st.floats(0.5, 1.0))), max_size=4),
)
def test_changes_of_a_loop_are_in_order_and_end_in_its_true_state(
    was_on: bool, passages: list[tuple[float, float]]
) -> None:
    changes = edges(was_on, passages, 0.0, 1.0)
    assert all(a <= b for a, b in pairwise(changes))
    still_there = any(leave < 0 for _, leave in passages)
    assert (was_on ^ (len(changes) % 2 == 1)) == still_there


def test_the_queue_reaches_from_the_stop_line_to_its_last_slow_vehicle() -> None:
    standing = [OnLane(1.0 + 7.0 * n, 4.6, 0.0) for n in range(4)]
    assert queue_veh(standing) == 4
    assert queue_veh([*standing, OnLane(30.0, 4.6, 12.0)]) == 4
    assert queue_veh([*standing, OnLane(80.0, 4.6, 0.0)]) == 4


def test_those_who_discharge_before_a_standing_vehicle_are_still_queued() -> None:
    assert queue_veh([OnLane(5.0, 4.6, 8.0), OnLane(18.0, 4.6, 5.0), OnLane(26.0, 4.6, 0.5)]) == 3


def test_moving_traffic_and_a_bus_at_a_far_stop_are_no_queue() -> None:
    assert queue_veh([OnLane(10.0, 4.6, 12.0), OnLane(30.0, 4.6, 12.0)]) == 0
    assert queue_veh([OnLane(120.0, 12.0, 0.0)]) == 0


def test_delay_is_that_of_trips_finished_in_the_window() -> None:
    trips = Trips()
    assert trips.mean() == (None, None)
    for name, at_s, delay_s in (("a", 0.0, 90.0), ("b", 250.0, 10.0), ("c", 310.0, 30.0)):
        trips.note(name, Loss(delay_s - 5.0, 1))
        trips.note(name, Loss(delay_s, 1))
        trips.arrive([name], at_s)
    assert trips.mean() == (20.0, 1.0)
    assert trips.finished == 3


def test_the_profile_is_flat_outside_its_points() -> None:
    shares = [PROFILE.share(second_of_day(t)) for t in ("05:00", "06:45", "07:15", "07:45", "20:00")]
    assert shares == [0.5, 0.5, 0.75, 1.0, 1.0]


def test_one_seed_sends_the_same_people() -> None:
    assert departures(seed=3).due(28_500) == departures(seed=3).due(28_500)
    assert departures(seed=3).due(28_500) != departures(seed=4).due(28_500)


def test_people_set_out_in_order_whatever_the_steps() -> None:
    whole, steps = departures(), departures()
    leavers = [leaver for n in range(1, 1201) for leaver in steps.due(27_900 + n * 0.5)]
    assert leavers == whole.due(28_500)
    assert [leaver.at_s for leaver in leavers] == sorted(leaver.at_s for leaver in leavers)


def test_flows_are_those_of_the_file() -> None:
    leavers = departures(seed=7).due(27_900 + 7_200)
    trips = [leaver for leaver in leavers if isinstance(leaver, Trip)]
    strolls = [leaver for leaver in leavers if isinstance(leaver, Stroll)]
    assert len(trips) == pytest.approx(1200, rel=0.12)
    assert len(strolls) == pytest.approx(400, rel=0.2)
    straight = sum(trip.links == ("a", "a.through") for trip in trips)
    assert straight == pytest.approx(0.5 * len(trips), rel=0.15)


def test_a_surge_lasts_from_its_start_to_its_end() -> None:
    surge = {"link": "a", "between": ("08:00", "08:30"), "factor": 3.0}
    trips = departures(walks=[], surges=[surge], seed=2).due(27_900 + 3_600)
    within = [trip for trip in trips if 28_800 <= trip.at_s < 30_600]
    assert len(within) == pytest.approx(900, rel=0.15)
    assert len(trips) - len(within) == pytest.approx(300, rel=0.2)


def test_a_bus_keeps_its_timetable() -> None:
    line = {"line": "4", "type": "bus", "links": ("a", "b"), "stops": (), "start": "00:02", "headway_s": 600}
    buses = departures(entries={}, walks=[], buses=[line]).due(29_700)
    assert [bus.at_s for bus in buses] == [120 + 47 * 600, 120 + 48 * 600, 120 + 49 * 600]


def test_lights_show_red_unless_told_otherwise() -> None:
    assert Lights() == Lights(greens=(), yellows=(), walks=(), ped_clears=())
