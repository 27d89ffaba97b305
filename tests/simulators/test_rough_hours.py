"""Do minutes of random commands and broken equipment leave every conflict monitor quiet?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from tests.simulators.conftest import build_crossroads
from tests.simulators.rough_hours import FAULTS, RoughHours

RIGHT = {"number": 1, "label": "EB right", "included": [2, 7], "yellow_s": 4.0, "red_clear_s": 2.0}
MODIFIED = {
    "number": 2,
    "label": "NB right",
    "included": [4, 1],
    "modifiers": [5],
    "trail_green_s": 2.0,
    "yellow_s": 3.0,
    "red_clear_s": 1.0,
}
QUICK = {"number": 4, "cycle_s": 80.0, "sequence": [[1, 2, 4, 3], [5, 6, 7, 8]]}
SPLITS = {1: 13.0, 2: 25.0, 3: 14.0, 4: 28.0, 5: 13.0, 6: 25.0, 7: 14.0, 8: 28.0}


def rough_crossroads(overlaps: bool = True) -> Intersection:
    """Eight phases, two overlaps, two plans and a free night."""
    told: dict[str, Any] = build_crossroads().model_dump(exclude_defaults=True)
    quick = {**QUICK, "splits": [{"phase": n, "split_s": s} for n, s in SPLITS.items()]}
    schedule = [
        {"begin": f"{hour:02}:{minute:02}", "plan": plan}
        for hour in range(24)
        for minute, plan in ((0, 3), (20, 4), (40, "free"))
    ]
    plans = {"plans": [told.pop("plan"), quick], "schedule": schedule}
    return Intersection.model_validate({**told, **plans, "overlaps": [RIGHT, MODIFIED] if overlaps else []})


@pytest.mark.parametrize(("seed", "ntcip"), [(1, False), (3, True)])
def test_no_monitor_trips_whatever_breaks(seed: int, ntcip: bool) -> None:
    field = RoughHours(rough_crossroads(), seed, ntcip)
    assert field.run(1000) == []
    assert field.happened["decisions"] >= 1000
    assert {f for f in FAULTS if field.happened[f]} >= {"cut", "restart", "clock"}
    if not ntcip:
        assert field.happened["accepted"] > 30
        assert field.happened["lost"] > 3


def test_a_cabinet_that_forgets_a_conflict_is_found_out() -> None:
    field = RoughHours(rough_crossroads(overlaps=False), 1)
    field.cabinet._barriers._conflicts = {n: set() for n in range(1, 9)}
    assert any("conflict" in fault for fault in field.run(1500))


def test_a_cabinet_that_forgets_an_overlap_is_found_out() -> None:
    field = RoughHours(rough_crossroads(), 1)
    for head in field.cabinet._overlaps.heads:
        head.against = frozenset()
    assert any("overlap" in fault for fault in field.run(3000))
