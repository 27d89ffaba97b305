"""Does the planner keep every rule by itself, explain itself, and decide the same from what is stored?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from collectors.compiled import HAS_NUMBA
from signal_control.controller import Controller
from signal_control.decision import Decision, view_of
from signal_control.model import Intersection
from signal_control.planning.lights import situation
from signal_control.planning.outlook import Watch
from signal_control.planning.search import search
from signal_control.queue_estimate import QueueEstimate
from signal_control.safety import review
from signal_control.status import LinkState, SignalState
from signal_control.view import Proposal, View, create
from signal_control.warm import warm_up
from tests.signal_control.small_street import START, Street, eight_phases

SECOND = 1_000_000_000

Look = Callable[..., Proposal]


@pytest.fixture
def look(intersection: Intersection, now_ns: int) -> Look:
    """`look({lane: vehicles}, green_s=20, **state and view)`: what is proposed while 2+6 is green."""

    def decide(lanes: dict[str, float], green_s: float = 20.0, **more: Any) -> Proposal:
        view_fields = {k: more.pop(k) for k in ("downstream", "serving", "unserved") if k in more}
        state = SignalState(**{"at_ns": now_ns, "mode": "remote", "greens": (2, 6), **more})
        queues = {x.id: QueueEstimate(x.id, lanes.get(x.id, 0.0), 0.3, 0.1) for x in intersection.lanes}
        since = {p: now_ns - int(green_s * SECOND) for p in state.greens}
        red = {p.number: now_ns - 40 * SECOND for p in intersection.phases if p.number not in since}
        fields = {"downstream": {}, "serving": (2, 6), **view_fields}
        view = View(now_ns, intersection, state, since, red, queues, {}, **fields)
        return create("lookahead", intersection).decide(view)

    return decide


def drive(seconds: int, seed: int) -> tuple[Intersection, list[Decision]]:
    """A controller under the planner on a small street."""
    x = eight_phases("x")
    controller, street, serving, decisions = Controller(x, "lookahead"), Street(x, seed), (2, 6), []
    for s in range(seconds):
        events, state = street.second(s, serving)
        for event in events:
            controller.observe(event)
        controller.observe_state(state)
        decisions.append(controller.tick(START + s * SECOND, {}))
        command = decisions[-1].command
        serving = command.serve if command else ()
    return x, decisions


@pytest.fixture(scope="module")
def driven() -> tuple[Intersection, list[Decision]]:
    """Ten minutes."""
    return drive(600, 7)


def test_it_rests_when_nobody_waits(look: Look) -> None:
    proposal = look({})
    assert proposal.serve == (2, 6)
    assert proposal.reason == "Phases 2+6 stay: nobody else needs green now."


def test_a_queue_takes_over_and_says_what_staying_would_cost(look: Look) -> None:
    proposal = look({"x1_nb_1": 6.0, "x1_sb_1": 5.0})
    assert proposal.serve == (4, 8)
    assert proposal.reason.startswith("Phases 4+8 follow 2+6 with 11.0 veh queued: staying would cost ")
    assert proposal.plan[0].serve == (4, 8)
    assert {c.serve for c in proposal.candidates} >= {(4, 8), (2, 6)}
    assert min(proposal.candidates, key=lambda c: c.score).serve == (4, 8)


def test_a_green_within_its_minimum_is_held_without_a_search(look: Look) -> None:
    proposal = look({"x1_nb_1": 9.0}, green_s=3.0)
    assert (proposal.serve, proposal.constraint) == ((2, 6), "min_green")
    assert "held for another 5 s" in proposal.reason


def test_nobody_walks_into_a_change(look: Look) -> None:
    assert look({"x1_nb_1": 9.0}, green_s=9.0, walks=(2, 6)).serve == (2, 6)


def test_a_change_under_way_is_completed(look: Look) -> None:
    proposal = look({"x1_eb_1": 9.0}, greens=(), yellows=(2, 6), serving=(4, 8))
    assert (proposal.serve, proposal.constraint) == ((4, 8), "clearance")


def test_phases_in_clearance_are_not_called_back(look: Look) -> None:
    assert look({}, greens=(), yellows=(2, 5), red_clears=(4, 7), serving=()).serve == (1, 6)
    ring_two = look({}, greens=(), yellows=(1, 2), red_clears=(3, 4), serving=()).serve
    assert ring_two
    assert set(ring_two) <= {5, 6, 7, 8}


def test_a_pedestrian_alone_is_served(look: Look) -> None:
    assert look({}, ped_calls=(4,)).serve[0] == 4


def test_nobody_is_sent_into_a_full_link(look: Look, now_ns: int) -> None:
    lanes = {"x1_eb_1": 12.0, "x1_nb_1": 3.0}
    assert 2 in look(lanes).serve
    assert 2 not in look(lanes, downstream={"x2_eb": LinkState("x2_eb", 30.0, 0.5, now_ns)}).serve


def test_a_lane_that_does_not_get_away_does_not_hold_the_green(look: Look) -> None:
    lanes = {"x1_eb_1": 12.0, "x1_nb_1": 3.0}
    stuck = tuple(("x1_eb_1", stage) for stage in ((2, 5), (2, 6)))
    assert 2 not in look(lanes, unserved=stuck).serve


def test_without_a_trusted_detector_it_follows_the_plan(intersection: Intersection, now_ns: int) -> None:
    queues = {x.id: QueueEstimate(x.id, 5.0, 5.0, 99.0, health="blind") for x in intersection.lanes}
    state = SignalState(now_ns, "remote", greens=(2, 6))
    since_ns = now_ns - 30 * SECOND
    view = View(now_ns, intersection, state, {2: since_ns, 6: since_ns}, {}, queues, {}, {})
    proposal = create("lookahead", intersection).decide(view)
    assert proposal.serve == create("fixed_time", intersection).decide(view).serve
    assert proposal.reason.startswith("No detector can be trusted, so plan 1 is at second ")


def test_the_plan_that_it_falls_back_on_waits_for_the_shortest_green(
    intersection: Intersection, now_ns: int
) -> None:
    queues = {x.id: QueueEstimate(x.id, 5.0, 5.0, 99.0, health="blind") for x in intersection.lanes}
    seen = View(now_ns, intersection, SignalState(now_ns, "remote"), {}, {}, queues, {}, {})
    due = create("fixed_time", intersection).decide(seen).serve
    other = next(stage for stage in intersection.stages() if not set(stage) & set(due))
    state = SignalState(now_ns, "remote", greens=other)
    view = View(now_ns, intersection, state, dict.fromkeys(other, now_ns - SECOND), {}, queues, {}, {})
    proposal = create("lookahead", intersection).decide(view)
    assert proposal.serve == review(intersection, situation(view), proposal, now_ns).serve == other
    assert "minimum green" in proposal.reason


def test_the_safety_rules_never_change_what_it_proposes(driven: tuple[Intersection, list[Decision]]) -> None:
    decided = [d for d in driven[1] if d.verdict is not None and d.proposal is not None]
    assert len(decided) == 600
    assert all(
        d.verdict.serve == tuple(sorted(d.proposal.serve)) for d in decided if d.verdict and d.proposal
    )
    assert len({d.proposal.serve for d in decided if d.proposal}) >= 4


def test_it_does_not_say_that_nobody_waits_while_somebody_does(
    driven: tuple[Intersection, list[Decision]],
) -> None:
    told = 0
    for decision in driven[1]:
        told += "stay until the shortest green or walk of " in decision.reason
        if decision.view is None or decision.proposal is None or decision.binding:
            continue
        seen = decision.view.situation
        if seen is None or "nobody else needs green" not in decision.reason:
            continue
        waiting = (seen.veh_waiting.keys() | seen.ped_waiting.keys()) - set(decision.proposal.serve)
        assert not waiting or decision.proposal.candidates[0].score <= 0.01
    assert told > 0


def test_a_stored_decision_is_made_again_to_the_last_bit(driven: tuple[Intersection, list[Decision]]) -> None:
    x, decisions = driven
    for decision in decisions[::7]:
        stored = json.loads(json.dumps(decision.inputs))
        again = create("lookahead", x).decide(view_of(x, stored))
        assert msgspec.json.encode(again) == msgspec.json.encode(decision.proposal)


def test_the_same_events_give_the_same_decisions(driven: tuple[Intersection, list[Decision]]) -> None:
    again = drive(200, 7)[1]
    assert [d.proposal for d in again] == [d.proposal for d in driven[1][:200]]


def test_traffic_gets_through(driven: tuple[Intersection, list[Decision]]) -> None:
    _, decisions = driven
    queued = [sum(q["vehicles"] for q in d.inputs["queues"].values()) for d in decisions[300:]]
    assert sum(queued) / len(queued) < 20


@pytest.mark.parametrize(("learned", "headway_s"), [(0.0, 2.0), (1500.0, 2.4), (9000.0, 1.6), (10.0, 10 / 3)])
def test_a_learned_saturation_flow_is_believed_within_bounds(
    intersection: Intersection, now_ns: int, learned: float, headway_s: float
) -> None:
    watch = Watch(intersection)
    queue = QueueEstimate("x1_eb_1", 2.0, 0.5, 0.1, saturation_veh_h=learned)
    state = SignalState(now_ns, "remote", greens=(2, 6))
    view = View(now_ns, intersection, state, {2: 0, 6: 0}, {}, {"x1_eb_1": queue}, {}, {}, (2, 6))
    outlook = watch.look(view, watch.lights(view), {})
    lane = [lane.id for lane in intersection.lanes].index("x1_eb_1")
    assert outlook.traffic.headway_s[lane] == pytest.approx(headway_s)


def test_max_wave_stands_in_for_a_planner_that_fails(
    intersection: Intersection, now_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = create("lookahead", intersection)

    def fails(_: View) -> Proposal:
        raise ZeroDivisionError("no")

    monkeypatch.setattr(planner, "_planned", fails)
    queues = {x.id: QueueEstimate(x.id, 9.0 * ("nb" in x.id), 0.3, 0.1) for x in intersection.lanes}
    since = dict.fromkeys((2, 6), now_ns - 20 * SECOND)
    state = SignalState(now_ns, "remote", greens=(2, 6))
    view = View(now_ns, intersection, state, since, {}, queues, {}, {}, (2, 6))
    proposal = planner.decide(view)
    assert (proposal.serve, proposal.constraint) == ((4, 7), "planner_failed")
    assert proposal.reason.startswith(
        "The planner failed with ZeroDivisionError, so max_wave decides: Phases"
    )


def test_warming_up_compiles_the_search(intersection: Intersection) -> None:
    warm_up(intersection)
    assert not HAS_NUMBA or search.signatures  # type: ignore[attr-defined]
