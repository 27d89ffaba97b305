"""Is every state that a small intersection can get into safe, whatever is proposed at every second?"""

from __future__ import annotations

import pytest

from signal_control.safety_rules import RULES
from tests.signal_control.explorer import Explorer, small, staged

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


TRAIL = {"number": 1, "label": "A", "included": [2], "trail_green_s": 2, "yellow_s": 3, "red_clear_s": 2}
MODIFIED = {"number": 2, "label": "B", "included": [2], "modifiers": [6], "yellow_s": 3, "red_clear_s": 3}


@pytest.mark.parametrize(
    ("numbers", "overlap", "colors"),
    [
        ((2, 4), TRAIL, {"red", "green", "trail", "yellow", "red_clear"}),
        ((2, 6), MODIFIED, {"red", "green", "yellow", "red_clear"}),
    ],
)
def test_no_state_with_overlaps_is_unsafe(
    numbers: tuple[int, ...], overlap: dict[str, object], colors: set[str]
) -> None:
    found = Explorer(small(numbers, MAX_WAIT_S, overlaps=[overlap]), 1, 0)
    assert found.run() > 300
    assert found.breaches == []
    assert {trail.color for state in found.visited for trail in state.trails} == colors


def test_no_state_of_declared_stages_is_unsafe() -> None:
    found = Explorer(staged(((1, 2), (2, 3)), MAX_WAIT_S), 1, 0)
    assert found.run() > 1000
    assert found.breaches == []
    assert found.longest_wait_s >= MAX_WAIT_S - 1


def test_an_overlap_that_clears_for_long_has_to_be_reckoned_with() -> None:
    """Whoever forgets the trail brings the waiting to green too late."""
    slow = {"number": 1, "label": "A", "included": [2], "trail_green_s": 4, "yellow_s": 6, "red_clear_s": 5}
    x, without = small((2, 4), 26, overlaps=[slow]), small((2, 4), 26)
    known, forgotten = Explorer(x, 1, 0), Explorer(x, 1, 0, believed=without)
    assert known.run() > 500
    assert known.breaches == []
    forgotten.run()
    assert any("waits" in breach.what for breach in forgotten.breaches)


@pytest.mark.parametrize(
    "rule", ["conflict", "max_wait", "ped_wait", "yellow", "red_clear", "min_green", "ped_clear"]
)
def test_without_a_rule_an_unsafe_state_is_found(rule: str) -> None:
    rest = tuple(r for r in RULES if r.__name__ != rule)
    assert len(rest) == len(RULES) - 1
    found = Explorer(small((2, 4, 6, 8), MAX_WAIT_S), 1, 1, rest)
    found.run(20_000)
    assert found.breaches, f"{len(found.visited)} states without a breach"
