"""How would max pressure divide the next cycle, and what would it show now?

Cyclic max pressure (Varaiya 2013b): cycle, offset and sequence of the intersection's own plan are kept, so
that drivers and neighbours know what comes; at the start of each cycle green is divided in proportion to the
pressures of that moment. Minimum greens and walks always fit.
"""

from __future__ import annotations

from typing import Final

from signal_control.model import Intersection, Lane, Plan
from signal_control.plan_clock import by_plan, due
from signal_control.view import Proposal, View
from signal_control.webster import divided

NAME = "max_pressure_cycle"
DOC = "The cycle of the intersection's own plan, green divided anew each cycle in proportion to pressure."

START_S: Final = 2.0
"""Splits change so soon after the start of a cycle."""
PER_VEH: Final = 50.0
"""Vehicles an hour that weigh as much as one waiting: the splits follow the pressure."""


class MaxPressureCycle:
    """Follows a plan that is divided anew every cycle; remembers it and the cycle it was made for."""

    def __init__(self, intersection: Intersection) -> None:
        self._plan: Plan = intersection.plan
        self._cycle = -1

    def decide(self, view: View) -> Proposal:
        """The phases due by this cycle's division."""
        plan = view.intersection.plan
        if plan.number != self._plan.number:
            self._plan = plan
        now = due(view.intersection, self._plan, view.now_ns)
        cycle = int((view.now_ns / 1e9 - plan.offset_s) // plan.cycle_s)
        if cycle != self._cycle and now.at_s < START_S and view.queues:
            pressures = {x.id: PER_VEH * _pressure(view, x) for x in view.intersection.lanes}
            self._plan = divided(view.intersection, pressures, plan.cycle_s)
            self._cycle = cycle
            now = due(view.intersection, self._plan, view.now_ns)
        return by_plan(now, f"Plan {plan.number}, divided by pressure,")


def _pressure(view: View, lane: Lane) -> float:
    """Vehicles on a lane less those queued where they go, at least 0 (Varaiya 2013, eq. 21)."""
    queue = view.queues.get(lane.id)
    if queue is None:
        return 0.0
    ahead = [(view.downstream[link], share) for link, share in lane.to.items() if link in view.downstream]
    beyond = sum(share * state.queue_veh / max(1, state.lanes) for state, share in ahead)
    return max(0.0, queue.vehicles + queue.moving - beyond)


def create(intersection: Intersection) -> MaxPressureCycle:
    """A strategy that remembers its division."""
    return MaxPressureCycle(intersection)
