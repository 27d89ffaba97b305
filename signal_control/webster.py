"""Which cycle and splits serve measured flows with least delay?

Uniform delay as Webster (1958) has it; the random and oversaturation part as HCM 2000, eq. 16-11 (Webster's
own has no value at saturation). Lost time of a phase: start-up less what of the yellow is used, which comes
to its yellow and red clearance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from signal_control.model import Intersection, Phase, Plan, Split
from signal_control.stage_plan import green_share, stage_needs, staged

LONGEST_S: Final = 120.0
"""No cycle is longer: pedestrians would not wait for it."""
PERIOD_H: Final = 0.25
LEAST_RATIO: Final = 0.005
"""Every phase is believed to have this flow ratio at least."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a phase or a barrier group needs: green by its flow ratio, lost time, a least length."""

    ratio: float
    lost_s: float
    floor_s: float


def plan_for(intersection: Intersection, flows: Mapping[str, float]) -> Plan:
    """The plan with least delay for `flows` (veh/h by lane), in the sequence of the intersection's own plan.

    Whole seconds of cycle; minimum greens and walks always fit. Flows of unknown lanes are ignored.
    """
    shortest_s = math.ceil(sum(group.floor_s for group in _critical(intersection, flows)))
    longest_s = max(LONGEST_S, shortest_s)
    if longest_s - shortest_s < 1.0:
        return divided(intersection, flows, shortest_s)
    from scipy.optimize import minimize_scalar  # a second of loading, which few programs need

    found = minimize_scalar(
        lambda cycle_s: total_delay(intersection, flows, divided(intersection, flows, float(cycle_s))),
        bounds=(shortest_s, longest_s),
        method="bounded",
        options={"xatol": 0.5, "maxiter": 25},
    )
    return divided(intersection, flows, float(round(min(max(found.x, shortest_s), longest_s))))


def flow_ratio(intersection: Intersection, flows: Mapping[str, float]) -> float:
    """Webster's Y: flow over saturation flow, summed over the critical phases."""
    return sum(group.ratio for group in _critical(intersection, flows))


def total_delay(intersection: Intersection, flows: Mapping[str, float], plan: Plan) -> float:
    """Delay of all lanes under a plan, vehicle seconds per hour."""
    total = 0.0
    for lane in intersection.lanes:
        flow = max(0.0, flows.get(lane.id, 0.0))
        if plan.stages:
            share = green_share(intersection, lane, plan)
        else:
            phase = intersection.phase(lane.phases[0])
            share = (plan.split_s(phase.number) - phase.clearance_s) / plan.cycle_s
        total += flow * delay_s(flow, lane.saturation_veh_h, share, plan.cycle_s)
    return total


def delay_s(flow: float, saturation: float, green_share: float, cycle_s: float) -> float:
    """Mean delay per vehicle, seconds.

    Uniform (Webster 1958) plus incremental (HCM 2000, 16-11, with k = 0.5 and I = 1). Flows are in veh/h.
    """
    capacity = max(1.0, saturation * green_share)
    degree = flow / capacity
    uniform = 0.5 * cycle_s * (1 - green_share) ** 2 / (1 - min(1.0, degree) * green_share)
    excess = degree - 1.0
    root = math.sqrt(excess * excess + 4.0 * degree / (capacity * PERIOD_H))
    return uniform + 900.0 * PERIOD_H * (excess + root)


def divided(intersection: Intersection, flows: Mapping[str, float], cycle_s: float) -> Plan:
    """Splits for a cycle: effective green by flow ratio, among barrier groups and then within each ring (or
    among the plan's stages). `flows` may be anything that green should be proportional to."""
    plan = intersection.plan
    if plan.stages:
        needs = [Need(n.ratio, n.lost_s, n.floor_s) for n in stage_needs(intersection, flows, LEAST_RATIO)]
        return staged(intersection, _divide(cycle_s, dict(enumerate(needs))), cycle_s)
    groups = _groups(intersection, flows)
    lengths = _divide(cycle_s, groups)
    splits: dict[int, float] = {}
    for barrier, length_s in lengths.items():
        for ring in _rings(intersection, barrier):
            splits |= _divide(length_s, {p.number: _need(intersection, flows, p) for p in ring})
    return Plan(
        number=plan.number,
        cycle_s=cycle_s,
        offset_s=plan.offset_s % cycle_s,
        sequence=plan.sequence,
        splits=tuple(Split(phase=n, split_s=round(s, 3)) for n, s in sorted(splits.items())),
    )


def _divide(total_s: float, needs: Mapping[int, Need]) -> dict[int, float]:
    """`total_s` as lost times and, by flow ratio, effective green; nobody gets less than their floor."""
    low: set[int] = set()
    while True:
        free = [n for n in needs if n not in low]
        rest_s = total_s - sum(needs[n].floor_s for n in low) - sum(needs[n].lost_s for n in free)
        ratios = sum(needs[n].ratio for n in free)
        shares = {n: needs[n].lost_s + rest_s * needs[n].ratio / ratios for n in free}
        below = {n for n in free if shares[n] < needs[n].floor_s - 1e-9}
        if not below or len(free) == 1:
            return {n: shares.get(n, need.floor_s) for n, need in needs.items()}
        low |= below if len(below) < len(free) else {min(below)}


def _critical(intersection: Intersection, flows: Mapping[str, float]) -> list[Need]:
    """What must follow one after the other: barrier groups, or the plan's stages."""
    if intersection.plan.stages:
        return [Need(n.ratio, n.lost_s, n.floor_s) for n in stage_needs(intersection, flows, LEAST_RATIO)]
    return list(_groups(intersection, flows).values())


def _groups(intersection: Intersection, flows: Mapping[str, float]) -> dict[int, Need]:
    """What each barrier group needs: as much as its most demanding ring."""
    found = {}
    for barrier in dict.fromkeys(intersection.phase(n).barrier for n in intersection.plan.sequence[0]):
        rings = [[_need(intersection, flows, p) for p in ring] for ring in _rings(intersection, barrier)]
        found[barrier] = Need(
            ratio=max(sum(need.ratio for need in ring) for ring in rings),
            lost_s=max(sum(need.lost_s for need in ring) for ring in rings),
            floor_s=max(sum(need.floor_s for need in ring) for ring in rings),
        )
    return found


def _rings(intersection: Intersection, barrier: int) -> list[list[Phase]]:
    """The phases of each ring between two barriers, in order."""
    rings = [[intersection.phase(n) for n in ring] for ring in intersection.plan.sequence]
    return [[p for p in ring if p.barrier == barrier] for ring in rings]


def _need(intersection: Intersection, flows: Mapping[str, float], phase: Phase) -> Need:
    lanes = [lane for lane in intersection.lanes if lane.phases[0] == phase.number]
    ratio = max((max(0.0, flows.get(lane.id, 0.0)) / lane.saturation_veh_h for lane in lanes), default=0.0)
    least_s = max(phase.min_green_s, phase.ped_s) + phase.clearance_s
    return Need(ratio + LEAST_RATIO, phase.clearance_s, least_s)
