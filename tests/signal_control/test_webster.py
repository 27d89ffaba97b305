"""Does the plan fit the flows, and does it keep what must be kept?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import SignalState
from signal_control.view import View, create
from signal_control.webster import LONGEST_S, delay_s, flow_ratio, plan_for, total_delay

SECOND = 1_000_000_000


def flows(intersection: Intersection, **by_phase: float) -> dict[str, float]:
    return {lane.id: by_phase.get(f"p{lane.phases[0]}", 60.0) for lane in intersection.lanes}


def test_the_busier_phase_gets_the_longer_split(intersection: Intersection) -> None:
    plan = plan_for(intersection, flows(intersection, p2=900, p6=850, p4=300, p8=250))
    assert plan.split_s(2) > plan.split_s(4) > plan.split_s(1)


def test_more_traffic_asks_for_a_longer_cycle(intersection: Intersection) -> None:
    quiet = plan_for(intersection, flows(intersection))
    busy = plan_for(intersection, flows(intersection, p2=800, p6=800, p4=450, p8=450))
    assert quiet.cycle_s < busy.cycle_s <= LONGEST_S


def test_no_other_cycle_has_less_delay(intersection: Intersection) -> None:
    seen = flows(intersection, p2=700, p6=500, p4=350, p8=300, p1=120, p5=90)
    best = plan_for(intersection, seen)
    own = total_delay(intersection, seen, intersection.plan)
    assert total_delay(intersection, seen, best) <= own


@settings(max_examples=60, deadline=None)
@given(seen=st.lists(st.floats(0, 2500), min_size=8, max_size=8))
def test_every_plan_is_sound(seen: list[float], intersection: Intersection) -> None:
    by_lane = {lane.id: flow for lane, flow in zip(intersection.lanes, seen, strict=True)}
    plan = plan_for(intersection, by_lane)
    Intersection.model_validate({**intersection.model_dump(), "plan": plan.model_dump()})
    assert plan.cycle_s <= LONGEST_S


def test_delay_grows_beyond_saturation_and_stays_finite() -> None:
    low, full, over = (delay_s(flow, 1800, 0.5, 90) for flow in (300, 900, 1500))
    assert 11 < low < 16  # uniform delay is 0.5 x 90 x 0.25 / (1 - 1/6) = 13.5 s
    assert low < full < over < 1000


def test_the_flow_ratio_is_that_of_the_critical_ring(intersection: Intersection) -> None:
    seen = dict.fromkeys(flows(intersection), 0.0) | {"x1_eb_1": 900.0, "x1_nb_1": 360.0}
    assert flow_ratio(intersection, seen) == pytest.approx(0.5 + 0.2, abs=0.03)


def test_the_strategy_follows_the_local_plan_until_flows_are_known(intersection: Intersection) -> None:
    strategy = create("webster", intersection)

    def view(at_s: float, seen: dict[str, float]) -> View:
        queues: dict[str, QueueEstimate] = {}
        now_ns = int(at_s * SECOND)
        return View(now_ns, intersection, SignalState(now_ns, "remote"), {}, {}, queues, seen, {})

    assert "own plan is at second 20 of 100" in strategy.decide(view(20, {})).reason
    seen = flows(intersection, p2=300, p6=300)
    assert "own plan" in strategy.decide(view(130, seen)).reason  # not in the middle of a cycle
    reason = strategy.decide(view(200, seen)).reason
    assert reason.startswith("Webster's plan for a flow ratio of 0.")
    assert "of 100" not in reason


def staged_intersection() -> Intersection:
    """Three declared stages; the left turns of phase 2 go in two of them."""

    def phase(number: int, ring: int) -> dict[str, object]:
        timing = {"min_green_s": 5, "max_green_s": 60, "yellow_s": 3, "red_clear_s": 1}
        return {"number": number, "label": str(number), "ring": ring, "barrier": 1, **timing}

    def lane(name: str, phases: list[int], service: dict[int, float]) -> dict[str, object]:
        way = {"turns": ["through"], "length_m": 100, "service": service}
        return {"id": name, "link": name, "phases": phases, **way}

    stages = [{"phases": p, "split_s": 30} for p in ([1, 2], [2], [3])]
    return Intersection.model_validate(
        {
            "id": "s",
            "name": "S",
            "phases": [phase(1, 1), phase(2, 2), phase(3, 1)],
            "lanes": [lane("a", [1], {}), lane("b", [1, 2], {1: 0.5}), lane("c", [3], {})],
            "plan": {"cycle_s": 90, "stages": stages},
            "declared_stages": [[1, 2], [2], [3]],
        }
    )


def test_declared_stages_are_divided_too() -> None:
    x = staged_intersection()
    plan = plan_for(x, {"a": 300.0, "b": 500.0, "c": 700.0})
    splits = {stage.phases: stage.split_s for stage in plan.stages}
    assert sum(splits.values()) == pytest.approx(plan.cycle_s)
    assert splits[(3,)] > splits[(1, 2)]
    assert splits[(3,)] > splits[(2,)] >= 1.0
    x.model_copy(update={"plan": plan})
    own = total_delay(x, {"a": 300.0, "b": 500.0, "c": 700.0}, x.plan)
    assert total_delay(x, {"a": 300.0, "b": 500.0, "c": 700.0}, plan) < own
    assert flow_ratio(x, {"c": 900.0}) > 0.5
