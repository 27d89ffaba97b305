"""How is a cycle divided among declared stages, and what delay does that give? (Webster's rule by stages.)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signal_control.model import Intersection, Lane, Plan, PlanStage


@dataclass(frozen=True, slots=True)
class StageNeed:
    """What a stage of the plan needs: green by its flow ratio, lost time, a least length."""

    ratio: float
    lost_s: float
    floor_s: float


def stage_needs(
    intersection: Intersection, flows: Mapping[str, float], least_ratio: float
) -> list[StageNeed]:
    """The needs of the plan's stages in their order; a lane of several stages asks each for an equal part."""
    stages = intersection.plan.stages
    needs = []
    for n, stage in enumerate(stages):
        after = stages[(n + 1) % len(stages)].phases
        ending = [intersection.phase(p) for p in stage.phases if p not in after]
        lost_s = max((p.clearance_s for p in ending), default=0.0)
        fresh = [intersection.phase(p) for p in stage.phases if p not in stages[n - 1].phases]
        held_s = max((max(p.min_green_s, p.ped_s) for p in fresh), default=1.0)
        ratios = [_ratio(intersection, lane, stage, flows) for lane in intersection.lanes]
        needs.append(StageNeed(max(ratios, default=0.0) + least_ratio, lost_s, held_s + lost_s))
    return needs


def staged(intersection: Intersection, lengths_s: Mapping[int, float], cycle_s: float) -> Plan:
    """The intersection's plan with other lengths, by the place of the stage."""
    plan = intersection.plan
    stages = tuple(
        PlanStage(phases=stage.phases, split_s=round(lengths_s[n], 3)) for n, stage in enumerate(plan.stages)
    )
    return Plan(number=plan.number, cycle_s=cycle_s, offset_s=plan.offset_s % cycle_s, stages=stages)


def green_share(intersection: Intersection, lane: Lane, plan: Plan) -> float:
    """The part of the cycle in which a lane goes, at its rate of service."""
    green_s = 0.0
    for n, stage in enumerate(plan.stages):
        after = plan.stages[(n + 1) % len(plan.stages)].phases
        ending = [intersection.phase(p).clearance_s for p in stage.phases if p not in after]
        green_s += rate(lane, stage.phases) * max(0.0, stage.split_s - max(ending, default=0.0))
    return green_s / plan.cycle_s


def rate(lane: Lane, phases: tuple[int, ...]) -> float:
    """Share of its saturation flow at which a lane goes under these phases; 0 when none serves it."""
    return lane.rate(phases)


def _ratio(intersection: Intersection, lane: Lane, stage: PlanStage, flows: Mapping[str, float]) -> float:
    serving = sum(rate(lane, other.phases) > 0 for other in intersection.plan.stages)
    here = rate(lane, stage.phases)
    if not here:
        return 0.0
    return max(0.0, flows.get(lane.id, 0.0)) / (lane.saturation_veh_h * here * serving)
