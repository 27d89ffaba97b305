"""Does an intersection learn of a platoon before its own detectors see it, and of how it spreads?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.model import Intersection
from signal_control.platoons import SET_OFF_S, coming, ways
from signal_control.status import LinkState

SECOND = 1_000_000_000
LANE, LINK = "x1_eb_1", "x1_eb"


@pytest.fixture(scope="module")
def far(make_intersection: Callable[..., Intersection]) -> Intersection:
    """One lane an approach; 180 m at 13.9 m/s, an advance detector at 80 m."""
    return make_intersection((2, 4, 6, 8))


def sent(*at_s: float) -> list[LinkState]:
    platoon = tuple((int(s * SECOND), 1.0) for s in at_s)
    return [LinkState(LINK, 0.0, 20.0, 0, 1, platoon)]


def test_a_vehicle_that_has_set_off_comes_after_its_travel_time_all_of_it(far: Intersection) -> None:
    etas = coming(ways(far), sent(0.0), {}, 0)[LANE]
    assert sum(weight for _, weight in etas) == pytest.approx(1.0, abs=0.01)
    mean_s = sum(eta_s * weight for eta_s, weight in etas)
    assert mean_s == pytest.approx(SET_OFF_S + 180 / 13.9, abs=1.5)


def test_a_platoon_spreads_the_longer_it_drives(make_intersection: Callable[..., Intersection]) -> None:
    def width_s(length_m: float) -> float:
        x = make_intersection((2, 4, 6, 8))
        lanes = [lane.model_copy(update={"length_m": length_m}) for lane in x.lanes]
        etas = coming(ways(x.model_copy(update={"lanes": tuple(lanes)})), sent(0.0), {}, 0)[LANE]
        return etas[-1][0] - etas[0][0]

    assert width_s(800.0) > 2 * width_s(300.0) > 0.0


def test_who_has_been_seen_by_the_own_detectors_is_not_told_twice(far: Intersection) -> None:
    assert coming(ways(far), sent(0.0), {}, 30 * SECOND)[LANE] == ()


def test_vehicles_close_together_are_told_as_one(far: Intersection) -> None:
    etas = coming(ways(far), sent(0.0, 0.1, 0.2, 0.3), {}, 0)[LANE]
    assert len(etas) <= 6
    assert sum(weight for _, weight in etas) == pytest.approx(4.0, abs=0.02)


def test_nobody_sent_is_nobody_coming(far: Intersection) -> None:
    assert coming(ways(far), [], {}, 0) == {}
