"""Does any of many thousand random decisions get past the filter, and is a missing rule found that way?"""

from __future__ import annotations

import pytest

from signal_control.safety_rules import RULES
from tests.signal_control.attack import Attack

SEED = {
    "mode": 8,
    "stale": 7,
    "ring": 8,
    "max_wait": 6,
    "ped_wait": 4,
    "max_green": 3,
    "walk": 5,
    "ped_clear": 5,
}
"""A seed that finds a rule's absence soon."""
DECISIONS = 4_000


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_gets_past_the_filter(seed: int) -> None:
    found = Attack(seed)
    assert found.run(DECISIONS) is None, found.breach
    assert found.intersections > 25
    assert 0.2 < found.bound / found.decisions < 0.99, "the rules were not put to the test"


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_the_attack_gets_through_without_any_one_rule(rule: str) -> None:
    rest = tuple(r for r in RULES if r.__name__ != rule)
    assert len(rest) == len(RULES) - 1
    assert Attack(SEED.get(rule, 1), rest).run(3_000) is not None
