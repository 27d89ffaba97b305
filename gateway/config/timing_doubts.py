"""Which intervals are below what the handbooks ask for the geometry? Each with formula and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from signal_control.model import Intersection, Overlap, Phase, formulas

_MARGIN_S: Final = 0.1
"""Controllers time in tenths."""


def timing_doubts(x: Intersection) -> Iterator[tuple[str, str]]:
    """Where, and what deserves a look."""
    for phase in x.phases:
        where = f"intersections.{x.id}.phases.{phase.number}"
        yield from ((where, text) for text in phase_doubts(x, phase))
    for overlap in x.overlaps:
        where = f"intersections.{x.id}.overlaps.{overlap.number}"
        yield from ((where, text) for text in _overlap_doubts(x, overlap))
    yield from _plan_doubts(x)


def phase_doubts(x: Intersection, phase: Phase) -> Iterator[str]:
    """One phase against the formulas."""
    speed_mps = approach_mps(x, phase)
    if speed_mps is not None:
        yield from _clearances(phase, speed_mps)
    yield from _pedestrians(phase)
    stored = stored_veh(x, phase)
    if stored is not None and phase.min_green_s < formulas.min_green_s(stored) - _MARGIN_S:
        yield (
            f"min_green_s {phase.min_green_s:g} is short for {stored} vehicles between stop line and detector"
            f"; STM2 asks for {formulas.min_green_s(stored):g} s = 3 + 2 x {stored}"
        )


def approach_mps(x: Intersection, phase: Phase) -> float | None:
    """The speed for the formulas; None where only turns are served, which are driven slower than told."""
    speeds = [lane.speed_mps for lane in x.lanes if phase.number in lane.phases and "through" in lane.turns]
    return phase.geometry.speed_mps or max(speeds, default=None)


def stored_veh(x: Intersection, phase: Phase) -> int | None:
    """Vehicles that nobody sees between stop line and detector; None where a detector sees the stop line."""
    if phase.geometry.stored_veh is not None:
        return phase.geometry.stored_veh
    lanes = {lane.id for lane in x.lanes if phase.number in lane.phases}
    found = [
        (d.lane, d.distance_m if d.role != "area" else 0.0, d.role) for d in x.detectors if d.lane in lanes
    ]
    watched = {lane for lane, _, role in found if role != "advance"}
    nearest = {
        lane: min(distance for other, distance, _ in found if other == lane)
        for lane in {lane for lane, _, _ in found} - watched
    }
    return max(map(formulas.stored_veh, nearest.values()), default=None)


def _clearances(phase: Phase, speed_mps: float) -> Iterator[str]:
    grade, width_m = phase.geometry.grade, phase.geometry.width_m
    wanted_s = formulas.yellow_s(speed_mps, grade)
    if phase.yellow_s < wanted_s - _MARGIN_S:
        slope = f" at a grade of {grade:+.1%}" if grade else ""
        gravity = f" + 19.62 x {grade:g}" if grade else ""
        yield (
            f"yellow_s {phase.yellow_s:g} is short for {speed_mps:g} m/s{slope}; "
            f"ITE asks for {wanted_s:.1f} s = 1 + {speed_mps:g} / (2 x 3.05{gravity}), at least 3"
        )
    if width_m is None:
        if phase.red_clear_s < formulas.CAR_LENGTH_M / speed_mps:
            length_m = formulas.CAR_LENGTH_M
            yield f"red_clear_s {phase.red_clear_s:g} does not even clear a car's length ({length_m:g} m)"
    elif phase.red_clear_s < formulas.red_clear_s(width_m, speed_mps) - _MARGIN_S:
        wanted_s = formulas.red_clear_s(width_m, speed_mps)
        yield (
            f"red_clear_s {phase.red_clear_s:g} is short for {width_m:g} m; ITE asks for {wanted_s:.1f} s "
            f"= ({width_m:g} + {formulas.CAR_LENGTH_M:g}) / {speed_mps:g}"
        )


def _pedestrians(phase: Phase) -> Iterator[str]:
    crossing_m = phase.geometry.crossing_m
    if phase.has_ped and phase.walk_s < formulas.WALK_S:
        yield f"walk_s {phase.walk_s:g} is below {formulas.WALK_S:g} s (MUTCD 4I.06)"
    if crossing_m is None:
        return
    if not phase.has_ped:
        yield f"geometry tells of a crossing of {crossing_m:g} m, and the phase has no walk_s"
        return
    if phase.ped_clear_s < formulas.ped_clear_s(crossing_m) - _MARGIN_S:
        yield (
            f"ped_clear_s {phase.ped_clear_s:g} is short for {crossing_m:g} m; MUTCD 4I.06 asks for "
            f"{formulas.ped_clear_s(crossing_m):.1f} s = {crossing_m:g} / {formulas.WALKING_MPS:g}"
        )
    if phase.ped_s < formulas.ped_s(crossing_m) - _MARGIN_S:
        yield (
            f"walk_s + ped_clear_s {phase.ped_s:g} is short from the button over {crossing_m:g} m; "
            f"MUTCD 4I.06 asks for {formulas.ped_s(crossing_m):.1f} s "
            f"= ({crossing_m:g} + {formulas.BUTTON_M:g}) / {formulas.SLOW_WALKING_MPS:g}"
        )


def _overlap_doubts(x: Intersection, overlap: Overlap) -> Iterator[str]:
    """An overlap carries the traffic of its phases: its clearances are no shorter than theirs need be."""
    speeds = [s for n in overlap.included if (s := approach_mps(x, x.phase(n))) is not None]
    if speeds and overlap.yellow_s < formulas.yellow_s(max(speeds)) - _MARGIN_S:
        yield (
            f"yellow_s {overlap.yellow_s:g} is short for {max(speeds):g} m/s; "
            f"ITE asks for {formulas.yellow_s(max(speeds)):.1f} s"
        )


def _plan_doubts(x: Intersection) -> Iterator[tuple[str, str]]:
    """Plans that no schedule ever runs, and a second maximum green that nothing asks for."""
    used = {change.plan for change in x.schedule}
    for plan in x.plans:
        if x.schedule and plan.number not in used:
            yield f"intersections.{x.id}.plans.{plan.number}", "no entry of the schedule runs this plan"
    asked = any(plan.max_green == 2 for plan in x.every_plan) or any(c.max_green == 2 for c in x.schedule)
    told = [phase.number for phase in x.phases if phase.max_green_2_s is not None]
    if told and not asked:
        where = f"intersections.{x.id}.phases.{told[0]}"
        yield where, "max_green_2_s is told, but no plan and no entry of the schedule has max_green = 2"
