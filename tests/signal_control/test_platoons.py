"""Does an intersection learn of a platoon before its own detectors see it, and how it drives?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.model import Intersection
from signal_control.platoons import Coming, Platoons
from signal_control.status import LinkState
from signal_control.travellers import SET_OFF_S

SECOND = 1_000_000_000
LANE, LINK, FROM = "x1_eb_1", "x1_eb", "x0_eb_1"


@pytest.fixture(scope="module")
def far(make_intersection: Callable[..., Intersection]) -> Intersection:
    """One lane an approach; 180 m at 13.9 m/s, an advance detector at 80 m."""
    return make_intersection((2, 4, 6, 8))


def sent(*at_s: float, before: int = 0, told: float = 1.0) -> LinkState:
    return LinkState(LINK, 0.0, 20.0, 0, 1, tuple((int(s * SECOND), told, FROM) for s in at_s), before)


def after(x: Intersection, *at_s: float, now_s: float = 0.0) -> Coming:
    """Who is still to come when so many set off and none has been seen."""
    platoons = Platoons(x)
    platoons.hear("x1_eb<x0", sent(*at_s))
    platoons.see(LINK, 0.0, False, int(now_s * SECOND))
    return platoons.coming({}, int(now_s * SECOND)).get(LANE, ())


def number(coming: Coming) -> float:
    return sum(part for _, part in coming)


def test_a_vehicle_that_has_set_off_comes_after_its_travel_time_all_of_it(far: Intersection) -> None:
    etas = after(far, 0.0)
    assert number(etas) == pytest.approx(1.0, abs=0.01)
    mean_s = sum(eta_s * weight for eta_s, weight in etas)
    assert mean_s == pytest.approx(SET_OFF_S + 180 / 13.9, abs=1.5)


def test_a_platoon_spreads_the_longer_it_drives(make_intersection: Callable[..., Intersection]) -> None:
    def width_s(length_m: float) -> float:
        x = make_intersection((2, 4, 6, 8))
        lanes = [lane.model_copy(update={"length_m": length_m}) for lane in x.lanes]
        etas = after(x.model_copy(update={"lanes": tuple(lanes)}), 0.0)
        return etas[-1][0] - etas[0][0]

    assert width_s(800.0) > 2 * width_s(300.0) > 0.0


def test_who_has_been_seen_is_not_expected_any_longer(far: Intersection) -> None:
    platoons = Platoons(far)
    platoons.hear("x1_eb<x0", sent(0.0))
    seen_ns = 9 * SECOND  # 100 m to the detector, and what it takes to set off
    before = number(platoons.coming({}, seen_ns)[LANE])
    platoons.see(LINK, 1.0, False, seen_ns)
    assert before > 0.4
    assert number(platoons.coming({}, seen_ns).get(LANE, ())) < 0.1


def test_who_is_seen_is_the_one_whose_time_it_is(far: Intersection) -> None:
    platoons = Platoons(far)
    platoons.hear("x1_eb<x0", sent(0.0, 8.0))
    platoons.see(LINK, 1.0, False, 9 * SECOND)
    left = platoons.coming({}, 9 * SECOND)[LANE]
    assert number(left) == pytest.approx(1.0, abs=0.1)
    assert sum(eta_s * part for eta_s, part in left) / number(left) == pytest.approx(14.0, abs=1.5)


def test_who_does_not_show_up_is_expected_less_and_less(far: Intersection) -> None:
    left = [number(after(far, 0.0, now_s=now_s)) for now_s in (0.0, 6.0, 9.0, 12.0, 16.0)]
    assert left == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0], abs=0.01)


def test_each_is_told_once_however_often_the_neighbour_repeats_it(far: Intersection) -> None:
    platoons = Platoons(far)
    platoons.hear("x1_eb<x0", sent(0.0, 1.0))
    platoons.hear("x1_eb<x0", sent(0.0, 1.0))
    platoons.hear("x1_eb<x0", sent(1.0, 2.0, before=1))
    assert number(platoons.coming({}, 2 * SECOND)[LANE]) == pytest.approx(3.0, abs=0.02)
    platoons.hear("x1_eb<x0", sent(3.0))  # the neighbour has begun anew
    assert number(platoons.coming({}, 3 * SECOND)[LANE]) == pytest.approx(4.0, abs=0.02)


def drive(x: Intersection, took_s: float, turn_up: float) -> Platoons:
    """A hundred vehicles, one every ten seconds; a part of them turns up here, after `took_s`."""
    platoons, due = Platoons(x), set[int]()
    for second in range(1000):
        if second % 10 == 0:
            platoons.hear("x1_eb<x0", sent(float(second), before=second // 10))
            if (second // 10) % 10 < 10 * turn_up:
                due.add(second + round(took_s))
        platoons.see(LINK, 1.0 if second in due else 0.0, False, second * SECOND)
    return platoons


def test_how_many_turn_up_is_learned(far: Intersection) -> None:
    platoons = drive(far, 9.0, 0.3)
    platoons.hear("x1_eb<x0", sent(2000.0, before=100))
    platoons.see(LINK, 0.0, False, 2000 * SECOND)
    assert number(platoons.coming({}, 2000 * SECOND)[LANE]) == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize("took_s", [7.0, 12.0])
def test_how_long_the_way_takes_and_how_far_they_spread_is_learned(far: Intersection, took_s: float) -> None:
    platoons = drive(far, took_s, 1.0)
    platoons.hear("x1_eb<x0", sent(2000.0, before=100))
    platoons.see(LINK, 0.0, False, 2000 * SECOND)
    etas = platoons.coming({}, 2000 * SECOND)[LANE]
    mean_s = sum(eta_s * part for eta_s, part in etas) / number(etas)
    assert mean_s == pytest.approx(took_s + 80 / 13.9, abs=1.2)
    assert etas[-1][0] - etas[0][0] <= 4.0


def test_vehicles_close_together_are_told_as_one(far: Intersection) -> None:
    etas = after(far, 0.0, 0.1, 0.2, 0.3, now_s=0.4)
    assert len(etas) <= 6
    assert number(etas) == pytest.approx(4.0, abs=0.02)


def test_nobody_sent_is_nobody_coming(far: Intersection) -> None:
    assert Platoons(far).coming({}, 0) == {}
    assert Platoons(far).alone
