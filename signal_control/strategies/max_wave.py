"""Which stage has most vehicles before it, with enough of a lead to be worth a change?

Vehicles queued and about to arrive are added up over the lanes a stage lets go; another stage takes over when
it has LEAD times as many. Simple and quick to react, and so the strategy that stands in when the planner
cannot plan. Maximum green and lanes that do not get away although green are minded: without these two the
rule locks up networks.
"""

from __future__ import annotations

from typing import Final

from signal_control.gaps import changing, waiting
from signal_control.model import Intersection
from signal_control.view import Candidate, Proposal, View, named

NAME = "max_wave"
DOC = "Every second the stage with most vehicles before it, once it has twice as many as the one shown."
UNIT = "veh"

LEAD: Final = 2.0
FULL_VEH: Final = 2.0
"""Downstream room below this stops the flow into a link."""
CALL_VEH: Final = 0.5
"""A call counts as this much at least."""


class MaxWave:
    """Keeps nothing between decisions."""

    def __init__(self, intersection: Intersection) -> None:
        self._stages = intersection.stages()
        self._lanes = {
            stage: tuple(x for x in intersection.lanes if set(x.phases) & set(stage))
            for stage in self._stages
        }

    def decide(self, view: View) -> Proposal:
        """The stage to show now."""
        waves = {stage: self._wave(view, stage) for stage in self._stages}
        ranked = sorted(self._stages, key=lambda stage: (-waves[stage], stage))
        candidates = tuple(Candidate(stage, round(waves[stage], 2)) for stage in ranked)
        if changing(view):
            reason = f"The change to phases {named(view.serving)} is under way and is completed."
            return Proposal(view.serving, reason, candidates, UNIT)
        greens, spent = set(view.green_since_ns), _spent(view)
        stays = max(
            (s for s in self._stages if greens and greens <= set(s)), key=waves.__getitem__, default=()
        )
        fresh = [s for s in ranked if not spent & set(s)]
        best = fresh[0] if fresh else ranked[0]
        if not stays or (spent & set(stays) and fresh):
            why = "the green before has reached its maximum" if stays else "nothing else is green"
            reason = f"Phases {named(best)} have {waves[best]:.1f} veh before them, and {why}."
            return Proposal(best, reason, candidates, UNIT)
        if waves[best] > LEAD * waves[stays] and best != stays:
            reason = (
                f"Phases {named(best)} take over: {waves[best]:.1f} veh before them are more than "
                f"{LEAD:g} times the {waves[stays]:.1f} veh of {named(stays)}."
            )
            return Proposal(best, reason, candidates, UNIT)
        reason = f"Phases {named(stays)} stay with {waves[stays]:.1f} veh; no other stage has twice as many."
        return Proposal(stays, reason, candidates, UNIT)

    def _wave(self, view: View, stage: tuple[int, ...]) -> float:
        total = 0.0
        for lane in self._lanes[stage]:
            queue = view.queues.get(lane.id)
            if queue is not None and (lane.id, stage) not in view.unserved and _has_room(view, lane.to):
                total += lane.weight * (queue.vehicles + queue.moving)
        calls = {*view.state.veh_calls, *view.state.ped_calls} & set(stage)
        return max(total, CALL_VEH * len(calls))


def _has_room(view: View, to: dict[str, float]) -> bool:
    """Whether the links that most of a lane's traffic enters can take it."""
    return all(
        view.downstream[link].storage_veh >= FULL_VEH
        for link, share in to.items()
        if share > 0.5 and link in view.downstream
    )


def _spent(view: View) -> set[int]:
    """Greens at their maximum while somebody in conflict with them waits."""
    calls = waiting(view)
    return {
        p
        for p, since_ns in view.green_since_ns.items()
        if (view.now_ns - since_ns) / 1e9 >= view.intersection.phase(p).max_green_s
        and any(not view.intersection.compatible(p, c) for c in calls)
    }


def create(intersection: Intersection) -> MaxWave:
    """A strategy without memory."""
    return MaxWave(intersection)
