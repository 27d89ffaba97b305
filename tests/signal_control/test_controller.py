"""Does the controller decide on fresh data only, explain itself, and always decide the same?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import msgspec
import pytest

from signal_control.controller import Controller
from signal_control.decision import Decision, situation_of, view_of
from signal_control.events import DETECTOR_OFF, DETECTOR_ON, PHASE_GREEN, Event
from signal_control.model import Intersection
from signal_control.safety import review
from signal_control.status import LinkState, SignalState
from signal_control.view import create

SECOND = 1_000_000_000
Make = Callable[..., SignalState]


def run(x: Intersection, now_ns: int, strategy: str = "max_pressure", seconds: int = 60) -> list[Decision]:
    """2+6 stay green while a queue grows on phase 4; the cabinet reports once a second."""
    controller, decisions = Controller(x, strategy), []
    for second in range(seconds):
        at_ns = now_ns + second * SECOND
        if second % 4 == 0:
            controller.observe(Event(at_ns, DETECTOR_ON, 24))
            controller.observe(Event(at_ns + SECOND // 2, DETECTOR_OFF, 24))
        if second == 8:
            controller.observe(Event(at_ns, DETECTOR_ON, 4))
        controller.observe_state(SignalState(at_ns, "remote", (2, 6), veh_calls=(4,) if second > 8 else ()))
        decisions.append(controller.tick(at_ns + SECOND // 10, {}))
    return decisions


def test_a_growing_queue_is_served_and_the_command_expires(intersection: Intersection, now_ns: int) -> None:
    decisions = run(intersection, now_ns)
    first, last = decisions[0], decisions[-1]
    assert first.command is not None
    assert first.command.serve == (2, 6)
    assert last.command is not None
    assert 4 in last.command.serve
    assert last.command.expires_ns == last.at_ns + 10 * SECOND
    assert len({d.command.id for d in decisions if d.command}) == len(decisions)


def test_the_same_events_give_the_same_decisions(intersection: Intersection, now_ns: int) -> None:
    assert run(intersection, now_ns) == run(intersection, now_ns)


def test_a_decision_can_be_derived_again_from_its_stored_inputs(
    intersection: Intersection, now_ns: int
) -> None:
    for decision in run(intersection, now_ns)[10:60:7]:
        inputs = json.loads(decision.inputs_json)
        assert inputs == json.loads(msgspec.json.encode(decision.inputs))
        proposal = create("max_pressure", intersection).decide(view_of(intersection, inputs))
        assert proposal == decision.proposal
        assert review(intersection, situation_of(inputs), proposal, decision.at_ns) == decision.verdict


def test_no_command_before_the_first_report(intersection: Intersection, now_ns: int) -> None:
    decision = Controller(intersection, "fixed_time").tick(now_ns, {})
    assert (decision.command, decision.mode) == (None, "waiting")
    assert "has not reported" in decision.reason


def test_no_command_on_a_stale_report(intersection: Intersection, make_state: Make, now_ns: int) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns))
    assert controller.tick(now_ns + 4 * SECOND, {}).command is not None
    stale = controller.tick(now_ns + 6 * SECOND, {})
    assert (stale.command, stale.mode) == (None, "waiting")
    assert "6.0 s old" in stale.reason


@pytest.mark.parametrize("mode", ["flash", "offline"])
def test_no_command_in_flash(mode: str, intersection: Intersection, make_state: Make, now_ns: int) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns, mode=mode))
    assert controller.tick(now_ns, {}).command is None


def test_control_resumes_with_the_next_report(
    intersection: Intersection, make_state: Make, now_ns: int
) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns))
    assert controller.tick(now_ns + 60 * SECOND, {}).command is None
    controller.observe_state(make_state(now_ns + 60 * SECOND, mode="local"))
    assert controller.tick(now_ns + 60 * SECOND, {}).mode == "adaptive"


def test_the_binding_rule_and_its_reason_reach_the_decision(
    intersection: Intersection, make_state: Make, now_ns: int
) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns, greens=()))
    controller.observe(Event(now_ns, PHASE_GREEN, 4))
    controller.observe_state(make_state(now_ns + SECOND, greens=(4, 8)))
    at_ns = (now_ns // (100 * SECOND)) * 100 * SECOND  # far from the second at which the plan wants 4+8
    decision = controller.tick(now_ns + SECOND, {})
    assert at_ns <= now_ns
    assert decision.binding == "min_green"
    assert decision.reason == "Phase 8 has shown 0.0 s of its 8 s minimum green."


def test_switching_the_strategy_takes_effect_at_once(
    intersection: Intersection, make_state: Make, now_ns: int
) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns))
    controller.use("max_pressure")
    assert controller.tick(now_ns, {}).strategy == "max_pressure"
    with pytest.raises(KeyError, match="there are: "):
        controller.use("nonsense")
    assert controller.strategy == "max_pressure"


def test_a_lifetime_that_no_cabinet_should_accept_is_refused(intersection: Intersection) -> None:
    with pytest.raises(ValueError, match="between 1 and 15"):
        Controller(intersection, "fixed_time", lifetime_s=60.0)


def test_neighbours_learn_of_queues_room_and_vehicles_on_the_way(
    intersection: Intersection, make_state: Make, now_ns: int
) -> None:
    controller = Controller(intersection, "fixed_time")
    controller.observe_state(make_state(now_ns))
    controller.observe(Event(now_ns, DETECTOR_ON, 2))
    controller.observe(Event(now_ns + SECOND, DETECTOR_OFF, 2))
    links = controller.link_states(now_ns + 2 * SECOND)
    assert links["x1_eb"] == LinkState("x1_eb", 0.0, 33.3, now_ns + 2 * SECOND, 2)
    assert links["x2_eb<x1"].link == "x2_eb"
    assert links["x2_eb<x1"].sent == ((now_ns + SECOND, 0.9, "x1_eb_1"),)


def test_who_was_sent_here_is_expected_at_the_stop_line(
    intersection: Intersection, make_state: Make, now_ns: int
) -> None:
    controller = Controller(intersection, "max_pressure")
    controller.observe_state(make_state(now_ns))
    sent = {"x1_eb<x0": LinkState("x1_eb", 0, 0, now_ns, sent=((now_ns - 4 * SECOND, 1.0, "x0_eb_1"),))}
    coming = controller.tick(now_ns, sent).inputs["coming"]
    assert sum(part for _, part in coming["x1_eb_1"]) == pytest.approx(0.5, abs=0.01)
    mean_s = sum(eta_s * part for eta_s, part in coming["x1_eb_1"]) / 0.5
    assert mean_s == pytest.approx(2 + 180 / 13.9 - 4, abs=1.5)


def test_a_silent_intersection_without_detectors_still_serves_everybody(
    make_intersection: Callable[..., Intersection], now_ns: int
) -> None:
    controller, green, served = Controller(make_intersection(detectors=[]), "max_pressure"), (2, 6), set()
    for second in range(600):
        at_ns = now_ns + second * SECOND
        controller.observe_state(SignalState(at_ns, "remote", green))
        decision = controller.tick(at_ns, {})
        assert decision.command is not None
        green = decision.command.serve
        served |= set(green)
    assert served == {1, 2, 3, 4, 5, 6, 7, 8}


def test_a_tick_takes_about_a_millisecond(intersection: Intersection, now_ns: int) -> None:
    controller = Controller(intersection, "max_pressure")
    for n in range(60):
        controller.observe(Event(now_ns + n * SECOND, DETECTOR_ON, 22))
        controller.observe(Event(now_ns + n * SECOND + SECOND // 2, DETECTOR_OFF, 22))
    controller.observe_state(SignalState(now_ns + 60 * SECOND, "remote", (4, 8), veh_calls=(2, 3)))
    spent = []
    for _ in range(50):
        start = time.perf_counter()
        controller.tick(now_ns + 61 * SECOND, {})
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[5] < 0.002
