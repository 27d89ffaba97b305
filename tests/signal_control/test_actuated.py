"""Does the actuated strategy do what a local actuated controller does?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import SignalState
from signal_control.view import View, create

SECOND = 1_000_000_000

Look = Callable[..., tuple[int, ...]]


@pytest.fixture
def look(intersection: Intersection, now_ns: int) -> Look:
    """`look(greens, green_s, calls, there=lanes, **state)`: what is proposed then."""

    def decide(
        greens: tuple[int, ...], green_s: float, calls: tuple[int, ...], **more: Any
    ) -> tuple[int, ...]:
        there = more.pop("there", ())
        state = SignalState(at_ns=now_ns, mode="remote", greens=greens, veh_calls=calls, **more)
        queues = {
            x.id: QueueEstimate(x.id, 0.0, 0.3, 0.1, left_s=0.5 if x.id in there else 30.0)
            for x in intersection.lanes
        }
        since = {p: now_ns - int(green_s * SECOND) for p in greens}
        red = {p.number: now_ns - 20 * SECOND for p in intersection.phases if p.number not in greens}
        view = View(now_ns, intersection, state, since, red, queues, {}, {}, greens)
        return create("actuated", intersection).decide(view).serve

    return decide


def test_it_rests_where_it_is_when_nobody_calls(look: Look) -> None:
    assert look((4, 8), 200.0, ()) == (4, 8)


def test_a_green_goes_on_while_gaps_are_short(look: Look) -> None:
    assert look((2, 6), 15.0, (4,), there=("x1_eb_1",)) == (2, 6)


def test_a_gap_ends_it_after_the_minimum(look: Look) -> None:
    assert look((2, 6), 5.0, (4,)) == (2, 6)
    assert look((2, 6), 12.0, (4,)) == (4, 8)


def test_the_maximum_ends_it_whatever_comes(look: Look) -> None:
    there = ("x1_eb_1", "x1_wb_1")
    assert look((2, 6), 44.0, (4, 8), there=there) == (2, 6)
    assert look((2, 6), 45.0, (4, 8), there=there) == (4, 8)


def test_a_ring_moves_on_alone_within_its_group(look: Look) -> None:
    assert look((1, 5), 12.0, (2,), there=("x1_eb_2",)) == (2, 5)


def test_phases_without_a_call_are_passed_over(look: Look) -> None:
    assert look((2, 6), 12.0, (4, 8)) == (4, 8)
    assert look((2, 6), 12.0, (3, 8)) == (3, 8)


def test_nobody_walks_into_a_change(look: Look) -> None:
    assert look((2, 6), 12.0, (4,), walks=(2,)) == (2, 6)


def test_a_pedestrian_call_is_a_call(look: Look) -> None:
    assert look((2, 6), 12.0, (), ped_calls=(8,)) == (4, 8)


def test_the_allowed_gap_shrinks_while_others_wait(make_intersection: Callable[..., Intersection]) -> None:
    from signal_control.gaps import allowed_gap_s

    phase = make_intersection().phase(2)
    gaps = [allowed_gap_s(phase, s) for s in (0.0, 11.0, 25.0, 40.0)]
    assert gaps[0] == gaps[1] == phase.passage_s
    assert gaps[1] > gaps[2] > gaps[3] == pytest.approx(0.6 * phase.passage_s)
