"""May only declared stages be green together, and does a plan of stages change on time?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.plan_clock import due

SECOND = 1_000_000_000


def junction(**changes: Any) -> Intersection:
    """Three signal groups: 1 through, 2 left beside it or alone, 3 the side street."""
    phases = [
        {
            "number": n,
            "label": f"group {n}",
            "ring": ring,
            "min_green_s": 5,
            "max_green_s": 60,
            "yellow_s": 3,
            "red_clear_s": 1,
        }
        for n, ring in ((1, 1), (2, 2), (3, 1))
    ]
    plan = [{"phases": p, "split_s": s} for p, s in (((1, 2), 30), ((2,), 10), ((3,), 20))]
    described = {
        "id": "j1",
        "name": "Junction",
        "phases": phases,
        "declared_stages": [(1, 2), (2,), (3,)],
        "plan": {"cycle_s": 60, "stages": plan},
    }
    return Intersection.model_validate({**described, **changes})


def test_the_declared_stages_are_all_there_are() -> None:
    found = junction()
    assert found.stages() == ((1, 2), (2,), (3,))
    assert found.compatible(1, 2)
    assert not found.compatible(2, 3)
    assert not found.compatible(1, 3)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"declared_stages": [(1, 2), (2,), (4,)]}, r"stage \(4,\) names a phase that does not exist"),
        ({"declared_stages": [(1, 3), (2,)]}, r"stage \(1, 3\) has two phases in one ring"),
        ({"declared_stages": [(1, 2)]}, "phase 3 is in no declared stage"),
        ({"plan": {"cycle_s": 60, "stages": [{"phases": [1], "split_s": 60}]}}, "no declared stage"),
        ({"plan": {"cycle_s": 60, "stages": [{"phases": [3], "split_s": 50}]}}, "sum to 50 s"),
    ],
)
def test_stages_that_do_not_fit_are_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        junction(**changes)


@pytest.mark.parametrize(
    ("at_s", "serve"),
    [
        (0, (1, 2)),
        (25.9, (1, 2)),
        (26, (2,)),  # phase 1 needs 4 s to clear; phase 2 stays green
        (35.9, (2,)),
        (36, (3,)),
        (55.9, (3,)),
        (56, (1, 2)),
    ],
)
def test_a_plan_of_stages_begins_each_change_on_time(at_s: float, serve: tuple[int, ...]) -> None:
    found = junction()
    assert due(found, found.plan, int(at_s * SECOND)).serve == serve
