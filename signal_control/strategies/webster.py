"""Which plan would Webster draw up for the flows of the last minutes, and what would it show now?"""

from __future__ import annotations

from typing import Final

from signal_control.model import Intersection, Plan
from signal_control.plan_clock import by_plan, due
from signal_control.view import Proposal, View
from signal_control.webster import flow_ratio, plan_for, total_delay

NAME = "webster"
DOC = "Cycle and splits of least delay for the flows measured, renewed every five minutes; not coordinated."

RENEW_NS: Final = 300_000_000_000
CYCLE_START_S: Final = 2.0
"""A new plan begins where the old one's cycle does."""
WORTHWHILE: Final = 0.95
"""A change of plan disturbs a cycle; it must save a twentieth of the delay."""


class Webster:
    """Follows a plan of its own making; the intersection's plan until flows are known."""

    def __init__(self, intersection: Intersection) -> None:
        self._begin(intersection)

    def decide(self, view: View) -> Proposal:
        """The phases due by the newest plan; another plan in force is a new beginning."""
        if view.intersection.plan.number != self._plan.number:
            self._begin(view.intersection)
        now = due(view.intersection, self._plan, view.now_ns)
        if view.flows and self._old(view.now_ns) and now.at_s < CYCLE_START_S:
            self._renew(view, now.at_s)
            now = due(view.intersection, self._plan, view.now_ns)
        if self._made_ns is None:
            return by_plan(now, "No flows are measured yet, so the intersection's own plan")
        return by_plan(now, f"Webster's plan for a flow ratio of {self._ratio:.2f}")

    def _begin(self, intersection: Intersection) -> None:
        self._plan: Plan = intersection.plan
        self._made_ns: int | None = None
        self._ratio = 0.0

    def _old(self, now_ns: int) -> bool:
        return self._made_ns is None or now_ns - self._made_ns >= RENEW_NS

    def _renew(self, view: View, into_s: float) -> None:
        """Draw up a plan for the flows of now and keep it if it is worth the change; its cycle has begun."""
        drawn = plan_for(view.intersection, view.flows)
        before = total_delay(view.intersection, view.flows, self._plan)
        if total_delay(view.intersection, view.flows, drawn) < WORTHWHILE * before:
            began_s = view.now_ns / 1e9 - into_s
            self._plan = drawn.model_copy(update={"offset_s": round(began_s % drawn.cycle_s, 1)})
        self._ratio = flow_ratio(view.intersection, view.flows)
        self._made_ns = view.now_ns


def create(intersection: Intersection) -> Webster:
    """A strategy that remembers its plan."""
    import scipy.optimize  # noqa: F401 - now, so that no decision has to wait for it

    return Webster(intersection)
