"""What would the intersection's own coordination plan show now?"""

from __future__ import annotations

from signal_control.model import Intersection
from signal_control.plan_clock import by_plan, due
from signal_control.view import Proposal, Strategy, View
from signal_control.view import create as create_strategy

NAME = "fixed_time"
DOC = (
    "The coordination plan of the intersection by the clock: fixed cycle, offset, splits and phase sequence."
)

WITHOUT_PLAN = "actuated"
"""The strategy of free operation."""


class FixedTime:
    """Proposes what the plan in force calls for at this second; free of plans, what actuated control does."""

    def __init__(self, intersection: Intersection) -> None:
        self._free: Strategy = create_strategy(WITHOUT_PLAN, intersection)

    def decide(self, view: View) -> Proposal:
        """The phases due now."""
        if view.intersection.free:
            return self._free.decide(view)
        plan = view.intersection.plan
        return by_plan(due(view.intersection, plan, view.now_ns), f"Plan {plan.number}")


def create(intersection: Intersection) -> FixedTime:
    """A strategy without memory."""
    return FixedTime(intersection)
