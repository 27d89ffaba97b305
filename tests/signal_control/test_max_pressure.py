"""Does max pressure serve who lost most, stay when a change does not pay, and respect what limits it?"""

from __future__ import annotations

from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import LinkState, SignalState
from signal_control.view import Proposal, View, create

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
LANE = {
    1: "x1_wb_2",
    2: "x1_eb_1",
    3: "x1_sb_2",
    4: "x1_nb_1",
    5: "x1_eb_2",
    6: "x1_wb_1",
    7: "x1_nb_2",
    8: "x1_sb_1",
}


def decide(x: Intersection, queued: dict[int, float], **changes: Any) -> Proposal:
    """2+6 green for 20 s, the others red for 40 s; `queued` vehicles by phase."""
    green, red = changes.pop("green_s", 20.0), changes.pop("red_s", 40.0)
    calls, peds = changes.pop("veh_calls", ()), changes.pop("ped_calls", ())
    stalled, moving = changes.pop("stalled", ()), changes.pop("moving", {})
    queues = {
        LANE[n]: QueueEstimate(LANE[n], queued.get(n, 0.0), 0.5, 0.2, moving.get(n, 0.0), n in stalled)
        for n in LANE
    }
    view = View(
        now_ns=NOW,
        intersection=x,
        state=SignalState(NOW, "remote", greens=(2, 6), veh_calls=calls, ped_calls=peds),
        green_since_ns=dict.fromkeys((2, 6), NOW - int(green * SECOND)),
        red_since_ns=dict.fromkeys((1, 3, 4, 5, 7, 8), NOW - int(red * SECOND)),
        queues=queues,
        flows=dict.fromkeys(LANE.values(), 200.0),
        **{"downstream": {}, "serving": (2, 6), **changes},
    )
    return create("max_pressure", x).decide(view)


def test_the_stage_that_lost_most_takes_over(intersection: Intersection) -> None:
    proposal = decide(intersection, {4: 9, 8: 8})
    assert proposal.serve == (4, 8)
    assert proposal.reason.startswith("Phases 4+8 take over: 17.0 veh queued there have gathered ")


def test_a_few_waiting_vehicles_do_not_stop_a_platoon(intersection: Intersection) -> None:
    proposal = decide(intersection, {4: 2}, moving={2: 5.0, 6: 4.0})
    assert proposal.serve == (2, 6)
    assert proposal.reason.startswith("Phases 2+6 stay: 2.0 veh queued on ")


def test_a_platoon_sent_by_a_neighbour_is_waited_for(intersection: Intersection) -> None:
    waiting = {4: 2.0, 8: 2.0}
    assert decide(intersection, waiting).serve == (4, 8)
    platoon = tuple((6.0 + n, 1.0) for n in range(15))
    assert decide(intersection, waiting, coming={LANE[2]: platoon}).serve == (2, 6)


def test_it_stays_when_nobody_waits(intersection: Intersection) -> None:
    proposal = decide(intersection, {})
    assert (proposal.serve, proposal.reason) == ((2, 6), "Phases 2+6 stay: nobody waits elsewhere.")


def test_one_left_turn_is_served_beside_the_through_phase_that_goes_on(intersection: Intersection) -> None:
    assert decide(intersection, {5: 6, 6: 0, 2: 3}, moving={2: 3.0}).serve == (2, 5)


def test_a_lane_that_does_not_move_on_green_holds_nobody_up(intersection: Intersection) -> None:
    queued = {2: 18.0, 4: 4.0, 8: 4.0}
    assert decide(intersection, queued).serve == (2, 6)
    assert decide(intersection, queued, stalled=(2,)).serve == (4, 8)


def test_no_green_is_spent_on_a_full_street(intersection: Intersection) -> None:
    queued = {2: 18.0, 4: 4.0, 8: 4.0}
    full = {"x2_eb": LinkState("x2_eb", 30.0, 0.5, NOW, 2)}
    assert decide(intersection, queued, downstream=full).serve == (4, 8)


def test_a_call_that_no_estimate_explains_is_answered_in_the_end(intersection: Intersection) -> None:
    assert decide(intersection, {}, veh_calls=(3,)).serve == (2, 6)
    assert 3 in decide(intersection, {}, veh_calls=(3,), red_s=300.0).serve


def test_pedestrians_are_answered_without_any_vehicle(intersection: Intersection) -> None:
    assert 4 in decide(intersection, {}, ped_calls=(4,), red_s=300.0).serve


def test_maximum_green_ends_a_stage_that_still_has_traffic(intersection: Intersection) -> None:
    proposal = decide(intersection, {2: 20.0, 6: 20.0}, green_s=46.0, veh_calls=(4,))
    assert not {2, 6} & set(proposal.serve)
    assert "reached maximum green" in proposal.reason


def test_a_change_under_way_is_completed(intersection: Intersection) -> None:
    view = View(
        now_ns=NOW,
        intersection=intersection,
        state=SignalState(NOW, "remote", yellows=(2, 6)),
        green_since_ns={},
        red_since_ns=dict.fromkeys(LANE, NOW),
        queues={LANE[2]: QueueEstimate(LANE[2], 30.0, 1.0, 0.1)},
        flows={},
        downstream={},
        serving=(4, 8),
    )
    assert create("max_pressure", intersection).decide(view).serve == (4, 8)


@pytest.mark.parametrize("phase", LANE)
def test_every_candidate_is_named_with_its_score(phase: int, intersection: Intersection) -> None:
    proposal = decide(intersection, {phase: 5.0})
    assert {c.serve for c in proposal.candidates} == set(intersection.stages())
    assert proposal.unit == "veh s relieved per s"
