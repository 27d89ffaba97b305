"""Does the right mode hold at the right time, and an operator's order before it?"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from signal_control.model import DAYS
from signal_control.operation.modes import Order, Period, standing

MINUTES = {day: i * 1440 for i, day in enumerate(DAYS)}


def at(day: str, clock: str) -> int:
    return MINUTES[day] + int(clock[:2]) * 60 + int(clock[3:])  # type: ignore[index]


def period(**fields: object) -> Period:
    return Period.model_validate({"mode": "off", "begin": "22:00", "end": "06:00", **fields})


@pytest.mark.parametrize(
    ("day", "clock", "covered"),
    [
        ("mon", "22:00", True),
        ("mon", "21:59", False),
        ("tue", "05:59", True),
        ("tue", "06:00", False),
        ("sun", "23:00", True),
    ],
)
def test_a_night_runs_past_midnight(day: str, clock: str, covered: bool) -> None:
    assert period().covers("x1", at(day, clock)) is covered


def test_days_are_those_on_which_it_begins() -> None:
    friday = period(days=["fri"])
    assert friday.covers("x1", at("sat", "01:00"))
    assert not friday.covers("x1", at("fri", "01:00"))
    sunday = period(days=["sun"])
    assert sunday.covers("x1", at("mon", "01:00")), "the week wraps"


def test_the_last_period_that_covers_counts_and_only_where_it_is_meant() -> None:
    periods = [period(mode="shadow", begin="00:00", end="23:59"), period(intersections=["x2"])]
    assert standing("x1", "adaptive", periods, None, 0, at("mon", "23:00")).mode == "shadow"
    found = standing("x2", "adaptive", periods, None, 0, at("mon", "23:00"))
    assert (found.mode, found.why) == ("off", "By schedule, 22:00 to 06:00.")
    assert standing("x2", "adaptive", [], None, 0, 0).why == "By the city file."


def test_an_order_goes_first_until_it_expires() -> None:
    hold = Order("hold", "anna", 100, serve=(2, 6))
    found = standing("x1", "off", [], hold, 99, 0)
    assert (found.mode, found.held, found.why) == ("adaptive", (2, 6), "Asked for by anna.")
    assert standing("x1", "off", [], hold, 100, 0).held == ()
    assert standing("x1", "adaptive", [], Order("release", "anna", 100), 50, 0).released
    assert standing("x1", "off", [], Order("mode", "anna", 100, mode="shadow"), 50, 0).mode == "shadow"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"begin": "24:00"}, "pattern"),
        ({"end": "22:00"}, "begins and ends at 22:00"),
        ({"mode": "auto"}, "adaptive"),
        ({"days": []}, "at least 1"),
    ],
)
def test_a_period_that_says_nothing_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        period(**fields)
