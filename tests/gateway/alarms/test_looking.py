"""What do rules see of a cabinet, on a street as fast as the clock on the wall and on a faster one?"""

from __future__ import annotations

import pytest

from gateway.alarms.looking import cabinets
from gateway.cabinet import Reply
from gateway.config.settings import load
from gateway.signals import Signals
from tests.scenarios.drill import CONFIGS, START_MS

NODES = load(CONFIGS / "city.toml").intersections


@pytest.mark.parametrize(
    ("speed", "why", "seen"),
    [(1.0, "expired", "expired"), (10.0, "expired", ""), (10.0, "phase 9 is unknown", "phase 9 is unknown")],
)
def test_commands_that_expire_on_a_fast_street_are_nobodys_fault(speed: float, why: str, seen: str) -> None:
    signals = Signals("demo", NODES, "fixed_time")
    signals.reply(NODES[0].id, Reply(START_MS, "c-1", False, why))
    (found,) = cabinets(signals, {}, START_MS * 1_000_000, speed)
    assert (found.refused, found.age_s, found.mode) == (seen, None, "")
