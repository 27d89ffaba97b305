"""Decisions go on at every full period, whatever the clock does."""

from __future__ import annotations

from gateway.app import tick_due

S = 1_000_000_000


def test_a_tick_is_due_at_its_time_and_not_before() -> None:
    assert not tick_due(10 * S - 1, 10 * S, S)
    assert tick_due(10 * S, 10 * S, S)


def test_a_clock_that_jumps_ahead_ticks_at_once() -> None:
    assert tick_due(5000 * S, 10 * S, S)


def test_a_clock_that_is_set_back_does_not_stop_the_decisions() -> None:
    assert tick_due(10 * S, 3600 * S, S)


def test_a_slew_of_less_than_a_period_does_not_tick_twice() -> None:
    assert not tick_due(9 * S, 10 * S, S)
