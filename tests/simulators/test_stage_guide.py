"""Does a cabinet run declared stages: by its plan, by command, and without yellow for what stays green?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.ring import HiresEvent

START_MS = 1_760_000_040_000
"""A whole cycle of 60 s."""


@pytest.fixture
def junction() -> Intersection:
    """Groups 1 (through), 2 (left beside it, or alone), 3 (side street)."""
    common: dict[str, Any] = {"min_green_s": 5, "max_green_s": 60, "yellow_s": 3, "red_clear_s": 1}
    plan = [{"phases": p, "split_s": s} for p, s in (((1, 2), 30), ((2,), 10), ((3,), 20))]
    return Intersection.model_validate(
        {
            "id": "j1",
            "name": "Junction",
            "phases": [
                {"number": n, "label": f"group {n}", "ring": r, **common} for n, r in ((1, 1), (2, 2), (3, 1))
            ],
            "declared_stages": [(1, 2), (2,), (3,)],
            "plan": {"cycle_s": 60, "stages": plan},
        }
    )


def run(cabinet: Cabinet, until_ms: int) -> list[HiresEvent]:
    return cabinet.step(until_ms).events


def shown(events: list[HiresEvent], code: int) -> list[tuple[int, int]]:
    """When (s into the cycle) which phases began to show something."""
    return [((t - START_MS) // 1000 % 60, phase) for t, c, phase in events if c == code]


def test_the_plan_is_followed_to_the_second(junction: Intersection) -> None:
    cabinet = Cabinet(junction, START_MS - 5000)
    run(cabinet, START_MS + 59_900)
    events = run(cabinet, START_MS + 119_900)
    assert shown(events, 1) == [(0, 1), (0, 2), (40, 3)]
    assert shown(events, 8) == [(26, 1), (36, 2), (56, 3)]
    assert not cabinet.fault


def test_a_command_is_obeyed_at_once_and_what_stays_gets_no_yellow(junction: Intersection) -> None:
    cabinet = Cabinet(junction, START_MS - 5000)
    run(cabinet, START_MS + 20_000)
    told = {"id": "c1", "serve": [2], "t": START_MS + 20_000, "expires": START_MS + 60_000}
    assert cabinet.command(told)["accepted"]
    assert (cabinet.lights.greens, cabinet.lights.yellows) == ((2,), (1,))
    events = run(cabinet, START_MS + 30_000)
    assert shown(events, 8) == [(20, 1)]
    assert cabinet.lights.greens == (2,)


def test_what_joins_a_green_starts_without_a_clearance(junction: Intersection) -> None:
    cabinet = Cabinet(junction, START_MS - 5000)
    run(cabinet, START_MS + 33_000)
    told = {"id": "c1", "serve": [1, 2], "t": START_MS + 33_000, "expires": START_MS + 60_000}
    cabinet.command(told)
    assert cabinet.lights.greens == (1, 2)


def test_phases_of_different_stages_are_refused_together(junction: Intersection) -> None:
    cabinet = Cabinet(junction, START_MS - 5000)
    run(cabinet, START_MS + 20_000)
    told = {"id": "c1", "serve": [2, 3], "t": START_MS + 20_000, "expires": START_MS + 60_000}
    assert cabinet.command(told)["reason"] == "phases 2 and 3 conflict"
