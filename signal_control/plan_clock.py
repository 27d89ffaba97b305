"""Which phases does a coordination plan call for now?"""

from __future__ import annotations

from dataclasses import dataclass

from signal_control.model import Intersection, Plan
from signal_control.view import Candidate, Proposal, named


@dataclass(frozen=True, slots=True)
class Due:
    """Phases due at second `at_s` of a cycle of `cycle_s`; the next of them ends in `left_s` seconds."""

    serve: tuple[int, ...]
    at_s: float
    cycle_s: float
    left_s: float


def due(intersection: Intersection, plan: Plan, now_ns: int) -> Due:
    """The phase each ring is due to show: from the start of its split until its clearance must begin.

    From then on its successor is due, so the change begins on time. At a barrier the rings change together,
    when the longer of their clearances must begin.
    """
    at_s = (now_ns / 1e9 - plan.offset_s) % plan.cycle_s
    if plan.stages:
        return _due_stage(intersection, plan, at_s)
    serve, left_s = [], plan.cycle_s
    for ring in plan.sequence:
        ends = _ends(intersection, plan, ring)
        number, end_s = next(
            ((n, end) for n, end in ends if at_s < end), (ring[0], ends[0][1] + plan.cycle_s)
        )
        serve.append(number)
        left_s = min(left_s, end_s - at_s)
    return Due(tuple(sorted(serve)), at_s, plan.cycle_s, left_s)


def by_plan(now: Due, plan: str) -> Proposal:
    """A proposal that follows a plan; `plan` is its name as the subject of the sentence."""
    reason = (
        f"{plan} is at second {now.at_s:.0f} of {now.cycle_s:.0f}: "
        f"phases {named(now.serve)} are due for another {now.left_s:.0f} s."
    )
    return Proposal(now.serve, reason, (Candidate(now.serve, now.left_s, "due by the clock"),), "s left")


def _due_stage(intersection: Intersection, plan: Plan, at_s: float) -> Due:
    """The same for a plan of stages; phases of the next stage do not clear."""
    end_s = 0.0
    for n, stage in enumerate(plan.stages):
        after = plan.stages[(n + 1) % len(plan.stages)]
        ending = set(stage.phases) - set(after.phases)
        end_s += stage.split_s
        clearance_s = max((intersection.phase(p).clearance_s for p in ending), default=0.0)
        if at_s < end_s - clearance_s:
            return Due(tuple(sorted(stage.phases)), at_s, plan.cycle_s, end_s - clearance_s - at_s)
        if at_s < end_s:
            break
    left_s = end_s - at_s + after.split_s
    return Due(tuple(sorted(after.phases)), at_s, plan.cycle_s, left_s)


def _ends(intersection: Intersection, plan: Plan, ring: tuple[int, ...]) -> list[tuple[int, float]]:
    """When each phase of a ring stops being due, seconds in the cycle."""
    found, start_s = [], 0.0
    for n, number in enumerate(ring):
        start_s += plan.split_s(number)
        barrier, after = (
            intersection.phase(number).barrier,
            intersection.phase(ring[(n + 1) % len(ring)]).barrier,
        )
        lead_s = intersection.phase(number).clearance_s
        if barrier != after:
            lead_s = max(
                intersection.phase(last).clearance_s for last in _last_before(intersection, plan, barrier)
            )
        found.append((number, start_s - lead_s))
    return found


def _last_before(intersection: Intersection, plan: Plan, barrier: int) -> list[int]:
    """The phase with which each ring reaches the end of a barrier group."""
    groups = ([n for n in ring if intersection.phase(n).barrier == barrier] for ring in plan.sequence)
    return [group[-1] for group in groups if group]
