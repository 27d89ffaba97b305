"""Does what is said of an intersection fit together? Every fault is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from signal_control.model.overlaps import overlap_faults
from signal_control.model.plans import FREE, Plan

if TYPE_CHECKING:
    from signal_control.model.intersection import Intersection


def faults(x: Intersection) -> list[str]:
    """Everything that is wrong, in the order in which a reader meets it."""
    found = [*_double_names(x), *_dangling(x), *_overlaps(x)]
    if x.declared_stages:
        found += _stage_faults(x)
    for plan in x.every_plan:
        word = "plan" if len(x.every_plan) == 1 else f"plan {plan.number}"
        of_plan = _staged_plan_faults if x.declared_stages else _plan_faults
        found += of_plan(x, plan, word)
    return [*found, *_schedule_faults(x)]


def _double_names(x: Intersection) -> Iterator[str]:
    for title, names in (
        ("phase", [str(p.number) for p in x.phases]),
        ("lane", [lane.id for lane in x.lanes]),
        ("detector channel", [str(d.channel) for d in x.detectors]),
        ("overlap", [str(o.number) for o in x.overlaps]),
        ("plan", [str(p.number) for p in x.plans]),
    ):
        twice = sorted({n for n in names if names.count(n) > 1})
        yield from (f"{title} {n} is declared twice" for n in twice)


def _dangling(x: Intersection) -> Iterator[str]:
    numbers = {p.number for p in x.phases}
    lanes = {lane.id for lane in x.lanes}
    there = ", ".join(str(n) for n in sorted(numbers))
    for lane in x.lanes:
        for n in lane.phases:
            if n not in numbers:
                yield f"lane {lane.id} names phase {n}, which does not exist; there are: {there}"
    for d in x.detectors:
        if d.lane not in lanes:
            names = ", ".join(sorted(lanes))
            yield f"detector {d.channel} lies on lane '{d.lane}', which does not exist; there are: {names}"
    for lane in x.lanes:
        for n in lane.service:
            if n not in lane.phases:
                served = ", ".join(map(str, lane.phases))
                yield (
                    f"lane {lane.id} tells the service of phase {n}, which does not serve it; "
                    f"its phases are: {served}"
                )
        for joint in lane.together:
            if not set(joint.phases) <= numbers or not set(joint.phases) & set(lane.phases):
                yield (
                    f"lane {lane.id} tells its service under phases {joint.phases}, "
                    "of which one does not exist, or none serves it"
                )
    for lane in x.lanes:
        if sum(lane.to.values()) > 1.001:
            yield f"lane {lane.id} sends more than 100 % downstream"


def _overlaps(x: Intersection) -> Iterator[str]:
    yield from overlap_faults(x.overlaps, [p.number for p in x.phases])
    there = {o.number: o for o in x.overlaps}
    for lane in x.lanes:
        if lane.overlap is None:
            continue
        if lane.overlap not in there:
            numbers = ", ".join(map(str, sorted(there))) or "none"
            yield f"lane {lane.id} obeys overlap {lane.overlap}, which does not exist; there are: {numbers}"
        elif set(lane.phases) != set(there[lane.overlap].included):
            included = list(there[lane.overlap].included)
            yield f"lane {lane.id} obeys overlap {lane.overlap}; its phases must be those of it, {included}"


def _stage_faults(x: Intersection) -> Iterator[str]:
    """Stages of known phases with a ring each; no phase without a stage."""
    there = {p.number: p.ring for p in x.phases}
    for stage in x.declared_stages:
        if not set(stage) <= there.keys():
            yield f"declared stage {stage} names a phase that does not exist; there are: {sorted(there)}"
        elif len({there[n] for n in stage}) != len(stage):
            yield f"declared stage {stage} has two phases in one ring"
    unserved = sorted(there.keys() - {n for stage in x.declared_stages for n in stage})
    yield from (f"phase {n} is in no declared stage" for n in unserved)


def _staged_plan_faults(x: Intersection, plan: Plan, word: str) -> Iterator[str]:
    """A plan of declared stages that fills its cycle."""
    if plan.sequence or plan.splits:
        yield f"declared_stages go with {word}.stages, not with {word}.sequence and {word}.splits"
    known = {frozenset(stage) for stage in x.declared_stages}
    strange = [s.phases for s in plan.stages if frozenset(s.phases) not in known]
    yield from (f"{word}.stages names {phases}, which is no declared stage" for phases in strange)
    filled_s = sum(stage.split_s for stage in plan.stages)
    if abs(filled_s - plan.cycle_s) > 0.05:
        yield f"{word}.stages sum to {filled_s:g} s, the cycle is {plan.cycle_s:g} s"


def _plan_faults(x: Intersection, plan: Plan, word: str) -> list[str]:
    """A plan of rings with every phase once, each with time enough."""
    numbers = sorted(p.number for p in x.phases)
    planned = [n for ring in plan.sequence for n in ring]
    if sorted(planned) != numbers:
        return [f"{word}.sequence must name every phase once; it names {planned}, there are {numbers}"]
    found = []
    for phase in x.phases:
        split = next((s.split_s for s in plan.splits if s.phase == phase.number), None)
        if split is None:
            found.append(f"{word}.splits has no split for phase {phase.number}")
        elif split < phase.need_s - 1e-6:
            found.append(
                f"{word} split of phase {phase.number} is {split:g} s, but "
                f"minimum green or walk and clearances need {phase.need_s:g} s"
            )
    return found or list(_ring_sums(x, plan, word))


def _ring_sums(x: Intersection, plan: Plan, word: str) -> Iterator[str]:
    """Every ring must cross each barrier at the same time and fill the cycle."""
    groups = []
    for ring in plan.sequence:
        crossed: dict[int, float] = {}
        for number in ring:
            barrier = x.phase(number).barrier
            crossed[barrier] = crossed.get(barrier, 0.0) + plan.split_s(number)
        filled_s = sum(crossed.values())
        if abs(filled_s - plan.cycle_s) > 0.05:
            yield f"{word}: splits of ring {ring} sum to {filled_s:g} s, the cycle is {plan.cycle_s:g} s"
        groups.append(crossed)
    if any(abs(group.get(b, 0.0) - groups[0].get(b, 0.0)) > 0.05 for group in groups for b in groups[0]):
        yield f"{word}: rings reach a barrier at different times: {groups}"


def _schedule_faults(x: Intersection) -> Iterator[str]:
    """A schedule of plans that exist; rings keep their phases in every plan."""
    numbers = {plan.number for plan in x.every_plan}
    if x.plans and x.plan.number not in {plan.number for plan in x.plans}:
        yield f"plan {x.plan.number} is not among plans; leave `plan` out, or `plans`"
    for n, change in enumerate(x.schedule, 1):
        if change.plan == FREE and x.declared_stages:
            yield f"schedule.{n}: declared_stages need a plan; there is no free operation of stages"
        elif change.plan != FREE and change.plan not in numbers:
            there = ", ".join(map(str, sorted(numbers)))
            yield f"schedule.{n} names plan {change.plan}, which does not exist; there are: {there}, free"
    if x.free and x.declared_stages:
        yield "free: declared_stages need a plan; there is no free operation of stages"
