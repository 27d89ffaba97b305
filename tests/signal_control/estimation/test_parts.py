"""Do the smaller parts of the estimate keep what they promise?"""

from __future__ import annotations

import pytest

from signal_control.estimation.cover import Cover
from signal_control.estimation.saturation import Saturation


def discharged(headway_s: float, greens: int, queued: float = 12.0) -> Saturation:
    saturation = Saturation(1800.0)
    for green in range(greens):
        start_s = 100.0 * green
        saturation.open(start_s)
        for n in range(12):
            saturation.left(start_s + 2.0 + headway_s * (n + 1), queued)
    return saturation


def test_saturation_flow_is_learned_from_queues_that_discharge() -> None:
    assert discharged(2.4, 20).learned_veh_h == pytest.approx(1500.0, rel=0.04)


def test_nothing_is_learned_from_those_who_drive_through() -> None:
    saturation = discharged(2.4, 20, queued=2.0)
    assert saturation.learned_veh_h == 0.0
    assert saturation.headway_s == pytest.approx(2.0)


def test_a_covered_detector_hides_a_queue_that_grows_with_the_usual_flow() -> None:
    cover = Cover(room_veh=20.0)
    cover.flow.begin(0.0)
    for n in range(60):
        cover.on(n * 10.0)
        cover.off(n * 10.0 + 0.4)
    cover.on(600.0)
    cover.settle(660.0)
    assert cover.covering
    assert cover.hidden == pytest.approx(6.0, abs=1.5)


def test_the_hidden_queue_is_gone_after_a_gap() -> None:
    cover = Cover(room_veh=20.0)
    cover.on(0.0)
    cover.settle(10.0)
    cover.off(10.0)
    cover.settle(12.0)
    assert cover.covering
    cover.settle(14.0)
    assert not cover.covering
    assert cover.hidden == 0.0


def test_no_more_stand_beyond_than_there_is_room() -> None:
    cover = Cover(room_veh=3.0)
    for n in range(100):
        cover.on(n * 3.0)
        cover.off(n * 3.0 + 0.4)
    cover.on(300.0)
    cover.settle(900.0)
    assert cover.hidden == 3.0
