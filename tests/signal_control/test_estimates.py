"""Do the numbers of all lanes say what each lane's estimate says, also after they have been stored?"""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from signal_control.controller import Controller
from signal_control.decision import Decision, view_of
from signal_control.estimates import Estimates, estimates_of
from signal_control.model import Intersection
from signal_control.planning.outlook import Watch
from signal_control.view import View
from tests.signal_control.small_street import Street, eight_phases


@pytest.fixture(scope="module")
def decisions() -> list[Decision]:
    """Five minutes of a street with queues."""
    x = eight_phases("x")
    street, controller, found, serving = Street(x, 3), Controller(x, "lookahead"), list[Decision](), (2, 6)
    for s in range(300):
        heard, state = street.second(s, serving)
        for event in heard:
            controller.observe(event)
        controller.observe_state(state)
        found.append(controller.tick(state.at_ns, {}))
        serving = found[-1].command.serve if found[-1].command else ()
    return found


def seen(decision: Decision) -> tuple[View, View]:
    """What a decision was made from, and the same out of the store."""
    assert decision.view is not None
    stored = msgspec.json.decode(decision.inputs_json)
    return decision.view, view_of(decision.view.intersection, stored)


def test_stored_estimates_are_those_that_were_made(decisions: list[Decision]) -> None:
    for decision in decisions:
        view, stored = seen(decision)
        assert isinstance(view.queues, Estimates)
        assert view.queues == stored.queues
        assert list(view.queues) == list(stored.queues)


def test_numbers_are_the_same_whether_they_were_told_or_read_off_each_lane(
    decisions: list[Decision],
) -> None:
    for decision in decisions:
        view, stored = seen(decision)
        told, read = estimates_of(view.queues), estimates_of(stored.queues)
        for lane, place in told.places.items():
            (begin, end), (first, last) = told.spans[place], read.spans[read.places[lane]]
            assert told.coming[begin:end].tolist() == read.coming[first:last].tolist()
            row = [*told.rows[place][:-1], round(told.rows[place][-1])]
            assert row == read.rows[read.places[lane]]
            assert told.health[place] == read.health[read.places[lane]]


def test_those_who_move_are_all_told_one_by_one(decisions: list[Decision]) -> None:
    moving = [q for d in decisions if d.view is not None for q in d.view.queues.values() if q.moving]
    assert moving
    assert all(q.moving == pytest.approx(sum(veh for _, veh in q.arrivals)) for q in moving)


def test_the_planner_sees_the_same_street_in_both(decisions: list[Decision]) -> None:
    x: Intersection = eight_phases("x")
    watch, other = Watch(x), Watch(x)
    for decision in decisions[::10]:
        outlooks = []
        for made, view in zip((watch, other), seen(decision), strict=True):
            traffic = made.look(view, made.lights(view), {}).traffic
            heads = [
                (traffic.eta[lane, :n].copy(), traffic.size[lane, :n].copy(), traffic.stood[lane, :n].copy())
                for lane, n in enumerate(traffic.vehicles)
            ]
            outlooks.append((heads, [part.copy() for part in traffic[3:]]))
        (heads, rest), (other_heads, other_rest) = outlooks
        for mine, theirs in zip((*sum(heads, ()), *rest), (*sum(other_heads, ()), *other_rest), strict=True):
            assert np.array_equal(mine, theirs)
