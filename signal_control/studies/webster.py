"""What would Webster's cycle and splits do with the traffic that was counted? (What-if without simulation.)

Flows by the stop-bar detectors over the stretch of time, against the intersection's own plan. The delays are
those the formulas expect of each plan (`signal_control.webster`), not measured ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from signal_control.eventlog import SECOND_NS, Channels, Log
from signal_control.events import DETECTOR_ON
from signal_control.model import Intersection, Lane, Plan
from signal_control.street import Site, Stop
from signal_control.webster import delay_s, plan_for

NEEDS: Final = (DETECTOR_ON,)
DETECTORS: Final = ""
STREET: Final = False


class Webster(NamedTuple):
    """A phase under its own plan and under Webster's: split and cycle in seconds, degree of saturation X of
    its busiest lane, and the delay in seconds per vehicle that the formulas expect of its lanes."""

    phase: int
    volume_veh_h: float
    cycle_s: float
    split_s: float
    saturation: float
    delay_s: float
    webster_cycle_s: float
    webster_split_s: float
    webster_saturation: float
    webster_delay_s: float


def webster(
    sites: Sequence[Site], stops: Sequence[Stop], channels: Mapping[str, Channels], span: tuple[int, int]
) -> list[Webster]:
    """Each phase with lanes, ascending. Empty when no stop detector counted anything.

    Raises ValueError for an intersection that runs declared stages: it has no splits of phases.
    """
    (site,) = sites
    x, flows = site.intersection, lane_flows(site.intersection, site.log, span)
    if x.declared_stages:
        raise ValueError(f"{x.id} runs stages, not phases in rings: there are no splits to compare")
    if not any(flows.values()):
        return []
    best = plan_for(x, flows)
    rows = []
    for number in sorted({lane.phases[0] for lane in x.lanes}):
        lanes = [lane for lane in x.lanes if lane.phases[0] == number]
        volume = sum(flows[lane.id] for lane in lanes)
        now, then = (_under(x, plan, lanes, flows) for plan in (x.plan, best))
        rows.append(Webster(number, volume, *now, *then))
    return rows


def lane_flows(x: Intersection, log: Log, span: tuple[int, int]) -> dict[str, float]:
    """Vehicles per hour over the stop line of each lane; 0 for a lane without a stop detector."""
    hours = (span[1] - span[0]) / SECOND_NS / 3600.0
    flows = {lane.id: 0.0 for lane in x.lanes}
    for detector in x.detectors:
        if detector.role == "stop":
            at = log.only((DETECTOR_ON,), (detector.channel,)).at_ns
            flows[detector.lane] += float(((at >= span[0]) & (at < span[1])).sum()) / hours
    return flows


def _under(
    x: Intersection, plan: Plan, lanes: Sequence[Lane], flows: Mapping[str, float]
) -> tuple[float, float, float, float]:
    """Cycle, split, worst degree of saturation and mean delay of the lanes of one phase."""
    split_s, waited, worst = plan.split_s(lanes[0].phases[0]), 0.0, 0.0
    for lane in lanes:
        phase = x.phase(lane.phases[0])
        share = max(0.01, (split_s - phase.clearance_s) / plan.cycle_s)
        waited += flows[lane.id] * delay_s(flows[lane.id], lane.saturation_veh_h, share, plan.cycle_s)
        worst = max(worst, flows[lane.id] / (lane.saturation_veh_h * share))
    total = sum(flows[lane.id] for lane in lanes)
    return plan.cycle_s, split_s, worst, waited / total if total else 0.0
