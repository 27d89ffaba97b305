"""Is the queue of a lane known from the zone of an area detector?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signal_control.events import PHASE_GREEN, ZONE_COUNT, ZONE_STANDING, Event
from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.queues import QueueEstimator
from signal_control.status import SignalState

SECOND = 1_000_000_000
LANE, CHANNEL, PHASE = "x1_eb_1", 41, 2


@pytest.fixture(scope="module")
def zoned(make_intersection: Callable[..., Intersection]) -> Intersection:
    """An approach lane of 180 m with nothing but a zone of 50 m."""
    zone = {"channel": CHANNEL, "lane": LANE, "role": "area", "distance_m": 0, "length_m": 50}
    return make_intersection((2, 4, 6, 8), detectors=[zone])


def told(x: Intersection, readings: list[tuple[int, int, int]], green_s: int | None = None) -> QueueEstimate:
    """The estimate after readings (second, vehicles, of which standing)."""
    estimator, greens = QueueEstimator(x), ()
    spoken = {at_s: (n, standing) for at_s, n, standing in readings}
    for second in range(readings[-1][0] + 1):
        if second == green_s:
            estimator.observe(Event(second * SECOND, PHASE_GREEN, PHASE))
            greens = (PHASE,)
        if second in spoken:
            n, standing = spoken[second]
            estimator.observe(Event(second * SECOND, ZONE_COUNT + CHANNEL, n))
            estimator.observe(Event(second * SECOND, ZONE_STANDING + CHANNEL, standing))
        estimator.observe_state(SignalState(second * SECOND, "remote", greens=greens))
    return estimator.at(readings[-1][0] * SECOND)[LANE]


def test_who_stands_in_the_zone_is_the_queue_and_the_others_move(zoned: Intersection) -> None:
    estimate = told(zoned, [(0, 0, 0), (10, 1, 0), (14, 2, 1), (20, 3, 2)])
    assert estimate.vehicles == 2.0
    assert estimate.moving == pytest.approx(1.0)
    assert estimate.arrivals[0][0] == pytest.approx(3.6, abs=0.2)
    assert estimate.sd < 1.0


def test_those_who_start_in_front_of_somebody_standing_are_still_in_the_queue(zoned: Intersection) -> None:
    reds = [(0, 0, 0), *[(5 * n, n, n) for n in range(1, 6)]]
    estimate = told(zoned, [*reds, (32, 5, 3), (33, 4, 2)], green_s=30)
    assert estimate.vehicles == pytest.approx(4.0)


def test_who_enters_a_zone_closely_behind_another_is_a_second_vehicle(zoned: Intersection) -> None:
    both = told(zoned, [(0, 0, 0), (10, 1, 0), (12, 2, 0), (13, 2, 0)])
    assert [n for _, n in both.arrivals] == [1.0, 1.0]
    assert [eta_s for eta_s, _ in both.arrivals] == pytest.approx([0.6, 2.6], abs=0.2)


def test_who_is_late_but_moves_is_somewhere_between_the_line_and_the_next_one(zoned: Intersection) -> None:
    late = told(zoned, [(0, 0, 0), (10, 1, 0), (12, 2, 0), (20, 2, 0)])
    way_s = 50 / 13.9
    assert [eta_s for eta_s, _ in late.arrivals] == pytest.approx([way_s / 3, 2 * way_s / 3], abs=0.25)
    followed = told(zoned, [(0, 0, 0), (10, 1, 0), (18, 2, 0), (20, 2, 0)])
    assert [n for _, n in followed.arrivals] == [1.0, 1.0]
    first_s, second_s = (eta_s for eta_s, _ in followed.arrivals)
    assert second_s == pytest.approx(way_s - 2, abs=0.2)
    assert first_s == pytest.approx(second_s / 2, abs=0.1)


def test_a_full_zone_has_a_queue_behind_it(zoned: Intersection) -> None:
    filling = [(0, 0, 0), *[(8 * n, n, n) for n in range(1, 7)]]
    full = [(48 + 10 * n, 6, 6) for n in range(1, 8)]
    estimate = told(zoned, [*filling, *full])
    assert estimate.vehicles > 9.0
    assert estimate.sd > told(zoned, filling).sd


def test_the_more_room_there_is_behind_a_full_zone_the_less_is_known(
    make_intersection: Callable[..., Intersection], zoned: Intersection
) -> None:
    filling = [(0, 0, 0), *[(8 * n, n, n) for n in range(1, 7)]]
    zone = {"channel": CHANNEL, "lane": LANE, "role": "area", "distance_m": 0, "length_m": 50}
    short = make_intersection((2, 4, 6, 8), detectors=[zone])
    lanes = tuple(x.model_copy(update={"length_m": 52.0}) if x.link == "x1_eb" else x for x in short.lanes)
    on_short, on_long = (told(x, filling) for x in (short.model_copy(update={"lanes": lanes}), zoned))
    assert [x.vehicles for x in (on_short, on_long)] == pytest.approx([6.0, 6.0], abs=0.3)
    assert on_long.sd > on_short.sd + 1.0
    assert on_short.sd > told(zoned, filling[:-1]).sd  # one less leaves room to see


def test_an_empty_zone_has_no_queue_whatever_was_before(zoned: Intersection) -> None:
    estimate = told(zoned, [(0, 0, 0), (10, 5, 5), (40, 0, 0)])
    assert (estimate.vehicles, estimate.moving) == (0.0, 0.0)


def test_a_zone_that_stands_in_green_is_stalled(zoned: Intersection) -> None:
    readings = [(0, 0, 0), (10, 3, 3), (20, 3, 3), (30, 3, 3), (38, 3, 3)]
    assert told(zoned, readings, green_s=31).stalled
    assert not told(zoned, readings, green_s=36).stalled


def test_a_full_zone_in_which_the_start_up_wave_runs_back_is_not_stalled(zoned: Intersection) -> None:
    full = [(0, 0, 0), *[(4 * n, n, n) for n in range(1, 7)]]
    wave = [(32, 6, 5), (34, 6, 4), (36, 6, 3), (38, 6, 2)]
    estimate = told(zoned, [*full, *wave], green_s=30)
    assert not estimate.stalled
    assert (estimate.front_s, estimate.left_s) == (0.0, 0.0)
    assert estimate.saturation_veh_h == 0.0
