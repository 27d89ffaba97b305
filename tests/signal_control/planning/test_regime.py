"""Does the planner know quiet hours and oversaturation, act on them, and say so?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.planning.regime import PRESSING, regime_of
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import LinkState, SignalState
from signal_control.view import Proposal, View, create

SECOND = 1_000_000_000

Seen = Callable[..., View]


@pytest.fixture
def seen(intersection: Intersection, now_ns: int) -> Seen:
    """`seen({lane: vehicles}, flow=veh/h a lane, **state and view)`; 2+6 has been green for 20 s."""

    def view(lanes: dict[str, float], flow: float = 10.0, health: Any = "ok", **more: Any) -> View:
        fields = {"downstream": more.pop("downstream", {}), "serving": (2, 6)}
        state = SignalState(now_ns, "remote", (2, 6), **more)
        since = dict.fromkeys((2, 6), now_ns - 20 * SECOND)
        red = {p.number: now_ns - 40 * SECOND for p in intersection.phases if p.number not in since}
        queues = {
            x.id: QueueEstimate(x.id, lanes.get(x.id, 0.0), 0.3, 0.1, health=health)
            for x in intersection.lanes
        }
        flows = dict.fromkeys(queues, flow)
        return View(now_ns, intersection, state, since, red, queues, flows, **fields)

    return view


def decided(view: View) -> Proposal:
    return create("lookahead", view.intersection).decide(view)


def test_when_hardly_anybody_comes_it_does_what_actuated_control_does(seen: Seen) -> None:
    for calls in ((), (4,), (1, 5)):
        view = seen({}, flow=4.0, veh_calls=calls)
        proposal, actuated = decided(view), create("actuated", view.intersection).decide(view)
        assert proposal.serve == actuated.serve
        assert proposal.reason == f"Quiet (32 veh/h on all approaches): {actuated.reason}"


@pytest.mark.parametrize("busy", [{"flow": 20.0}, {"lanes": {"x1_nb_1": 4.0}}, {"health": "substituted"}])
def test_it_plans_as_soon_as_there_is_traffic_or_a_detector_is_in_doubt(
    seen: Seen, busy: dict[str, Any]
) -> None:
    view = seen(**{"lanes": {}, "flow": 4.0, **busy})
    assert regime_of(view).name == "normal"
    assert not decided(view).reason.startswith("Quiet")


def test_before_flows_are_known_nothing_is_taken_for_quiet(seen: Seen) -> None:
    view = seen({})
    view.flows.clear()
    assert regime_of(view).name == "normal"


def test_an_approach_that_one_green_cannot_clear_makes_fuller_approaches_count_more(seen: Seen) -> None:
    intersection = seen({}).intersection
    lane = next(x for x in intersection.lanes if x.id == "x1_nb_1")
    longest_s = max(intersection.phase(p).max_green_s for p in lane.phases)
    beyond = 1.0 + longest_s * lane.saturation_veh_h / 3600
    view = seen({lane.id: max(beyond, 0.9 * lane.length_m / 7.5)}, flow=600.0)
    regime = regime_of(view)
    assert regime.name == "oversaturated"
    assert 1.0 < regime.weights[lane.id] <= PRESSING
    assert regime.weights["x1_eb_1"] == 1.0
    assert decided(view).reason.startswith(f"Oversaturated ({lane.link} is ")


def test_it_says_into_which_link_nobody_is_sent(seen: Seen, now_ns: int) -> None:
    intersection = seen({}).intersection
    full = {x: LinkState(x, 30.0, 0.0, now_ns) for lane in intersection.lanes for x in lane.to}
    lane = next(x for x in intersection.lanes if x.id == "x1_nb_1")
    view = seen({lane.id: 200.0}, flow=600.0, downstream=full)
    assert decided(view).reason.endswith(f"nobody is sent into {', '.join(sorted(full))}, which has no room.")


def test_a_short_approach_is_not_taken_for_a_full_one(seen: Seen) -> None:
    view = seen({"x1_nb_1": 60.0}, flow=600.0)
    short = tuple(x.model_copy(update={"length_m": 20.0}) for x in view.intersection.lanes)
    crossing = view.intersection.model_copy(update={"lanes": short})
    fields = {name: getattr(view, name) for name in View.__struct_fields__} | {"intersection": crossing}
    assert regime_of(View(**fields)).name == "normal"
