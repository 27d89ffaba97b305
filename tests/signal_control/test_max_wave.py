"""Does max wave change only for a clear lead, and never lock up?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import LinkState, SignalState
from signal_control.view import View, create

SECOND = 1_000_000_000

Look = Callable[..., tuple[int, ...]]


@pytest.fixture
def look(intersection: Intersection, now_ns: int) -> Look:
    """`look({lane: vehicles}, green_s=20, calls=(), **view)`: what is proposed while 2+6 is green."""

    def decide(
        lanes: dict[str, float], green_s: float = 20.0, calls: tuple[int, ...] = (), **more: Any
    ) -> Any:
        state = SignalState(at_ns=now_ns, mode="remote", greens=(2, 6), veh_calls=calls)
        queues = {x.id: QueueEstimate(x.id, lanes.get(x.id, 0.0), 0.3, 0.1) for x in intersection.lanes}
        since = dict.fromkeys((2, 6), now_ns - int(green_s * SECOND))
        fields = {"downstream": {}, "serving": (2, 6), **more}
        view = View(now_ns, intersection, state, since, {}, queues, {}, **fields)
        return create("max_wave", intersection).decide(view).serve

    return decide


def test_another_stage_needs_twice_as_many(look: Look) -> None:
    assert look({"x1_eb_1": 4.0, "x1_nb_1": 7.0}) == (2, 6)
    assert 4 in look({"x1_eb_1": 4.0, "x1_nb_1": 9.0})


def test_the_maximum_green_ends_it_when_somebody_waits(look: Look) -> None:
    assert look({"x1_eb_1": 30.0, "x1_nb_1": 0.2}, 45.0) == (2, 6)
    assert 4 in look({"x1_eb_1": 30.0, "x1_nb_1": 0.2}, 45.0, (4,))


def test_a_lane_that_does_not_get_away_does_not_count(look: Look) -> None:
    lanes = {"x1_eb_1": 9.0, "x1_nb_1": 6.0}
    assert look(lanes) == (2, 6)
    assert 4 in look(lanes, unserved=(("x1_eb_1", (2, 5)), ("x1_eb_1", (2, 6))))


def test_nobody_is_sent_into_a_full_link(look: Look, now_ns: int) -> None:
    lanes = {"x1_eb_1": 9.0, "x1_nb_1": 6.0}
    assert 4 in look(lanes, downstream={"x2_eb": LinkState("x2_eb", 40.0, 1.0, now_ns)})
