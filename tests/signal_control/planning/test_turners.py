"""Are turners who wait inside the junction let out before others meet them there?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection, Lane
from signal_control.planning.outlook import Watch
from signal_control.queues import QueueEstimate
from signal_control.situation import Light, Situation
from signal_control.status import SignalState
from signal_control.strategies.lookahead import Lookahead
from signal_control.view import View

SECOND_NS = 1_000_000_000
NOW_NS = 1_790_000_100 * SECOND_NS
STAGES = ((1, 2), (2,), (3, 4), (4,))
"""Straight on with turners who yield, then the turners alone; the same across."""


@pytest.fixture(scope="module")
def crossing() -> Intersection:
    """Four phases in stages; lane `w` goes with 1 and 2, its turners yield while 1 is green."""
    phases: list[dict[str, Any]] = [
        {"number": n, "label": f"p{n}", "ring": n, "min_green_s": 5, "max_green_s": 60, "yellow_s": 3.0}
        for n in (1, 2, 3, 4)
    ]
    lanes = [
        {"id": name, "link": name, "phases": served, "turns": ["left", "through"], "length_m": 100}
        | {"service": {served[0]: 0.4, served[1]: 0.14}}
        | {"together": [{"phases": served, "service": 0.7, "waits_inside": True}]}
        for name, served in (("w", (1, 2)), ("n", (3, 4)))
    ]
    plan = {"cycle_s": 60, "stages": [{"phases": (1, 2), "split_s": 30}, {"phases": (3, 4), "split_s": 30}]}
    return Intersection.model_validate(
        {"id": "c", "name": "c", "phases": phases, "lanes": lanes, "declared_stages": STAGES, "plan": plan}
    )


def seen(
    crossing: Intersection, greens: tuple[int, ...], yellow: tuple[int, ...] = (), left_s: float = 2.0
) -> View:
    """20 s of green on `greens`, `yellow` just begun; a queue on `n`, somebody left `w` so long ago."""
    since_ns = NOW_NS - 20 * SECOND_NS
    lights = {
        p.number: Light("green", since_ns)
        if p.number in greens
        else Light("yellow", NOW_NS - SECOND_NS)
        if p.number in yellow
        else Light("red", since_ns)
        for p in crossing.phases
    }
    queues = {
        "w": QueueEstimate("w", 0.0, 0.3, 0.0, left_s=left_s, sight_s=8.0),
        "n": QueueEstimate("n", 8.0, 0.3, 0.0, left_s=60.0, sight_s=8.0, front_s=20.0),
    }
    return View(
        now_ns=NOW_NS,
        intersection=crossing,
        state=SignalState(NOW_NS, "remote", greens, yellow, veh_calls=(3,)),
        green_since_ns=dict.fromkeys(greens, since_ns),
        red_since_ns={p: since_ns for p in lights if p not in greens},
        queues=queues,
        flows={},
        downstream={},
        serving=greens,
        situation=Situation("remote", NOW_NS, lights, {3: since_ns}, {}, greens),
    )


def test_phases_together_serve_a_lane_better_than_each_alone(crossing: Intersection) -> None:
    lane: Lane = crossing.lanes[0]
    assert [lane.rate(stage) for stage in STAGES] == [0.7, 0.14, 0.0, 0.0]
    assert [lane.waits_inside(stage) for stage in STAGES] == [True, False, False, False]


def test_turners_are_let_out_before_the_crossing_street_begins(crossing: Intersection) -> None:
    proposal = Lookahead(crossing).decide(seen(crossing, (1, 2)))
    assert proposal.serve == (2,)
    assert proposal.plan[1].serve == (3, 4)


def test_where_nobody_can_be_inside_the_crossing_street_begins_at_once(crossing: Intersection) -> None:
    assert Lookahead(crossing).decide(seen(crossing, (1, 2), left_s=90.0)).serve == (3, 4)


def test_turners_had_a_gap_when_nobody_came_against_them(crossing: Intersection) -> None:
    against = crossing.lanes[0].model_copy(update={"id": "e", "link": "e"})
    wider = crossing.model_copy(update={"lanes": (*crossing.lanes, against)})
    for left_s, serve in ((2.0, (2,)), (9.0, (3, 4))):
        view = seen(wider, (1, 2), left_s=9.0)
        view.queues["e"] = QueueEstimate("e", 0.0, 0.3, 0.0, left_s=left_s, sight_s=8.0)
        assert Lookahead(wider).decide(view).serve == serve


def test_turners_keep_their_green_until_those_they_yielded_to_have_stopped(crossing: Intersection) -> None:
    assert Lookahead(crossing).decide(seen(crossing, (2,), yellow=(1,))).serve == (2,)
    assert Lookahead(crossing).decide(seen(crossing, (2,))).serve == (3, 4)


def test_those_whom_turners_yield_to_end_before_their_maximum(crossing: Intersection) -> None:
    limit_s = Watch(crossing).lights(seen(crossing, (1, 2))).times.limit_s
    assert limit_s[1] - limit_s[0] == pytest.approx(4.0)


def test_a_set_of_phases_that_does_not_serve_the_lane_is_a_fault(crossing: Intersection) -> None:
    plain = crossing.model_dump()
    plain["lanes"][0]["together"] = [{"phases": (3, 4), "service": 0.5}]
    with pytest.raises(ValueError, match="lane w tells its service under phases"):
        Intersection.model_validate(plain)
