"""Does the cabinet's own control follow the schedule, from plan to plan and into free operation?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.ntcip_unit import NtcipUnit
from simulators.ring import HiresEvent
from tests.simulators.test_cabinet_safety import Referee

MONDAY = 1_760_313_600_000
"""2025-10-13 00:00 UTC, in ms."""
HOUR = 3_600_000

Build = Callable[..., Intersection]


@pytest.fixture
def scheduled(crossroads: Build) -> Intersection:
    """Plan 3 by day, plan 4 with a shorter cycle from 19:00, free from 22:00; maximum 2 by night."""
    told = crossroads().model_dump(exclude_defaults=True)
    day = told.pop("plan")
    splits = {1: 13, 2: 25, 3: 14, 4: 28, 5: 13, 6: 25, 7: 14, 8: 28}
    evening = {
        **day,
        "number": 4,
        "cycle_s": 80,
        "splits": [{"phase": n, "split_s": s} for n, s in splits.items()],
    }
    schedule = [
        {"begin": "06:00", "plan": 3},
        {"begin": "19:00", "plan": 4},
        {"begin": "22:00", "plan": "free", "max_green": 2},
    ]
    for phase in told["phases"]:
        phase["max_green_2_s"] = phase["min_green_s"] + 2.0
    return Intersection.model_validate({**told, "plans": [day, evening], "schedule": schedule})


def run(cabinet: Cabinet | NtcipUnit, now: int, until: int, *calls: Any) -> list[HiresEvent]:
    found: list[HiresEvent] = []
    while now < until:
        now += 500
        found += cabinet.step(now).events
    return found


def of(events: list[HiresEvent], code: int) -> list[int]:
    return [param for _, c, param in events if c == code]


def greens(events: list[HiresEvent], phase: int) -> list[int]:
    return [t for t, code, param in events if (code, param) == (1, phase)]


def test_the_next_plan_runs_from_its_minute_on_and_cuts_nothing(scheduled: Intersection) -> None:
    start = MONDAY + 18 * HOUR + HOUR * 3 // 4
    cabinet, referee = Cabinet(scheduled, start), Referee(scheduled)
    before = run(cabinet, start, MONDAY + 19 * HOUR - 1000)
    after = run(cabinet, MONDAY + 19 * HOUR - 1000, MONDAY + 19 * HOUR + HOUR // 4)
    referee.read(before + after)
    assert of(before, 131) == [3]
    assert of(after, 131) == [4]
    assert of(after, 132) == [80]
    starts = greens(after, 2)[-5:]
    assert [b - a for a, b in itertools.pairwise(starts)] == [80_000] * 4
    for phase in range(1, 9):
        assert greens(after, phase), f"phase {phase} was skipped"
    assert cabinet.state()["plan"] == 4


def test_free_of_plans_greens_follow_calls_within_the_second_maximum(scheduled: Intersection) -> None:
    start = MONDAY + 22 * HOUR - 60_000
    cabinet, referee = Cabinet(scheduled, start), Referee(scheduled)
    referee.read(run(cabinet, start, MONDAY + 22 * HOUR + 120_000))
    now = MONDAY + 22 * HOUR + 120_000
    assert cabinet.state()["plan"] == 0
    for channel in (2, 4):
        cabinet.detection(channel, now, True)
    events = run(cabinet, now, now + 240_000)
    referee.read(events)
    assert cabinet.fault == ""
    assert not greens(events, 1), "nobody called phase 1"
    assert not greens(events, 3), "nobody called phase 3"
    served = sorted((t, phase) for phase in (2, 4) for t in greens(events, phase))
    assert len(served) >= 8
    most = max(b - a for (a, _), (b, _) in itertools.pairwise(served))
    assert most <= 21_000 + 5_000 + 1_000, "greens end at the second maximum or with the walk"


def test_commands_still_lead_when_the_plan_changes_meanwhile(scheduled: Intersection) -> None:
    start = MONDAY + 19 * HOUR - 20_000
    cabinet = Cabinet(scheduled, start)
    run(cabinet, start, start + 10_000)
    order = {"id": "a", "serve": [4, 8], "t": start + 10_000, "expires": start + 60_000}
    assert cabinet.command(order)["accepted"] is True
    run(cabinet, start + 10_000, start + 50_000)
    assert cabinet.state()["mode"] == "remote"
    events = run(cabinet, start + 50_000, start + 70_000)
    assert of(events, 131) == [4], "released, it follows the plan of the hour"


def test_an_ntcip_master_may_ask_for_any_plan_of_the_file(scheduled: Intersection) -> None:
    start = MONDAY + 12 * HOUR
    unit = NtcipUnit(Cabinet(scheduled, start), start)
    run(unit, start, start + 30_000)
    assert unit.pattern == 3
    unit.registers.system_pattern = 4
    run(unit, start + 30_000, start + 300_000)
    assert unit.pattern == 4
    events = run(unit, start + 300_000, start + 700_000)
    starts = greens(events, 2)
    assert {b - a for a, b in itertools.pairwise(starts)} == {80_000}
    unit.registers.system_pattern = 0
    run(unit, start + 700_000, start + 710_000)
    assert unit.pattern == 3
    night = NtcipUnit(Cabinet(scheduled, MONDAY + 23 * HOUR), MONDAY + 23 * HOUR)
    run(night, MONDAY + 23 * HOUR, MONDAY + 23 * HOUR + 10_000)
    assert night.pattern == 254
