"""What does the search's answer mean to a traffic engineer?"""

from __future__ import annotations

from collections.abc import Iterable

from signal_control.estimates import estimates_of
from signal_control.estimation.told import QUEUED
from signal_control.planning.arrays import NEVER, Work
from signal_control.planning.layout import HORIZON_S, Layout
from signal_control.planning.outlook import Lights, Outlook
from signal_control.view import Candidate, Proposal, Step, View, named

UNIT = f"veh s of delay and stops in {HORIZON_S} s"


def held(view: View, lights: Lights) -> Proposal:
    """Nothing can be changed now: what is shown is held, or a change is under way."""
    shown = lights.shown
    if not view.green_since_ns.keys() >= {*shown}:
        reason = f"The change to phases {named(shown)} is under way and is completed."
        return Proposal(shown, reason, (Candidate(shown, 0.0, "under way"),), UNIT, "clearance")
    reason = f"Phases {named(shown)} are held for another {lights.bound_s:.0f} s of minimum green or walk."
    return Proposal(shown, reason, (Candidate(shown, 0.0, "held"),), UNIT, "min_green")


def explained(
    view: View, outlook: Outlook, layout: Layout, work: Work, best: int, cost: float, binding: str
) -> Proposal:
    """The answer with every stage that was weighed, what it would cost, and the plan it begins."""
    stages = layout.stages
    serve = stages[best] if best < len(stages) else outlook.lights.shown or _first_clear(outlook, layout)
    costs: list[float] = work.found.tolist()
    found = [(cost, stage) for cost, stage in zip(costs, stages, strict=False) if cost < NEVER]
    found.sort()
    queued = _queued(view, layout, {serve, *[stage for _, stage in found]})
    candidates = tuple([Candidate(stage, round(cost, 2), queued[stage]) for cost, stage in found])
    candidates = candidates or (Candidate(serve, 0.0, "no sequence was found"),)
    constraint = binding or _limit(outlook)
    plan = _plan(work, stages)
    reason = _reason(queued[serve], outlook, serve, cost, found, constraint, plan)
    return Proposal(serve, reason, candidates, UNIT, constraint, plan)


def _reason(
    queued: str, outlook: Outlook, serve: tuple[int, ...], cost: float,
    found: list[tuple[float, tuple[int, ...]]], constraint: str, plan: tuple[Step, ...],
) -> str:  # fmt: skip
    lights, shown = outlook.lights, outlook.lights.shown
    if not shown and not found:
        return f"Phases {named(serve)} are cleared first; nothing else can begin before."
    if serve == shown:
        other = next((cheapest for cheapest in found if cheapest[1] != serve), None)
        waiting = () if other else _waiting(lights)
        if cost <= 0.005 or not (other or waiting):
            return f"Phases {named(serve)} stay: nobody else needs green now."
        if other is None:
            return f"Phases {named(serve)} stay{_bound(lights)}; {named(waiting)} must wait."
        value, stage = other
        then = next((step for step in plan if step.serve != serve), None)
        until = f"; {named(then.serve)} is planned in {then.in_s:.0f} s" if then else ""
        return (
            f"Phases {named(serve)} stay: going to {named(stage)} now would cost {value - cost:.1f} veh s "
            f"more in the next {HORIZON_S} s{until}."
        )
    begin = f"Phases {named(serve)} follow {named(shown)} with {queued}"
    stay = next((value for value, stage in found if stage == shown), None)
    if stay is not None:
        return f"{begin}: staying would cost {stay - cost:.1f} veh s more in the next {HORIZON_S} s."
    if constraint:
        return f"{begin}, because the present green must end ({constraint.replace('_', ' ')})."
    return f"{begin}, which costs least of all that may be shown next."


def _waiting(lights: Lights) -> tuple[int, ...]:
    """Phases for which somebody waits, but for those shown."""
    calls = lights.seen.veh_waiting.keys() | lights.seen.ped_waiting.keys()
    return tuple(sorted(calls - set(lights.shown)))


def _bound(lights: Lights) -> str:
    """Why nothing else can begin: phases that are shown, or will be, and may not end yet."""
    free_s = lights.times.free_s
    bound = [p for p, place in zip(lights.shown, lights.places, strict=False) if free_s[place] > 0.0]
    if not bound:
        return ", which costs least"
    return f" until the shortest green or walk of {named(tuple(bound))} is over"


def _first_clear(outlook: Outlook, layout: Layout) -> tuple[int, ...]:
    """The stage whose phases are all out of their clearance first."""
    gone_s = outlook.lights.times.gone_s
    return min(layout.stages, key=lambda stage: (max(gone_s[layout.place[p]] for p in stage), stage))


def _limit(outlook: Outlook) -> str:
    """What forbids to stay, or ""."""
    lights = outlook.lights
    limit_s = lights.times.limit_s
    return "max_green" if min([limit_s[p] for p in lights.places], default=NEVER) <= 0.0 else ""


def _plan(work: Work, stages: tuple[tuple[int, ...], ...]) -> tuple[Step, ...]:
    """The best sequence, without repetitions."""
    steps: list[Step] = []
    for stage, second in reversed(_path(work)):
        serve = stages[stage] if stage < len(stages) else ()
        if serve and (not steps or steps[-1].serve != serve):
            steps.append(Step(serve, float(second)))
    return tuple(steps)


def _path(work: Work) -> list[list[int]]:
    """Changes to stages and the seconds they were chosen at, the last one first."""
    stages: list[int] = work.path[:, 0].tolist()
    steps: list[list[int]] = work.path[: stages.index(-1)].tolist()
    return steps


def _queued(view: View, layout: Layout, stages: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], str]:
    """How many stand on the lanes of these stages that are red now (on all of them, if none is)."""
    red, seen, found = view.green_since_ns.keys().isdisjoint, estimates_of(view.queues), {}
    places, rows = seen.places, seen.rows
    for stage in stages:
        waiting_veh, all_veh, waits = 0.0, 0.0, False
        for name, phases in layout.lanes_of.get(stage, ()):
            queued_veh = rows[places[name]][QUEUED] if name in places else 0.0
            all_veh += queued_veh
            if red(phases):
                waiting_veh, waits = waiting_veh + queued_veh, True
        found[stage] = f"{waiting_veh if waits else all_veh:.1f} veh queued"
    return found
