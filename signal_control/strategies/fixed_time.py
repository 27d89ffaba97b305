"""What would the intersection's own coordination plan show now?"""

from __future__ import annotations

from signal_control.model import Intersection
from signal_control.plan_clock import by_plan, due
from signal_control.view import Proposal, View

NAME = "fixed_time"
DOC = (
    "The coordination plan of the intersection by the clock: fixed cycle, offset, splits and phase sequence."
)


class FixedTime:
    """Proposes what the plan calls for at this second of its cycle."""

    def decide(self, view: View) -> Proposal:
        """The phases due now."""
        plan = view.intersection.plan
        return by_plan(due(view.intersection, plan, view.now_ns), f"Plan {plan.number}")


def create(intersection: Intersection) -> FixedTime:
    """A strategy without memory."""
    return FixedTime()
