"""What does a common cycle show now, its offset moved to where the platoons arrive?

Cycle and sequence are those of the intersection's own plan, so neighbours with the same cycle stay in step.
Splits follow Webster's rule for the flows measured, every five minutes. The offset follows the arrivals: the
profile of who comes into sight by second of the cycle says what every offset would cost, and the plan moves
a little towards the best one, cycle by cycle (the idea of Link Pivot, done on line and by each signal).
"""

from __future__ import annotations

from typing import Final

from signal_control.arrival_profile import ArrivalProfile
from signal_control.model import Intersection, Plan
from signal_control.plan_clock import by_plan, due
from signal_control.view import Proposal, View
from signal_control.webster import divided

NAME = "coordinated"
DOC = "The common cycle of the plan, splits for measured flows, offset moved to where platoons arrive."

START_S: Final = 2.0
"""The plan changes so soon after the start of a cycle."""
STEP_S: Final = 4
"""The offset moves by so much at most, once in SETTLE_CYCLES: neighbours move too."""
SETTLE_CYCLES: Final = 3
WORTHWHILE_S: Final = 0.5
"""A move must save so much of the mean wait."""
RENEW_CYCLES: Final = 4


class Coordinated:
    """Follows a plan of its own making; remembers it and the profile of arrivals."""

    def __init__(self, intersection: Intersection) -> None:
        self._began = False
        self._begin(intersection)

    def decide(self, view: View) -> Proposal:
        """The phases due; where another plan comes into force, its cycle and offset are the new beginning."""
        if view.intersection.plan.number != self._plan.number:
            self._begin(view.intersection)
        self._profile.look(view)
        now = due(view.intersection, self._plan, view.now_ns)
        if now.at_s < START_S and not self._began:
            self._cycles += 1
            self._renew(view)
            now = due(view.intersection, self._plan, view.now_ns)
        self._began = now.at_s < START_S
        return by_plan(now, f"The common cycle, its offset moved by {self._moved_s:+.0f} s,")

    def _begin(self, intersection: Intersection) -> None:
        self._plan: Plan = intersection.plan
        self._profile = ArrivalProfile(intersection, intersection.plan.cycle_s)
        self._cycles: int = 0
        self._moved_s: float = 0.0

    def _renew(self, view: View) -> None:
        x, plan = view.intersection, self._plan
        if view.flows and self._cycles % RENEW_CYCLES == 0:
            plan = divided(x, view.flows, plan.cycle_s).model_copy(update={"offset_s": plan.offset_s})
        if self._cycles % SETTLE_CYCLES == 0:
            plan = self._shifted(x, plan)
        self._plan = plan

    def _shifted(self, intersection: Intersection, plan: Plan) -> Plan:
        """The plan with its offset a step nearer to the cheapest one."""
        waits_s = self._profile.delays(intersection, plan)
        cycle = len(waits_s)
        here = round(plan.offset_s) % cycle
        steps = range(-STEP_S, STEP_S + 1)
        best = min(steps, key=lambda step: (float(waits_s[(here + step) % cycle]), abs(step)))
        if waits_s[here] - waits_s[(here + best) % cycle] < WORTHWHILE_S * abs(best) / STEP_S:
            return plan
        self._moved_s += best
        return plan.model_copy(update={"offset_s": float((plan.offset_s + best) % plan.cycle_s)})


def create(intersection: Intersection) -> Coordinated:
    """A strategy that remembers its plan and who arrived when."""
    return Coordinated(intersection)
