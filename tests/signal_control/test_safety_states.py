"""Is every state that a small intersection can get into safe, whatever is proposed at every second?"""

from __future__ import annotations

import pytest

from signal_control.safety_rules import RULES
from tests.signal_control.explorer import Explorer, small

MAX_WAIT_S = 16


@pytest.mark.parametrize(
    ("numbers", "veh", "ped", "states"),
    [((2, 6), 1, 1, 2000), ((1, 2, 3, 4), 1, 0, 2000), ((2, 4, 6, 8), 1, 0, 5000)],
)
def test_no_state_that_can_be_reached_is_unsafe(
    numbers: tuple[int, ...], veh: int, ped: int, states: int
) -> None:
    found = Explorer(small(numbers, MAX_WAIT_S), veh, ped)
    assert found.run() > states
    assert found.breaches == []
    assert found.longest_wait_s >= MAX_WAIT_S - 1, "the bound on waiting was never put to the test"


@pytest.mark.parametrize(
    "rule", ["conflict", "max_wait", "ped_wait", "yellow", "red_clear", "min_green", "ped_clear"]
)
def test_without_a_rule_an_unsafe_state_is_found(rule: str) -> None:
    rest = tuple(r for r in RULES if r.__name__ != rule)
    assert len(rest) == len(RULES) - 1
    found = Explorer(small((2, 4, 6, 8), MAX_WAIT_S), 1, 1, rest)
    found.run(20_000)
    assert found.breaches, f"{len(found.visited)} states without a breach"
