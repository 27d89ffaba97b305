"""Do overlaps go with their phases, clear by their own trail, and never meet what they conflict with?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.conflict_monitor import ConflictMonitor
from simulators.lights import Lights
from simulators.ring import HiresEvent
from simulators.street_heads import Head
from tests.simulators.test_cabinet_safety import Referee, _run, _run_on, actions

START = 1_760_000_000_000
RIGHT = {"number": 1, "label": "EB right", "included": [2, 7], "yellow_s": 4.0, "red_clear_s": 2.0}
LATE = {
    "number": 2,
    "label": "WB",
    "included": [6],
    "trail_green_s": 5.0,
    "yellow_s": 3.0,
    "red_clear_s": 0.0,
}
YIELDING = {
    "number": 3,
    "label": "NB right",
    "included": [4, 1],
    "modifiers": [5],
    "yellow_s": 3.0,
    "red_clear_s": 1.0,
}

Build = Callable[..., Intersection]


def overlapped(crossroads: Build, *overlaps: dict[str, Any], **changes: Any) -> Intersection:
    told = crossroads().model_dump(exclude_defaults=True)
    return Intersection.model_validate({**told, "overlaps": overlaps or (RIGHT, LATE, YIELDING), **changes})


def test_what_conflicts_with_an_overlap_follows_from_its_phases(crossroads: Build) -> None:
    x = overlapped(crossroads)
    right, late, yielding = x.overlaps
    assert x.against(right) == {1, 8}
    assert x.against(late) == {3, 4, 5, 7, 8}
    assert x.against(yielding) == {2, 3, 5}
    assert not x.clashing(right, late)
    assert x.clashing(late, Intersection.model_validate(x.model_dump()).overlaps[0]) is False
    assert [o.letter for o in x.overlaps_at(5)] == ["B", "C"]


@pytest.mark.parametrize(
    ("overlap", "says"),
    [
        ({**RIGHT, "included": [2, 9]}, r"overlap 1 names phases \[9\], which do not exist"),
        ({**RIGHT, "modifiers": [7]}, r"overlap 1 includes and is modified by phases \[7\]"),
        ({**RIGHT, "yellow_s": 2.0}, "yellow_s"),
    ],
)
def test_a_mistake_in_an_overlap_is_named(crossroads: Build, overlap: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        overlapped(crossroads, overlap)


def test_a_lane_obeys_an_overlap_that_exists_and_its_phases(crossroads: Build) -> None:
    lanes = list(crossroads().model_dump(exclude_defaults=True)["lanes"])
    lanes[1] |= {"overlap": 1}
    with pytest.raises(ValueError, match=r"its phases must be those of it, \[2, 7\]"):
        overlapped(crossroads, lanes=lanes)
    lanes[1] |= {"overlap": 9}
    with pytest.raises(ValueError, match="obeys overlap 9, which does not exist; there are: 1, 2, 3"):
        overlapped(crossroads, lanes=lanes)


def ordered(cabinet: Cabinet, now: int, serve: list[int], seconds: int) -> tuple[int, list[HiresEvent]]:
    order = {"id": f"o{now}", "serve": serve, "t": now, "expires": now + 290_000}
    assert cabinet.command(order)["accepted"] is True
    found: list[HiresEvent] = []
    for _ in range(seconds * 2):
        now += 500
        found += cabinet.step(now).events
    return now, found


def of(events: list[HiresEvent], number: int) -> list[tuple[int, int]]:
    """The overlap's own events: seconds since the first event, code."""
    return [(t, code) for t, code, param in events if 61 <= code <= 65 and param == number]


def test_an_overlap_stays_green_from_one_of_its_phases_to_the_next(crossroads: Build) -> None:
    cabinet = Cabinet(overlapped(crossroads, RIGHT), START)
    now, _ = ordered(cabinet, START, [2, 6], 40)
    assert cabinet.state()["overlap_greens"] == [1]
    now, events = ordered(cabinet, now, [3, 7], 40)
    assert of(events, 1) == []
    assert cabinet.state()["greens"] == [3, 7]
    assert cabinet.state()["overlap_greens"] == [1]


def test_it_clears_by_its_own_trail_and_what_conflicts_with_it_waits(crossroads: Build) -> None:
    cabinet = Cabinet(overlapped(crossroads, RIGHT, LATE), START)
    now, _ = ordered(cabinet, START, [2, 6], 40)
    _, events = ordered(cabinet, now, [4, 8], 40)
    ended = next(t for t, code, param in events if (code, param) == (8, 2))
    right, late = of(events, 1), of(events, 2)
    assert [(t - ended, code) for t, code in right] == [(0, 63), (4000, 64), (6000, 65)]
    assert [(t - ended, code) for t, code in late] == [(0, 62), (5000, 63), (8000, 65)]
    began = {param: t - ended for t, code, param in events if code == 1}
    assert began == {8: 8000, 4: 8000}, "phase 4 waits for overlap B, phase 8 for both"


def test_a_modifier_turns_its_overlap_red_before_it_begins(crossroads: Build) -> None:
    cabinet = Cabinet(overlapped(crossroads, YIELDING), START)
    now, _ = ordered(cabinet, START, [1, 6], 40)
    assert cabinet.state()["overlap_greens"] == [3]
    _, events = ordered(cabinet, now, [1, 5], 40)
    codes = [code for _, code in of(events, 3)]
    assert codes == [63, 64, 65]
    began = next(t for t, code, param in events if (code, param) == (1, 5))
    assert began >= of(events, 3)[-1][0]
    assert cabinet.state()["overlap_greens"] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=actions)
def test_no_overlap_meets_what_it_conflicts_with_whatever_arrives(crossroads: Build, script: Any) -> None:
    node = overlapped(crossroads)
    cabinet, referee = Cabinet(node, START), Referee(node)
    now = _run_on(cabinet, _run(cabinet, script, referee), 60 + node.plan.cycle_s, referee)
    assert cabinet.fault == ""
    _run_on(cabinet, now, 2 * node.plan.cycle_s, referee)
    starving = [phase for phase, starts in referee.greens.items() if not starts or starts[-1] <= now]
    assert starving == [], "the local plan serves every phase beside its overlaps"


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        ([(0, Lights(greens=(8,), overlap_greens=(1,)))], "conflict between phase 8 and overlap 1"),
        ([(0, Lights(overlap_greens=(1,))), (9000, Lights())], "no yellow after the green of overlap 1"),
        (
            [(0, Lights(overlap_yellows=(1,))), (4000, Lights()), (5000, Lights(greens=(8,)))],
            "red clearance of overlap 1 was 1000 ms before phase 8",
        ),
        ([(0, Lights(overlap_yellows=(1,))), (2000, Lights())], "yellow of overlap 1 was 2000 ms"),
        ([(0, Lights(overlap_greens=(1,), overlap_yellows=(1,)))], "green and yellow together on overlap 1"),
    ],
)
def test_the_monitor_watches_overlaps_too(
    crossroads: Build, shown: list[tuple[int, Lights]], fault: str
) -> None:
    monitor = ConflictMonitor(overlapped(crossroads))
    assert [monitor.check(t, lights) for t, lights in shown][-1] == fault


def test_a_head_of_the_street_shows_its_overlap() -> None:
    head = Head(overlap=1)
    assert head.letter(Lights(greens=(2,), overlap_greens=(1,))) == "g"
    assert head.letter(Lights(greens=(2,), overlap_yellows=(1,))) == "y"
    assert head.letter(Lights(greens=(2,))) == "r"
