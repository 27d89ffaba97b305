"""What delay and capacity do measured volumes meet under a plan, by the Highway Capacity Manual?

Fixed-time operation of the plan, lane by lane: effective green is the split less yellow and red clearance (of
every phase that serves the lane, at the share of the saturation flow it serves it with), k = 0.5, I = 1, a
quarter of an hour (HCM 6, 19-18 and 19-19). Volumes are those that detectors counted at the stop line, or, on
lanes without one, farther back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from signal_control.eventlog import Ints
from signal_control.hcm import Delay, LaneGroup, control_delay, level_of_service
from signal_control.measures.turning_movement_counts import turning_movement_counts
from signal_control.model import Intersection, Lane, Plan
from signal_control.stage_plan import green_share
from signal_control.webster import plan_for

QUARTERS_H: Final = 4
_LEAST_GREEN_S: Final = 0.1


def volumes(x: Intersection, at_ns: Ints, code: Ints, param: Ints) -> tuple[dict[str, float], int]:
    """Vehicles per hour by lane in the busiest quarter of an hour of all lanes together, and its begin (ns).

    Empty, and 0, when nothing was counted.
    """
    channels = {n: own for n, lane in enumerate(x.lanes) if (own := _counters(x, lane))}
    cells = turning_movement_counts(at_ns, code, param, channels)
    totals: dict[int, int] = {}
    for cell in cells:
        totals[cell.start_ns] = totals.get(cell.start_ns, 0) + cell.vehicles
    if not totals:
        return {}, 0
    peak_ns = max(totals, key=lambda start: (totals[start], -start))
    found = {x.lanes[n].id: 0.0 for n in channels}
    found |= {x.lanes[c.movement].id: c.veh_h for c in cells if c.start_ns == peak_ns}
    return found, peak_ns


def effects(x: Intersection, plan: Plan, flows: Mapping[str, float]) -> dict[str, Any]:
    """Delay, capacity and level of service of each lane, and of all vehicles together."""
    lanes = {lane.id: _lane(x, lane, plan, flows[lane.id]) for lane in x.lanes if lane.id in flows}
    return {
        "plan": plan.number,
        "cycle_s": plan.cycle_s,
        "lanes": {name: _told(delay, green_s, s) for name, (delay, green_s, s) in lanes.items()},
        **_together(lanes, flows),
    }


def advised(x: Intersection, flows: Mapping[str, float]) -> dict[str, Any]:
    """The plan of least delay for these volumes (Webster), and what it would do."""
    plan = plan_for(x, flows)
    told = effects(x, plan, flows)
    splits = {str(s.phase): round(s.split_s, 1) for s in plan.splits}
    return {**told, "splits": splits, "stages": [round(s.split_s, 1) for s in plan.stages]}


def _counters(x: Intersection, lane: Lane) -> list[int]:
    """The detectors that count a lane: those at the stop line, else the advance ones."""
    for role in ("stop", "advance"):
        found = [d.channel for d in x.detectors if d.lane == lane.id and d.role == role]
        if found:
            return found
    return []


def _lane(x: Intersection, lane: Lane, plan: Plan, flow: float) -> tuple[Delay, float, float]:
    green_s = min(plan.cycle_s, max(_LEAST_GREEN_S, _green_s(x, lane, plan)))
    group = LaneGroup(flow, lane.saturation_veh_h, green_s)
    return control_delay(group, plan.cycle_s), green_s, lane.saturation_veh_h * green_s / plan.cycle_s


def _green_s(x: Intersection, lane: Lane, plan: Plan) -> float:
    if plan.stages:
        return green_share(x, lane, plan) * plan.cycle_s
    return sum((plan.split_s(n) - x.phase(n).clearance_s) * lane.service.get(n, 1.0) for n in lane.phases)


def _told(delay: Delay, green_s: float, capacity: float) -> dict[str, Any]:
    return {
        "green_s": round(green_s, 1),
        "capacity_veh_h": round(capacity),
        "x": round(delay.saturation, 3),
        "delay_s": round(delay.total_s, 1),
        "grade": delay.grade,
    }


def _together(lanes: Mapping[str, tuple[Delay, float, float]], flows: Mapping[str, float]) -> dict[str, Any]:
    """The mean over vehicles, the highest degree of saturation, and the grade of the mean."""
    vehicles = sum(flows[name] for name in lanes)
    if vehicles <= 0:
        return {"delay_s": None, "x": None, "grade": None}
    delay_s = sum(flows[name] * delay.total_s for name, (delay, _, _) in lanes.items()) / vehicles
    worst = max(delay.saturation for delay, _, _ in lanes.values())
    return {"delay_s": round(delay_s, 1), "x": round(worst, 3), "grade": level_of_service(delay_s)}
