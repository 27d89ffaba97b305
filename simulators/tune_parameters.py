"""Which few parameters of an intersection matter, and what is an intersection with others like?

A parameter is a number around 0 that leaves things as they are at 0, so that one search fits all: the cycle
and maximum greens are multiplied by 2**x, stages get 2**x times their share of the cycle, offsets move by x
half cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pydantic import ValidationError

from signal_control.model import Intersection

KINDS: Final = ("cycle", "splits", "offsets", "max_green")
PLAN_FOLLOWERS: Final = ("local", "fixed_time", "coordinated")
REACH: Final = {"cycle": 1.0, "splits": 1.5, "offsets": 1.0, "max_green": 1.5}
"""How far a parameter may go either way."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number to search: its kind, whose it is ("" is everybody's), and of which stage of the plan."""

    kind: str
    intersection: str = ""
    stage: int = -1

    @property
    def reach(self) -> float:
        """How far it may go either way."""
        return REACH[self.kind]


def default_kinds(strategy: str) -> tuple[str, ...]:
    """What matters for a strategy: the plan to those that follow it, maximum greens to the others."""
    return ("cycle", "splits", "offsets") if strategy in PLAN_FOLLOWERS else ("max_green",)


def parameters_of(intersections: Sequence[Intersection], kinds: Sequence[str]) -> list[Parameter]:
    """The numbers to search. The first stage's share and the first offset are what others are relative to."""
    found = [Parameter(kind) for kind in kinds if kind in ("cycle", "max_green")]
    if "splits" in kinds:
        found += [Parameter("splits", x.id, n) for x in intersections for n in range(1, len(x.plan.stages))]
    if "offsets" in kinds:
        found += [Parameter("offsets", x.id) for x in intersections[1:]]
    return found


def changed(
    intersections: Sequence[Intersection], parameters: Sequence[Parameter], values: Sequence[float]
) -> tuple[Intersection, ...] | None:
    """The intersections with these values; None when one of them would be unsound (a green too short)."""
    try:
        return tuple(_changed(x, dict(zip(parameters, values, strict=True))) for x in intersections)
    except ValidationError:
        return None


def _changed(x: Intersection, values: dict[Parameter, float]) -> Intersection:
    told = x.model_dump()
    plan = told["plan"]
    longer = 2.0 ** values.get(Parameter("cycle"), 0.0)
    cycle_s = float(round(x.plan.cycle_s * longer))
    if x.plan.stages:
        plan["stages"] = _stages(x, values, cycle_s)
    else:
        for split in plan["splits"]:
            split["split_s"] *= cycle_s / x.plan.cycle_s
    shift_s = values.get(Parameter("offsets", x.id), 0.0) * cycle_s / 2.0
    plan["cycle_s"], plan["offset_s"] = cycle_s, round((x.plan.offset_s + shift_s) % cycle_s, 1) % cycle_s
    most = 2.0 ** values.get(Parameter("max_green"), 0.0)
    for phase in told["phases"]:
        phase["max_green_s"] = round(max(phase["min_green_s"], phase["max_green_s"] * most), 1)
    return Intersection.model_validate(told)


def _stages(x: Intersection, values: dict[Parameter, float], cycle_s: float) -> list[dict[str, object]]:
    """Whole seconds; every stage keeps its least green and clearance, the rest goes by share."""
    floors = [_least_s(x, stage.phases) for stage in x.plan.stages]
    free = [
        max(0.5, stage.split_s - floor) * 2.0 ** values.get(Parameter("splits", x.id, n), 0.0)
        for n, (stage, floor) in enumerate(zip(x.plan.stages, floors, strict=True))
    ]
    spare_s = max(0.0, cycle_s - sum(floors))
    ends = [0.0]
    for floor, share in zip(floors, free, strict=True):
        ends.append(ends[-1] + floor + spare_s * share / sum(free))
    lengths = [round(b) - round(a) for a, b in pairwise(ends)]
    return [
        {"phases": stage.phases, "split_s": float(s)} for stage, s in zip(x.plan.stages, lengths, strict=True)
    ]


def _least_s(x: Intersection, phases: Sequence[int]) -> float:
    there = [p for p in x.phases if p.number in phases]
    return max(max(p.min_green_s, p.ped_s) + p.clearance_s for p in there)
