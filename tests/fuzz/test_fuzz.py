"""Is every message of every format either readings or a refusal, and none of them slow?"""

from __future__ import annotations

import random

import pytest

from tests.fuzz.run import LIMIT_MS, Outcome, feed, fuzz, trapped
from tests.fuzz.seeds import targets

INPUTS = 1500
"""Per format; `make fuzz` runs a million over all of them."""
PATIENCE = 10
"""This test may run on a busy machine; `make fuzz` holds the limit itself."""

NAMES = list(targets())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_broken_is_refused_and_nothing_else_happens(name: str) -> None:
    outcome = fuzz(name, targets()[name], INPUTS, random.Random(name))
    assert outcome.broken == []
    assert outcome.taken > INPUTS / 50
    assert sum(outcome.refused.values()) > INPUTS / 50
    assert outcome.slowest_ms < PATIENCE * LIMIT_MS, outcome.slowest[:300]


@pytest.mark.parametrize("name", NAMES)
def test_no_trap_is_sprung(name: str) -> None:
    found = trapped(name, targets()[name])
    assert [text for outcome in found.values() for text in outcome.broken] == []
    slow = {what: o.slowest_ms for what, o in found.items() if o.slowest_ms > PATIENCE * LIMIT_MS}
    assert slow == {}
    assert any(outcome.taken for outcome in found.values()), "no trap was small enough to be taken"


def test_an_exception_of_a_decoder_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    target = targets()["ttn"]
    monkeypatch.setattr(target.source, "read", lambda *_: 1 / 0)
    outcome = Outcome()
    feed(target, target.topic, target.seeds[0], outcome)
    assert outcome.broken
    assert "ZeroDivisionError" in outcome.broken[0]
