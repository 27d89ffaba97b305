"""Which sequence of stages would cost least over the next 45 s, and how does it begin?

Every second a beam search plays sequences of stages through a lane-by-lane model of who stands, who arrives
and when (planning/); the first step of the best one is proposed. What the safety rules would refuse is not a
choice: the search is made again without it. Nothing is kept between decisions: what has to be remembered
(lanes that do not get away, learned saturation flows, who waits since when) is part of the view, so that a
stored view gives the same proposal again.
"""

from __future__ import annotations

from typing import Final

from signal_control.model import Intersection
from signal_control.planning.explain import explained, held
from signal_control.planning.layout import BEAM
from signal_control.planning.outlook import Outlook, Watch
from signal_control.planning.search import search
from signal_control.safety import review
from signal_control.view import Proposal, View

NAME = "lookahead"
DOC = "Every second the first step of the sequence of stages that costs least delay and stops over 45 s."

ATTEMPTS: Final = 3
"""So often the search is made again without what the safety rules refused."""


class Lookahead:
    """Plans for one intersection; keeps nothing between decisions."""

    def __init__(self, intersection: Intersection) -> None:
        self._watch = Watch(intersection)
        self._layout = self._watch.layout
        self._knobs = self._layout.knobs()

    def decide(self, view: View) -> Proposal:
        """The stage to show now."""
        outlook = self._watch.look(view)
        if (
            outlook.bound
            and outlook.stage < len(self._layout.stages)
            and outlook.shown not in self._layout.grows
        ):
            return self._checked(view, outlook, held(view, outlook))
        binding = ""
        for _ in range(ATTEMPTS):
            proposal = self._searched(view, outlook, binding)
            verdict = review(view.intersection, outlook.seen, proposal, view.now_ns)
            if not verdict.binding or verdict.serve == proposal.serve:
                return proposal
            binding = verdict.binding
            self._refuse(view, outlook, proposal)
            if not outlook.now.allowed.any():
                break
        return self._checked(view, outlook, proposal)

    def _searched(self, view: View, outlook: Outlook, binding: str) -> Proposal:
        work = self._layout.work()
        best, cost, _ = search(
            outlook.rules, outlook.now, outlook.traffic, work, self._knobs, outlook.stage, BEAM
        )
        return explained(view, outlook, self._layout, work, int(best), float(cost), binding)

    def _refuse(self, view: View, outlook: Outlook, proposal: Proposal) -> None:
        """Take out every stage that the safety rules would not let pass."""
        for i, stage in enumerate(self._layout.stages):
            wish = Proposal(stage, "")
            verdict = review(view.intersection, outlook.seen, wish, view.now_ns)
            if verdict.serve != stage:
                outlook.now.allowed[i] = False

    def _checked(self, view: View, outlook: Outlook, proposal: Proposal) -> Proposal:
        """The proposal, or what the safety rules make of it, with their reason."""
        verdict = review(view.intersection, outlook.seen, proposal, view.now_ns)
        if not verdict.binding or verdict.serve == proposal.serve or not verdict.serve:
            return proposal
        return Proposal(
            verdict.serve, verdict.why, proposal.candidates, proposal.unit, constraint=verdict.binding
        )


def create(intersection: Intersection) -> Lookahead:
    """A strategy for one intersection."""
    return Lookahead(intersection)
