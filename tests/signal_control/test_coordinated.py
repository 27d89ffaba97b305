"""Do the strategies with a common cycle keep it, divide it by need and move it towards the platoons?"""

from __future__ import annotations

import pytest

from signal_control.arrival_profile import ArrivalProfile
from signal_control.model import Intersection
from signal_control.plan_clock import due
from signal_control.queue_estimate import QueueEstimate
from signal_control.status import SignalState
from signal_control.view import View, create

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
"""A whole number of cycles of 100 s."""


def view(x: Intersection, at_s: float, queued: dict[str, float], platoon_at_s: float | None = None) -> View:
    """`queued` by lane; a platoon on phase 2's lane that is due at this second of every cycle."""
    arrivals: dict[str, tuple[tuple[float, float], ...]] = {}
    if platoon_at_s is not None and (at_s + 6.0 - platoon_at_s) % 100 < 1.0:
        arrivals["x1_eb_1"] = ((6.0, 5.0),)
    queues = {
        lane.id: QueueEstimate(
            lane.id, queued.get(lane.id, 0.0), 0.5, 0.1, arrivals=arrivals.get(lane.id, ()), sight_s=6.0
        )
        for lane in x.lanes
    }
    now_ns = START + int(at_s * SECOND)
    return View(now_ns, x, SignalState(now_ns, "remote"), {}, {}, queues, {}, {})


def greens(x: Intersection, name: str, queued: dict[str, float], phase: int) -> int:
    """Seconds of the first cycle in which `phase` is due."""
    strategy = create(name, x)
    return sum(phase in strategy.decide(view(x, float(s), queued)).serve for s in range(100))


def test_a_cycle_is_divided_by_pressure(intersection: Intersection) -> None:
    even = greens(intersection, "max_pressure_cycle", {}, 4)
    loaded = greens(intersection, "max_pressure_cycle", {"x1_nb_1": 20.0}, 4)
    assert loaded > even + 10


def test_every_phase_keeps_its_least_green(intersection: Intersection) -> None:
    for phase in intersection.phases:
        shown = greens(intersection, "max_pressure_cycle", {"x1_nb_1": 50.0}, phase.number)
        assert shown >= int(max(phase.min_green_s, phase.ped_s))


def test_the_profile_knows_what_an_offset_costs(intersection: Intersection) -> None:
    profile, plan = ArrivalProfile(intersection, 100.0), intersection.plan
    for s in range(300):
        profile.look(view(intersection, float(s), {}, platoon_at_s=80.0))
    waits = profile.delays(intersection, plan)
    green = [2 in due(intersection, plan, START + (80 - offset) * SECOND).serve for offset in range(100)]
    assert all(waits[o] == pytest.approx(0.0, abs=1e-6) for o in range(100) if green[o])
    assert all(waits[o] > 0.9 for o in range(100) if not green[o])


def test_the_offset_moves_until_the_platoon_meets_green(intersection: Intersection) -> None:
    strategy, plan = create("coordinated", intersection), intersection.plan
    due_at = next(s for s in range(100) if 2 in due(intersection, plan, START + s * SECOND).serve)
    platoon = float(due_at - 10) % 100
    met = []
    for s in range(3000):
        proposal = strategy.decide(view(intersection, float(s), {}, platoon_at_s=platoon))
        if s % 100 == int(platoon):
            met.append(2 in proposal.serve)
    assert not any(met[:3])
    assert all(met[-3:])
