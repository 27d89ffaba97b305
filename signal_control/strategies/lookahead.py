"""Which sequence of stages would cost least over the next minute, and how does it begin?

Every second a beam search plays sequences of stages through a lane-by-lane model of who stands, who arrives
and when (planning/); the first step of the best one is proposed. What the safety rules would refuse is not a
choice: the search is made again without it. Nothing is kept between decisions: what has to be remembered
(lanes that do not get away, learned saturation flows, who waits since when) is part of the view, so that a
stored view gives the same proposal again.
"""

from __future__ import annotations

from typing import Final

from msgspec import structs

from signal_control.estimates import estimates_of
from signal_control.model import Intersection
from signal_control.plan_clock import by_plan, due
from signal_control.planning.arrays import Knobs
from signal_control.planning.explain import explained, held
from signal_control.planning.layout import BEAM
from signal_control.planning.lights import situation
from signal_control.planning.outlook import Lights, Outlook, Watch
from signal_control.planning.regime import STOP, Regime, because, gates, regime_of, within
from signal_control.planning.warm import warm
from signal_control.safety import Verdict, review
from signal_control.situation import Situation
from signal_control.strategies.actuated import Actuated
from signal_control.view import Proposal, View
from signal_control.view import create as create_strategy

NAME = "lookahead"
STAND_INS = ("max_wave", "actuated")
"""Who decides when the planner fails; both keep nothing and need little."""
ASKED: Final = 4
"""So often the safety rules are asked what they want."""
DOC = "Every second the first step of the sequence of stages that costs least delay and stops over a minute."


class Lookahead:
    """Plans for one intersection; keeps nothing between decisions."""

    def __init__(self, intersection: Intersection) -> None:
        self._watch = Watch(intersection)
        self._layout = self._watch.layout
        self._knobs = self._layout.knobs()
        self._lead_s = intersection.longest_lead_s
        self._actuated = Actuated(intersection)
        self._search = warm(self._layout)

    def decide(self, view: View) -> Proposal:
        """The stage to show now; should planning fail, what max wave or actuated control would show."""
        try:
            return self._planned(view)
        except Exception as fault:  # the street needs green whatever the planner stumbles over
            return _stood_in(view, fault)

    def _planned(self, view: View) -> Proposal:
        health = estimates_of(view.queues).health
        if health.count("blind") == len(health):
            plan = view.intersection.plan
            name = f"No detector can be trusted, so plan {plan.number}"
            proposal, seen = by_plan(due(view.intersection, plan, view.now_ns), name), situation(view)
            verdict = review(view.intersection, seen, proposal, view.now_ns)
            return proposal if verdict.serve == proposal.serve else _told(view, seen, proposal, verdict)
        regime = regime_of(view)
        if regime.name == "quiet":
            proposal = self._actuated.decide(view)
            if within(view, proposal):
                return because(regime, proposal)
        return because(regime, self._weighed(view, regime), gates(view))

    def _weighed(self, view: View, regime: Regime) -> Proposal:
        lights, layout = self._watch.lights(view), self._layout
        if lights.stage < len(layout.stages) and lights.shown not in layout.grows and lights.bound_s > 0.0:
            return self._obliged(view, lights, held(view, lights))
        outlook = self._watch.look(view, lights, regime.weights)
        knobs = self._knobs._replace(stop=STOP) if regime.name == "oversaturated" else self._knobs
        proposal = self._searched(view, outlook, "", knobs)
        times = lights.times
        at_ease = min(times.due_s) > self._lead_s and min(times.limit_s) > 0.0
        if at_ease and lights.stage < len(layout.stages):
            return proposal
        return self._within_rules(view, outlook, proposal, knobs)

    def _searched(self, view: View, outlook: Outlook, binding: str, knobs: Knobs) -> Proposal:
        work = self._layout.work()
        rules, now, traffic = outlook.rules, outlook.now, outlook.traffic
        best, cost, _ = self._search(rules, now, traffic, work, knobs, outlook.lights.stage, BEAM)
        return explained(view, outlook, self._layout, work, int(best), float(cost), binding)

    def _within_rules(self, view: View, outlook: Outlook, proposal: Proposal, knobs: Knobs) -> Proposal:
        """The proposal if the safety rules let it pass, else the best of what they do let pass."""
        seen = outlook.lights.seen
        verdict = review(view.intersection, seen, proposal, view.now_ns)
        if verdict.serve == proposal.serve:
            return proposal
        allowed = outlook.now.allowed
        for i, stage in enumerate(self._layout.stages):
            wish = review(view.intersection, seen, Proposal(stage, ""), view.now_ns)
            allowed[i] = wish.serve == stage
        if allowed.any():
            again = self._searched(view, outlook, verdict.binding, knobs)
            if review(view.intersection, seen, again, view.now_ns).serve == again.serve:
                return again
        return _told(view, seen, proposal, verdict)

    def _obliged(self, view: View, lights: Lights, proposal: Proposal) -> Proposal:
        """What is under way, unless somebody has waited for so long that the safety rules break it off."""
        waits = *lights.seen.veh_waiting.values(), *lights.seen.ped_waiting.values()
        latest_ns = view.now_ns + int(self._lead_s * 1e9)
        if not waits or min(waits) + view.intersection.shortest_wait_ns > latest_ns:
            return proposal
        verdict = review(view.intersection, lights.seen, proposal, view.now_ns)
        return _told(view, lights.seen, proposal, verdict)


def _told(view: View, seen: Situation, proposal: Proposal, verdict: Verdict) -> Proposal:
    """What the safety rules want in place of a proposal, if anything; the candidates remain.

    What they want is asked about again, for how soon the next one can be served depends on who is served now.
    """
    found = proposal
    for _ in range(ASKED):
        if not verdict.serve or verdict.serve == found.serve:
            break
        found = structs.replace(
            proposal, serve=verdict.serve, reason=verdict.why, constraint=verdict.binding, plan=()
        )
        verdict = review(view.intersection, seen, found, view.now_ns)
    return found


def _stood_in(view: View, fault: Exception) -> Proposal:
    """What the first of STAND_INS that does not fail proposes."""
    for name in STAND_INS:
        try:
            found = create_strategy(name, view.intersection).decide(view)
        except Exception:  # the next one may manage; if none does, the planner's own fault is told
            continue
        reason = f"The planner failed with {type(fault).__name__}, so {name} decides: {found.reason}"
        return Proposal(found.serve, reason, found.candidates, found.unit, "planner_failed")
    raise fault


def create(intersection: Intersection) -> Lookahead:
    """A strategy for one intersection."""
    return Lookahead(intersection)
