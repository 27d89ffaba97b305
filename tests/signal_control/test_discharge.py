"""Is a lane that does not get away noticed, forgotten in time, and told apart from one that waits?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.discharge import MEMORY_S, Discharge
from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate

SECOND = 1_000_000_000
LANE = "x1_eb_1"


@pytest.fixture
def discharge(intersection: Intersection) -> Discharge:
    return Discharge(intersection)


def watch(discharge: Discharge, at_s: float, greens: tuple[int, ...] = (2, 6), **lane: float) -> object:
    known: dict[str, Any] = {
        "vehicles": 3.0,
        "sd": 0.5,
        "age_s": 0.1,
        "left_s": 20.0,
        "front_s": 20.0,
        **lane,
    }
    queue = QueueEstimate(LANE, **known)
    return discharge.watch(int(at_s * SECOND), dict.fromkeys(greens, 0), {LANE: queue})


def test_green_that_lets_nobody_go_is_noticed_after_four_seconds(discharge: Discharge) -> None:
    assert watch(discharge, 0) == watch(discharge, 3) == ()
    assert watch(discharge, 4) == ((LANE, (2, 6)),)


def test_another_set_of_greens_may_still_serve_it(discharge: Discharge) -> None:
    watch(discharge, 0)
    watch(discharge, 4)
    assert watch(discharge, 6, (2, 5)) == ((LANE, (2, 6)),)
    assert watch(discharge, 11, (2, 5)) == ((LANE, (2, 5)), (LANE, (2, 6)))


def test_it_is_forgotten_after_a_while(discharge: Discharge) -> None:
    watch(discharge, 0)
    watch(discharge, 4)
    assert watch(discharge, 4 + MEMORY_S - 1, (4, 8)) == ((LANE, (2, 6)),)
    assert watch(discharge, 4 + MEMORY_S, (4, 8)) == ()


def test_it_is_forgotten_when_somebody_leaves(discharge: Discharge) -> None:
    watch(discharge, 0)
    watch(discharge, 4)
    assert watch(discharge, 5, left_s=0.5, front_s=0.0) == ()


@pytest.mark.parametrize("lane", [{"left_s": 1.5, "front_s": 1.0}, {"left_s": 30.0, "front_s": 0.0}])
def test_a_queue_that_moves_and_an_empty_stop_line_are_no_stall(
    discharge: Discharge, lane: dict[str, float]
) -> None:
    watch(discharge, 0)
    assert watch(discharge, 7, **lane) == ()


def test_a_queue_that_does_not_come_to_the_free_stop_line_is_not_served(discharge: Discharge) -> None:
    watch(discharge, 0)
    assert watch(discharge, 7, front_s=0.0) == ()
    assert watch(discharge, 8, front_s=0.0, vehicles=0.4) == ()
    assert watch(discharge, 8, front_s=0.0, left_s=3.0) == ()
    assert watch(discharge, 8, front_s=0.0) == ((LANE, (2, 6)),)
    assert watch(discharge, 9, front_s=0.0, left_s=0.5) == ()
