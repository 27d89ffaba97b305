"""How long has somebody waited, how long must a light still be shown, and how soon can another be green?"""

from __future__ import annotations

from signal_control.model import Phase
from signal_control.safety_case import Case, is_green
from signal_control.situation import Light

Bound = tuple[int, float]
"""Since when something is shown (nanoseconds), and for how many seconds it must be."""


def min_green_of(phase: Phase, light: Light) -> Bound:
    """The minimum green."""
    return light.since_ns, phase.min_green_s


def walk_of(phase: Phase, light: Light) -> Bound:
    """The walk, if it is shown."""
    return light.ped_since_ns, phase.walk_s if light.ped == "walk" else 0.0


def ped_clear_of(phase: Phase, light: Light) -> Bound:
    """The pedestrian clearance, if it is shown."""
    return light.ped_since_ns, phase.ped_clear_s if light.ped == "clear" else 0.0


def earliest_ns(case: Case) -> int:
    """Since when anybody waits who still does; only where somebody does."""
    return min([*case.situation.veh_waiting.values(), *case.situation.ped_waiting.values()])


def waits_since(case: Case, phase: int) -> int:
    """Since when somebody waits for `phase` (ns); now where nobody does."""
    waits = (case.situation.veh_waiting, case.situation.ped_waiting)
    return min([w[phase] for w in waits if phase in w], default=case.now_ns)


def deadline_ns(case: Case, phase: int) -> int:
    """When who waits for `phase` has to be served, by `max_wait_s`."""
    return waits_since(case, phase) + int(case.intersection.phase(phase).max_wait_s * 1e9)


def lead_ns(case: Case, phase: int) -> int:
    """How long it takes to bring `phase` to green (ns): what conflicting greens still need, and clearance.

    A conflicting phase that the answer would start now counts with all it needs: once begun it is not cut.
    """
    rivals = case.intersection.excluded_by(phase)
    lights = case.situation.lights
    left_s = [_left_s(case, p, lights[p.number]) for p in rivals if is_green(lights, p.number)]
    left_s += [
        _start_s(case, p) + max(p.min_green_s, p.ped_s)
        for p in rivals
        if p.number in case.serve and not is_green(lights, p.number)
    ]
    left_s += _overlaps_left_s(case, phase)
    trails_s = [p.clearance_s for p in rivals] + [o.clearance_s for o in case.intersection.overlaps_at(phase)]
    return int((max(left_s, default=0.0) + max(trails_s, default=0.0)) * 1e9)


def _overlaps_left_s(case: Case, phase: int) -> list[float]:
    """How long overlaps that `phase` turns red keep their green: as long as the phase beside them must."""
    mine = [o for o in case.intersection.overlaps if phase in o.modifiers]
    beside = {p for overlap in mine for p in overlap.included}
    return [_left_s(case, p, light) for p, light in case.greens if p.number in beside]


def _start_s(case: Case, phase: Phase) -> float:
    """Seconds until a red phase can be green: what its own rivals still need, and their clearance."""
    x = case.intersection
    trail_s = max((o.clearance_s for o in x.overlaps_at(phase.number)), default=0.0)
    excluded = {p.number for p in x.excluded_by(phase.number)}
    rivals = [(p, light) for p, light in case.greens if p.number in excluded]
    return max(
        (_left_s(case, p, light) + max(p.clearance_s, trail_s) for p, light in rivals), default=trail_s
    )


def _left_s(case: Case, phase: Phase, light: Light) -> float:
    """Seconds for which the green of `phase` may not be ended, a walk that would begin now included."""
    if light.ped == "dont" and phase.number in case.situation.ped_waiting and _stays(case, phase):
        return max(phase.ped_s, phase.min_green_s - case.elapsed_s(light.since_ns))
    bounds = [min_green_of(phase, light), walk_of(phase, light), ped_clear_of(phase, light)]
    extra_s = phase.ped_clear_s if light.ped == "walk" else 0.0
    return extra_s + max(max(0.0, need_s - case.elapsed_s(since_ns)) for since_ns, need_s in bounds)


def _stays(case: Case, phase: Phase) -> bool:
    """Whether the answer lets a green phase stay: it names it, or nothing else of its ring."""
    return phase.number in case.serve or not any(
        p.ring == phase.ring and p.number in case.serve for p in case.intersection.phases
    )
