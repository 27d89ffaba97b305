"""Which rules stand between a proposal and the street?

Each rule is one function: it returns None when the answer so far satisfies it, or a Finding with another one.
Its name is the name of the rule. They are asked in the order of RULES: is there a cabinet to command, is the
proposal sound, who has waited long enough, what must not be cut (these last, so that nothing overrides them).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from signal_control.model import Phase
from signal_control.safety_case import (
    Case,
    Finding,
    Rule,
    Serve,
    compatible,
    is_green,
    keeping,
    one_per_ring,
    stage_with,
)
from signal_control.safety_times import (
    Bound,
    deadline_ns,
    earliest_ns,
    lead_ns,
    min_green_of,
    ped_clear_of,
    waits_since,
    walk_of,
)
from signal_control.situation import Color, Light
from signal_control.view import named

MAX_STATE_AGE_S: Final = 5.0
"""An older report of the lights is no ground for a command."""


def mode(case: Case) -> Finding | None:
    """A cabinet in flash or offline is not commanded."""
    reported = case.situation.mode
    return None if reported in ("remote", "local") else Finding((), f"The cabinet is in mode {reported}.")


def stale(case: Case) -> Finding | None:
    """No command on a report that is too old, or from a clock that runs ahead."""
    age_s = case.elapsed_s(case.situation.at_ns)
    if abs(age_s) <= MAX_STATE_AGE_S:
        return None
    return Finding(
        (), f"The last report of the lights is {age_s:.1f} s old; {MAX_STATE_AGE_S:g} s are allowed."
    )


def fault(case: Case) -> Finding | None:
    """A cabinet that reports conflicting greens is broken: leave it to its conflict monitor."""
    greens = case.shown
    apart, together = case.intersection.soundness(greens)
    if not (apart and together):
        return Finding((), f"The cabinet reports conflicting greens {named(greens)}.")
    for overlap in case.intersection.overlaps:
        rivals = tuple(p for p in greens if p in case.intersection.against(overlap))
        if rivals and is_green(case.situation.overlaps, overlap.number):
            return Finding((), f"The cabinet reports overlap {overlap.letter} green beside {named(rivals)}.")
    return None


def finite(case: Case) -> Finding | None:
    """A strategy that computed NaN or infinity does not decide."""
    for candidate in case.proposal.candidates:
        if not math.isfinite(candidate.score):
            return Finding(case.shown, "The strategy's scores are not finite numbers, so nothing changes.")
    return None


def known(case: Case) -> Finding | None:
    """Only phases of this intersection, and at least one."""
    serve = case.serve
    if 0 < len(serve) == len(case.intersection.numbers.intersection(serve)):
        return None
    unknown = tuple([p for p in serve if p not in case.intersection.numbers])
    what = f"Phases {unknown} do not exist" if unknown else "No phase, or one twice, is proposed"
    return Finding(case.shown, f"{what}, so nothing changes.")


def ring(case: Case) -> Finding | None:
    """A ring shows one phase at a time."""
    if one_per_ring(case.intersection, case.serve):
        return None
    return Finding(case.shown, f"Phases {named(case.serve)} share a ring, so nothing changes.")


def conflict(case: Case) -> Finding | None:
    """Conflicting phases are never served together."""
    if compatible(case.intersection, case.serve):
        return None
    return Finding(case.shown, f"Phases {named(case.serve)} conflict, so nothing changes.")


def max_wait(case: Case) -> Finding | None:
    """A called phase is green within its max_wait_s."""
    return _serve_overdue(case, case.situation.veh_waiting, "Vehicles for")


def ped_wait(case: Case) -> Finding | None:
    """A pedestrian call is answered within the phase's max_wait_s."""
    return _serve_overdue(case, case.situation.ped_waiting, "Pedestrians for")


def max_green(case: Case) -> Finding | None:
    """A green ends max_green_s after somebody in conflict with it began to wait."""
    spent = []
    for phase, light in case.greens:
        if case.elapsed_s(light.since_ns) >= phase.max_green_s:
            contested_s = _contested_s(case, phase, light)
            if contested_s >= phase.max_green_s:
                spent.append((phase, contested_s))
    if not spent:
        return None
    ended = tuple([p.number for p, _ in spent])
    if not set(ended) & set(case.serve):
        return None
    rivals = sorted(
        {r for p, _ in spent for r in _rivals(case, p.number)}, key=lambda r: waits_since(case, r)
    )
    urgent = sorted(set(case.urgent), key=lambda p: (deadline_ns(case, p), p))
    for wanted in (*urgent, *rivals):
        stage = stage_with(case, (wanted, *rivals), avoided=ended)
        if not stage and wanted in urgent and wanted in case.serve:
            return None  # who has waited too long comes first, if only beside a green that is spent
        if stage:
            phase, contested_s = spent[0]
            why = (
                f"Phase {phase.number} has been green for {contested_s:.0f} s while others waited; "
                f"{phase.max_green_s:g} s is its maximum."
            )
            return Finding(stage, why, urgent=(wanted,))
    return None


def yellow(case: Case) -> Finding | None:
    """A phase in yellow is not called back to green."""
    return _let_clear(case, "yellow")


def red_clear(case: Case) -> Finding | None:
    """A phase in red clearance is not called back to green."""
    return _let_clear(case, "red_clear")


def min_green(case: Case) -> Finding | None:
    """A green lasts at least min_green_s."""
    return _hold(case, "minimum green", min_green_of)


def walk(case: Case) -> Finding | None:
    """A walk lasts at least walk_s."""
    return _hold(case, "walk", walk_of)


def ped_clear(case: Case) -> Finding | None:
    """A pedestrian clearance is shown to its end beside its green."""
    return _hold(case, "pedestrian clearance", ped_clear_of)


RULES: Final[tuple[Rule, ...]] = (
    mode,
    stale,
    fault,
    finite,
    known,
    ring,
    conflict,
    max_wait,
    ped_wait,
    max_green,
    yellow,
    red_clear,
    min_green,
    walk,
    ped_clear,
)


def _serve_overdue(case: Case, waiting: Mapping[int, int], who: str) -> Finding | None:
    if not waiting:
        return None
    latest_ns = case.now_ns + case.intersection.longest_lead_ns
    if earliest_ns(case) + case.intersection.shortest_wait_ns > latest_ns:
        return None
    near = [(p, due_ns) for p in waiting if (due_ns := deadline_ns(case, p)) <= latest_ns]
    overdue = [p for p, due_ns in near if case.now_ns + lead_ns(case, p) >= due_ns]
    if not overdue:
        return None
    wanted = tuple(sorted({*overdue, *case.urgent}, key=lambda p: (deadline_ns(case, p), p)))
    first, stage = wanted[0], stage_with(case, wanted)
    if first in case.serve or not stage:
        return Finding(case.serve, "", urgent=wanted)
    if sooner := _too_late(case, first, stage):
        return Finding(case.serve, "", urgent=(*sooner, *wanted))
    why = (
        f"{who} phase {first} have waited {case.elapsed_s(waits_since(case, first)):.0f} s; "
        f"they must be served within {case.intersection.phase(first).max_wait_s:g} s."
    )
    return Finding(stage, why, urgent=wanted)


def _too_late(case: Case, first: int, stage: Serve) -> Serve:
    """Whom the answer so far would serve, whose time is up before that of `first`, and who would come
    too late after `stage`: where not all can be served in time, the one due first is."""
    other = case.answered(Finding(stage, ""))
    waiting = case.situation.veh_waiting.keys() | case.situation.ped_waiting.keys()
    put_off = [(deadline_ns(case, p), p) for p in set(case.serve) - set(stage) if p in waiting]
    before = [(due_ns, p) for due_ns, p in put_off if (due_ns, p) < (deadline_ns(case, first), first)]
    return tuple([p for due_ns, p in sorted(before) if case.now_ns + lead_ns(other, p) >= due_ns])


def _rivals(case: Case, phase: int) -> Serve:
    """Waiting phases that cannot be green together with `phase`."""
    veh, ped = case.situation.veh_waiting, case.situation.ped_waiting
    there = [p.number for p in case.intersection.excluded_by(phase)]
    return tuple([p for p in there if p in veh or p in ped])


def _contested_s(case: Case, phase: Phase, light: Light) -> float:
    """Seconds of this green during which somebody in conflict with it waited."""
    rivals = _rivals(case, phase.number)
    if not rivals:
        return 0.0
    return case.elapsed_s(max(light.since_ns, min(waits_since(case, r) for r in rivals)))


def _let_clear(case: Case, color: Color) -> Finding | None:
    lights = case.situation.lights
    if case.serve == case.shown or color not in [lights[p].color for p in case.serve if p in lights]:
        return None
    clearing = case.situation.showing(color)
    rest = tuple(p for p in case.serve if p not in clearing)
    why = f"Phases {named(clearing)} are in {color.replace('_', ' ')}, which is not cut."
    return Finding(rest or _under_way(case) or case.shown, why)


def _under_way(case: Case) -> Serve:
    """What was commanded last, if that is still possible without a phase that is clearing."""
    serving, situation = tuple(dict.fromkeys(case.situation.serving)), case.situation
    clearing = {*situation.showing("yellow"), *situation.showing("red_clear")}
    sound = set(serving) <= set(situation.lights) and one_per_ring(case.intersection, serving)
    return serving if sound and compatible(case.intersection, serving) and not clearing & set(serving) else ()


def _hold(case: Case, what: str, bound: Callable[[Phase, Light], Bound]) -> Finding | None:
    """Keep greens in the answer for which `bound` has not run out."""
    if case.serve == case.shown or not [p for p in case.shown if p not in case.serve]:
        return None  # every green stays
    held, why = [], ""
    for phase, light in case.greens:
        since_ns, need_s = bound(phase, light)
        if case.elapsed_s(since_ns) < need_s:
            held.append(phase.number)
            if phase.number not in case.serve:
                shown_s = case.elapsed_s(since_ns)
                why = f"Phase {phase.number} has shown {shown_s:.1f} s of its {need_s:g} s {what}."
    return Finding(keeping(case, tuple(held)), why) if why else None
