"""Do delays and grades agree with the manual's formulas, worked by hand?"""

from __future__ import annotations

import math

import pytest

from signal_control.hcm import LaneGroup, control_delay, level_of_service


def test_an_undersaturated_group_worked_by_hand() -> None:
    found = control_delay(LaneGroup(600, 1800, 45), 90)
    d1 = 0.5 * 90 * 0.25 / (1 - 600 / 900 * 0.5)
    d2 = 900 * 0.25 * (-1 / 3 + math.sqrt(1 / 9 + 8 * 0.5 * (2 / 3) / (900 * 0.25)))
    assert found.uniform_s == pytest.approx(d1) == 16.875
    assert found.incremental_s == pytest.approx(d2)
    assert found.total_s == pytest.approx(20.8, abs=0.1)
    assert found.grade == "C"


def test_nobody_waits_for_nothing() -> None:
    assert control_delay(LaneGroup(0, 1800, 30), 90).total_s == pytest.approx(0.5 * 90 * (2 / 3) ** 2)
    assert control_delay(LaneGroup(400, 1800, 90), 90).uniform_s == 0.0


def test_beyond_capacity_delay_grows_with_the_period_and_the_grade_is_f() -> None:
    short = control_delay(LaneGroup(1080, 1800, 45), 90, period_h=0.25)
    long = control_delay(LaneGroup(1080, 1800, 45), 90, period_h=1.0)
    assert short.grade == long.grade == "F"
    assert long.total_s > short.total_s + 200
    assert short.saturation == pytest.approx(1.2)


def test_platoons_on_green_wait_less() -> None:
    group = LaneGroup(600, 1800, 45)
    even, good, bad = (control_delay(group, 90, on_green=p).uniform_s for p in (0.5, 0.8, 0.2))
    assert even == pytest.approx(control_delay(group, 90).uniform_s)
    assert good == pytest.approx(0.4 * even)
    assert bad == pytest.approx(1.6 * even)


@pytest.mark.parametrize(
    ("delay_s", "grade"), [(10, "A"), (10.1, "B"), (35, "C"), (55, "D"), (80, "E"), (80.1, "F")]
)
def test_grades(delay_s: float, grade: str) -> None:
    assert level_of_service(delay_s) == grade


@pytest.mark.parametrize("green_s", [0, -1, 91])
def test_a_green_that_does_not_fit_is_refused(green_s: float) -> None:
    with pytest.raises(ValueError, match="in a cycle of 90 s"):
        control_delay(LaneGroup(600, 1800, green_s), 90)
