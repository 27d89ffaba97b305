"""Are turners who wait inside the junction let out before others meet them there?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from signal_control.model import Intersection, Lane
from signal_control.planning.outlook import Watch
from signal_control.queue_estimate import QueueEstimate
from signal_control.safety import review
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
    crossing: Intersection,
    greens: tuple[int, ...],
    yellow: tuple[int, ...] = (),
    left_s: float = 8.0,
    front_s: float = 0.0,
    ended_s: float = 20.0,
) -> View:
    """20 s of green on `greens`, `yellow` just begun, others ended so long ago; a queue on `n`, somebody left
    `w` so long ago, and somebody has stood at its line for `front_s`."""
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
        "w": QueueEstimate("w", float(front_s > 0), 0.3, 0.0, left_s=left_s, sight_s=8.0, front_s=front_s),
        "n": QueueEstimate("n", 8.0, 0.3, 0.0, left_s=60.0, sight_s=8.0, front_s=20.0),
    }
    return View(
        now_ns=NOW_NS,
        intersection=crossing,
        state=SignalState(NOW_NS, "remote", greens, yellow, veh_calls=(3,)),
        green_since_ns=dict.fromkeys(greens, since_ns),
        red_since_ns={p: NOW_NS - int(ended_s * SECOND_NS) for p in lights if p not in greens},
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


def test_turners_who_hold_up_their_lane_are_let_out_before_the_crossing_street_begins(
    crossing: Intersection,
) -> None:
    proposal = Lookahead(crossing).decide(seen(crossing, (1, 2), front_s=5.0))
    assert proposal.serve == (2,)
    assert proposal.plan[1].serve == (3, 4)


def test_a_lane_found_not_to_be_served_is_a_sign_of_them_too(crossing: Intersection) -> None:
    view = msgspec.structs.replace(seen(crossing, (1, 2)), unserved=(("w", (1, 2)),))
    assert Lookahead(crossing).decide(view).serve == (2,)


def test_where_nobody_is_held_up_the_crossing_street_begins_at_once(crossing: Intersection) -> None:
    assert Lookahead(crossing).decide(seen(crossing, (1, 2))).serve == (3, 4)


def test_streams_in_the_middle_of_passing_are_not_cut_off(crossing: Intersection) -> None:
    against = crossing.lanes[0].model_copy(update={"id": "e", "link": "e"})
    wider = crossing.model_copy(update={"lanes": (*crossing.lanes, against)})
    for left_s, follows, barred in ((0.5, True, True), (0.5, False, False), (9.0, True, False)):
        view = seen(wider, (1, 2), left_s=0.5)
        arrivals = ((1.0, 1.0),) if follows else ()
        view.queues["w"] = msgspec.structs.replace(view.queues["w"], moving=float(follows), arrivals=arrivals)
        view.queues["e"] = QueueEstimate("e", 0.0, 0.3, 0.0, left_s=left_s, sight_s=8.0)
        weighed = {candidate.serve for candidate in Lookahead(wider).decide(view).candidates}
        assert ((3, 4) not in weighed) == barred


def test_several_inside_on_both_sides_are_not_met_while_a_stream_still_passes(crossing: Intersection) -> None:
    """Their lanes are empty, nobody is held up: two a side do not get out while the light changes."""
    against = crossing.lanes[0].model_copy(update={"id": "e", "link": "e"})
    wider = crossing.model_copy(update={"lanes": (*crossing.lanes, against)})
    both = (("e", 2), ("w", 2))
    for left_s, own_s, inside, barred in (
        (1.0, 6.0, both, True),
        (1.0, 6.0, both[1:], False),  # one side gets out
        (2.5, 6.0, both, False),  # those they yield to are past
        (1.0, 2.5, both, False),  # the lane flows on
    ):
        view = msgspec.structs.replace(seen(wider, (1, 2), left_s=own_s), inside=inside)
        view.queues["e"] = QueueEstimate("e", 0.0, 0.3, 0.0, left_s=left_s, sight_s=8.0)
        weighed = {candidate.serve for candidate in Lookahead(wider).decide(view).candidates}
        assert ((3, 4) not in weighed) == barred


def test_turners_keep_their_green_until_those_they_yielded_to_have_stopped(crossing: Intersection) -> None:
    assert Lookahead(crossing).decide(seen(crossing, (2,), yellow=(1,), ended_s=1.0)).serve == (2,)


def test_and_until_they_have_left_the_junction(crossing: Intersection) -> None:
    for ended_s, serve in ((5.0, (2,)), (7.0, (3, 4))):
        assert Lookahead(crossing).decide(seen(crossing, (2,), ended_s=ended_s)).serve == serve


@pytest.mark.parametrize(
    ("front_s", "left_s", "other_left_s", "held_s"),
    [
        (5.0, 8.0, 1.0, 3.0),  # the one behind waits, and those who cross it have just gone
        (5.0, 15.0, 1.0, 3.0),  # a long stream of them keeps it inside
        (5.0, 8.0, 6.0, 0.0),  # they went long ago
        (0.0, 8.0, 1.0, 0.0),  # nobody is held up
        (5.0, 30.0, 1.0, 0.0),  # nobody left the lane lately: who stands there wants another green
    ],
)
def test_turners_who_let_turners_from_elsewhere_cross_are_waited_for(
    crossing: Intersection, front_s: float, left_s: float, other_left_s: float, held_s: float
) -> None:
    against = crossing.lanes[0].model_copy(update={"id": "e", "link": "e"})
    wider = crossing.model_copy(update={"lanes": (*crossing.lanes, against)})
    view = seen(wider, (2,), front_s=front_s, left_s=left_s)
    view.queues["e"] = QueueEstimate("e", 0.0, 0.3, 0.0, left_s=other_left_s, sight_s=8.0)
    assert Watch(wider).lights(view).times.free_s[1] == held_s


@pytest.mark.parametrize("front_s", [0.0, 5.0])
def test_lights_are_bound_as_long_as_their_times_say(crossing: Intersection, front_s: float) -> None:
    for greens in ((1, 2), (2,), (3, 4)):
        lights = Watch(crossing).lights(seen(crossing, greens, front_s=front_s))
        assert lights.bound_s == min(lights.times.free_s[p] for p in lights.places)


def test_those_whom_turners_yield_to_end_before_their_maximum(crossing: Intersection) -> None:
    limit_s = Watch(crossing).lights(seen(crossing, (1, 2))).times.limit_s
    assert limit_s[1] - limit_s[0] == pytest.approx(6.0)


def test_a_set_of_phases_that_does_not_serve_the_lane_is_a_fault(crossing: Intersection) -> None:
    plain = crossing.model_dump()
    plain["lanes"][0]["together"] = [{"phases": (3, 4), "service": 0.5}]
    with pytest.raises(ValueError, match="lane w tells its service under phases"):
        Intersection.model_validate(plain)


def test_nobody_is_waited_for_beyond_the_longest_green(crossing: Intersection) -> None:
    against = crossing.lanes[0].model_copy(update={"id": "e", "link": "e"})
    short = crossing.phases[1].model_copy(update={"max_green_s": 21.0})
    phases = (crossing.phases[0], short, *crossing.phases[2:])
    wider = crossing.model_copy(update={"lanes": (*crossing.lanes, against), "phases": phases})
    view = seen(wider, (2,), front_s=5.0, left_s=8.0)
    view.queues["e"] = QueueEstimate("e", 0.0, 0.3, 0.0, left_s=1.0, sight_s=8.0)
    green_s = (NOW_NS - view.green_since_ns[2]) / SECOND_NS
    times = Watch(wider).lights(view).times
    assert times.free_s[1] == times.limit_s[1] == 21.0 - green_s < 3.0


def test_a_green_at_its_maximum_ends_though_turners_are_still_inside(crossing: Intersection) -> None:
    short = [p.model_copy(update={"max_green_s": 20.0}) for p in crossing.phases]
    tight = crossing.model_copy(update={"phases": tuple(short)})
    view = seen(tight, (1, 2), front_s=5.0)
    proposal = Lookahead(tight).decide(view)
    assert view.situation is not None
    verdict = review(tight, view.situation, proposal, view.now_ns)
    assert verdict.serve == proposal.serve != (1, 2)
