"""Does the plan that the schedule asks for run, and everything that depends on it follow?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signal_control.decision import view_of
from signal_control.model import Intersection, intersections_in
from signal_control.view import create
from tests.signal_control.explorer import small

VIENNA = ZoneInfo("Europe/Vienna")

PEAK = {
    "number": 1,
    "cycle_s": 80,
    "sequence": [[2, 4], [6, 8]],
    "splits": [{"phase": n, "split_s": s} for n, s in ((2, 50), (4, 30), (6, 50), (8, 30))],
}
QUIET = {
    "number": 2,
    "cycle_s": 40,
    "sequence": [[4, 2], [8, 6]],
    "splits": [{"phase": n, "split_s": 20} for n in (2, 4, 6, 8)],
}
SCHEDULE = [
    {"begin": "06:30", "days": ["mon", "tue", "wed", "thu", "fri"], "plan": 1, "max_green": 2},
    {"begin": "19:00", "plan": 2},
    {"begin": "23:30", "plan": "free"},
]


def built(**changes: Any) -> Intersection:
    told = small((2, 4, 6, 8), 60).model_dump(exclude_defaults=True)
    del told["plan"]
    for phase in told["phases"]:
        phase["max_green_2_s"] = 30.0
    fields = {"plans": [PEAK, QUIET], "schedule": SCHEDULE, "timezone": "Europe/Vienna"}
    return Intersection.model_validate({**told, **fields, **changes})


def at(text: str, zone: ZoneInfo = VIENNA) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("when", "pattern", "max_green_s"),
    [
        ("2026-03-02 06:29", 254, 5.0),  # Monday morning: free since Sunday night
        ("2026-03-02 06:30", 1, 30.0),
        ("2026-03-02 18:59", 1, 30.0),
        ("2026-03-02 19:00", 2, 5.0),
        ("2026-03-02 23:30", 254, 5.0),
        ("2026-03-07 12:00", 254, 5.0),  # Saturday: nothing begins before the evening
        ("2026-03-07 19:30", 2, 5.0),
        ("2026-03-29 19:00", 2, 5.0),  # the day on which clocks go forward
        ("2026-03-29 18:59", 254, 5.0),
    ],
)
def test_the_plan_in_force_follows_weekday_and_local_time(
    when: str, pattern: int, max_green_s: float
) -> None:
    here = built().in_force(at(when))
    assert (here.pattern, here.phase(2).max_green_s) == (pattern, max_green_s)


def test_the_view_of_a_moment_is_made_once_and_leads_on_to_other_moments() -> None:
    x = built()
    peak = x.in_force(at("2026-03-02 08:00"))
    assert x.in_force(at("2026-03-03 09:00")) is peak
    assert peak.in_force(at("2026-03-02 20:00")).plan.number == 2
    assert peak.in_force(at("2026-03-02 20:00")).phase(2).max_green_s == 5.0
    assert peak.stages() == x.stages()
    assert peak.rings() != x.planned(2).rings(), "the sequence of each plan orders the phases"


def test_without_a_schedule_one_plan_runs_for_ever() -> None:
    x = small((2, 4), 60)
    assert x.in_force(0) is x
    assert x.model_copy(update={"free": True}).in_force(0).pattern == 254


def test_plans_alone_will_do_and_a_written_file_reads_back_the_same() -> None:
    x = built()
    assert x.plan == x.plans[0]
    assert Intersection.model_validate(x.model_dump()) == x


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schedule": [{"begin": "06:00", "plan": 3}]}, r"schedule.1 names plan 3.*there are: 1, 2, free"),
        ({"plans": [PEAK, {**QUIET, "number": 1}]}, "plan 1 is declared twice"),
        ({"plans": [PEAK, {**QUIET, "cycle_s": 50}]}, r"plan 2: splits of ring .* the cycle is 50 s"),
        ({"plan": {**PEAK, "number": 9}}, "plan 9 is not among plans"),
        ({"timezone": "Mars/Olympus"}, "no time zone named"),
        ({"schedule": [{"begin": "6:00", "plan": 1}]}, "begin"),
        ({"schedule": [{"begin": "06:00", "plan": 1, "days": []}]}, "days"),
    ],
)
def test_a_mistake_in_plans_or_schedule_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        built(**changes)


def test_intersections_keep_the_time_of_their_city_unless_they_have_their_own() -> None:
    told = built().model_dump(exclude_defaults=True, exclude={"timezone"})
    own = built(timezone="Asia/Tokyo").model_dump(exclude_defaults=True)
    found = intersections_in({"city": {"timezone": "Europe/Vienna"}, "intersections": [told, own]})
    assert [x.timezone for x in found] == ["Europe/Vienna", "Asia/Tokyo"]


def _decided(x: Intersection, name: str, when: str, make_inputs: Callable[..., dict[str, Any]]) -> str:
    return create(name, x).decide(view_of(x, make_inputs(at(when)))).reason


def test_strategies_follow_the_plan_in_force() -> None:
    x = built()

    def inputs(now_ns: int) -> dict[str, Any]:
        state = {"at_ns": now_ns, "mode": "remote", "greens": (2, 6), "veh_calls": (4,)}
        shown = {str(n): {"color": "green", "since_ns": now_ns - 10**9} for n in (2, 6)}
        lights = {str(n): {"color": "red", "since_ns": now_ns - 10**10} for n in (4, 8)}
        situation = {"mode": "remote", "at_ns": now_ns, "lights": shown | lights}
        seen = {"state": state, "situation": situation, "queues": {}, "flows": {}, "downstream": {}}
        ages = {"green_since_ns": {2: now_ns - 10**9, 6: now_ns - 10**9}, "red_since_ns": {}}
        return {"now_ns": now_ns, **seen, **ages, "serving": (2, 6), "coming": {}}

    for name in ("fixed_time", "max_pressure_cycle"):
        assert "of 80" in _decided(x, name, "2026-03-02 08:00", inputs), name
        assert "of 40" in _decided(x, name, "2026-03-02 20:00", inputs), name
    assert "of 40" in _decided(x, "webster", "2026-03-02 20:00", inputs)
    assert "of 40" in _decided(x, "coordinated", "2026-03-02 20:00", inputs)
    free = _decided(x, "fixed_time", "2026-03-02 23:45", inputs)
    assert free == _decided(x, "actuated", "2026-03-02 23:45", inputs)
    assert "of 40" not in free
