"""Do the formulas give the examples of the handbooks?"""

from __future__ import annotations

import pytest

from signal_control.model import formulas


@pytest.mark.parametrize(
    ("mph", "grade", "wanted_s"),
    [(30, 0.0, 3.2), (45, 0.0, 4.3), (20, 0.0, 3.0), (45, 0.03, 4.0), (45, -0.03, 4.6)],
)
def test_yellow(mph: float, grade: float, wanted_s: float) -> None:
    assert formulas.yellow_s(mph * 0.44704, grade) == pytest.approx(wanted_s, abs=0.06)


def test_red_clearance_counts_the_length_of_the_car() -> None:
    assert formulas.red_clear_s(27.3, 13.9) == pytest.approx((27.3 + 6.1) / 13.9)


def test_pedestrians_walk_at_one_metre_seven_and_start_behind_the_kerb() -> None:
    assert formulas.ped_clear_s(16.0) == pytest.approx(14.95, abs=0.01)
    assert formulas.ped_s(16.0) == pytest.approx(19.56, abs=0.01)


def test_minimum_green_clears_who_stands_before_the_detector() -> None:
    assert formulas.min_green_s(formulas.stored_veh(45.0)) == 3 + 2 * 5
