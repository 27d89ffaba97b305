"""Is the delay that the manual expects the one of what was counted?"""

from __future__ import annotations

import numpy as np
import pytest

from signal_control.eventlog import SECOND_NS
from signal_control.hcm import LaneGroup, control_delay
from signal_control.measures.hcm_delay import hcm_delay

BEGIN_S = 1_700_000_100 // 900 * 900


def columns(every_s: int = 9, cycle_s: int = 90, green_s: int = 30) -> np.ndarray:
    """A quarter of an hour of one phase, a vehicle every so many seconds on channel 7."""
    rows = [(BEGIN_S + t, c, 2) for k in range(0, 901, cycle_s) for t, c in ((k, 1), (k + green_s, 8))]
    rows += [(BEGIN_S + t, 82, 7) for t in range(0, 900, every_s)]
    return np.array([(t * SECOND_NS, c, p) for t, c, p in rows], np.int64).T


def test_volume_green_and_cycle_are_those_of_the_log() -> None:
    (cell, *_) = hcm_delay(*columns(), {2: (7,)}, saturation_veh_h={2: 1500.0})
    expected = control_delay(LaneGroup(400.0, 1500.0, 30.0), 90.0)
    assert (cell.volume_veh_h, cell.cycle_s, cell.green_s) == (400.0, 90.0, 30.0)
    assert cell.saturation == pytest.approx(0.8)
    assert (cell.delay_s, cell.grade) == (pytest.approx(expected.total_s), expected.grade)


def test_two_lanes_carry_twice_as_much() -> None:
    one, two = (hcm_delay(*columns(), {2: channels})[0].saturation for channels in ((7,), (7, 8)))
    assert one == pytest.approx(2 * two)


def test_a_phase_that_rests_in_green_has_no_cycle() -> None:
    assert hcm_delay(*columns(cycle_s=450), {2: (7,)}) == []
