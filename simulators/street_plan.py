"""What would the local plan of an intersection show now, if it ran by the clock alone?"""

from __future__ import annotations

from collections.abc import Iterator

from signal_control.model import Intersection
from simulators.lights import Lights


def plan_lights(intersection: Intersection, now_ms: int) -> Lights:
    """Lights of the coordinated plan at `now_ms`, every phase and every walk served in every cycle.

    It warms the street up before the cabinets are there, and stands in for them in trials.
    """
    intersection = intersection.in_force(now_ms * 1_000_000)
    plan, walking = intersection.plan, {p.number: p for p in intersection.phases if p.has_ped}
    at_s = (now_ms / 1000.0 - plan.offset_s) % plan.cycle_s
    greens, yellows, walks, clears = [], [], [], []
    for number, into_s in _current(intersection, at_s):
        phase = intersection.phase(number)
        green_s = plan.split_s(number) - phase.clearance_s
        if into_s < green_s:
            greens.append(number)
        elif into_s < green_s + phase.yellow_s:
            yellows.append(number)
        if number in walking and into_s < green_s - phase.ped_clear_s:
            walks.append(number)
        elif number in walking and into_s < green_s:
            clears.append(number)
    return Lights(tuple(greens), tuple(yellows), tuple(walks), tuple(clears))


def _current(intersection: Intersection, at_s: float) -> Iterator[tuple[int, float]]:
    """The phase of each ring whose split holds `at_s`, and the seconds into it."""
    for ring in intersection.plan.sequence:
        start_s = 0.0
        for number in ring:
            split_s = intersection.plan.split_s(number)
            if start_s <= at_s < start_s + split_s:
                yield number, at_s - start_s
                break
            start_s += split_s
