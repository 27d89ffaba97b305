"""Do sights of vehicles move beliefs as Bayes' rule says?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_control.estimation.lane_choice import Balance
from signal_control.estimation.vehicles import Vehicle, see_first, unseen


def test_the_first_of_a_lane_is_the_first_that_can_be_there() -> None:
    vehicles = [Vehicle(0.0, [0.5, 0.5], 1), Vehicle(2.0, [1.0, 0.0], 1)]
    found, new = see_first(vehicles, 0, [1.0, 1.0], [1.0, 1.0], 0.0, leaves=True)
    assert (found, new) == ([0.5, 0.5], 0.0)
    assert vehicles[0].p == pytest.approx([0.0, 0.5])
    assert vehicles[1].p == pytest.approx([0.5, 0.0])


def test_who_comes_to_the_stop_line_is_there_and_those_before_it_are_elsewhere() -> None:
    vehicles = [Vehicle(0.0, [0.6, 0.4], 1), Vehicle(9.0, [0.6, 0.4], 1)]
    see_first(vehicles, 0, [1.0, 1.0], [0.01, 1.0], 0.0, leaves=False)
    assert vehicles[1].p[0] > 0.95
    assert vehicles[0].p[1] > 0.9


def test_a_stranger_is_found_where_nobody_is_expected() -> None:
    vehicles = [Vehicle(0.0, [0.01, 0.98], 1)]
    _, new = see_first(vehicles, 0, [1.0], [1.0], 0.02, leaves=True)
    assert new == pytest.approx(2 / 3)


def test_who_does_not_show_is_probably_on_the_other_lane() -> None:
    vehicle = Vehicle(0.0, [0.5, 0.5], 1)
    unseen(vehicle, 0, 0.1)
    assert vehicle.p == pytest.approx([0.05 / 0.55, 0.5 / 0.55])


def test_who_should_be_there_for_sure_is_doubted_slowly() -> None:
    vehicle = Vehicle(0.0, [0.98], 1)
    unseen(vehicle, 0, 0.5)
    assert vehicle.p[0] == pytest.approx(0.96, abs=0.01)


chances = st.floats(0.0, 1.0)


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
    vehicles = [Vehicle(float(n), [a, min(b, 1.0 - a)], 1) for n, (a, b) in enumerate(ps)]
    before = sum(v.p[0] for v in vehicles)
    found, new = see_first(vehicles, 0, there, likely, unknown, leaves)
    assert sum(found) + new == pytest.approx(1.0)
    for vehicle in vehicles:
        assert all(-1e-9 <= p <= 1.0 + 1e-9 for p in vehicle.p)
    if leaves:
        assert sum(v.p[0] for v in vehicles) <= before + 1e-9


def test_a_side_street_is_a_flow_of_strangers_and_lost_vehicles_take_it_back() -> None:
    balance = Balance(1)
    balance.begin(0.0)
    for n in range(60):
        balance.left(0, 0.5, n * 10.0)
    side_veh_h = balance.unseen_veh_h(0, 600.0)
    assert side_veh_h == pytest.approx(180.0, rel=0.1)
    for n in range(60):
        balance.lost(0.25, 600.0 + n)
    assert balance.unseen_veh_h(0, 660.0) < 0.7 * side_veh_h
