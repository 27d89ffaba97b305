"""What does an intersection look like to its controller, and is that description sound?"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PhaseNumber = Annotated[int, Field(ge=1, le=16)]
Seconds = Annotated[float, Field(ge=0, le=600)]
Turn = Literal["left", "through", "right"]


class Model(BaseModel):
    """Frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Phase(Model):
    """One NEMA phase: its place in the ring and its intervals in seconds."""

    number: PhaseNumber
    label: str
    ring: Annotated[int, Field(ge=1, le=16)]
    barrier: Annotated[int, Field(ge=1, le=8)] = 1
    min_green_s: Annotated[float, Field(gt=0, le=120)]
    max_green_s: Annotated[float, Field(gt=0, le=300)]
    passage_s: Seconds = 2.0
    yellow_s: Annotated[float, Field(ge=2.7, le=6.0)]
    red_clear_s: Annotated[float, Field(ge=0.0, le=6.0)] = 1.0
    walk_s: Seconds = 0.0
    ped_clear_s: Seconds = 0.0
    recall: Literal["none", "min", "max", "ped"] = "none"
    max_wait_s: Annotated[float, Field(gt=0, le=600)] = 150.0

    @property
    def has_ped(self) -> bool:
        """Whether a pedestrian movement runs with this phase."""
        return self.walk_s > 0

    @property
    def ped_s(self) -> float:
        """Walk plus pedestrian clearance, in seconds (0 without a pedestrian movement)."""
        return self.walk_s + self.ped_clear_s if self.has_ped else 0.0

    @property
    def clearance_s(self) -> float:
        """Yellow plus red clearance, in seconds."""
        return self.yellow_s + self.red_clear_s

    @model_validator(mode="after")
    def _intervals(self) -> Self:
        if self.max_green_s < self.min_green_s:
            raise ValueError(f"max_green_s {self.max_green_s:g} is below min_green_s {self.min_green_s:g}")
        if self.has_ped and self.ped_clear_s <= 0:
            raise ValueError("a phase with walk_s needs ped_clear_s")
        if self.ped_s > self.max_wait_s:
            raise ValueError("walk_s + ped_clear_s exceeds max_wait_s")
        return self


class Lane(Model):
    """One approach lane: which phases serve it and where its traffic goes."""

    id: str
    link: str
    """The approach (directed street section) the lane belongs to, for example `x1_eb`."""
    phases: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]
    length_m: Annotated[float, Field(gt=0)]
    speed_mps: Annotated[float, Field(gt=0, le=50)] = 13.9
    saturation_veh_h: Annotated[float, Field(gt=0, le=3000)] = 1800.0
    """Discharge rate of a standing queue during green, vehicles per hour."""
    service: dict[PhaseNumber, Annotated[float, Field(gt=0, le=1)]] = {}
    """Share of the saturation flow at which a phase lets the lane go: below 1 (the default) where it is
    permissive, or serves only some of the lane's movements."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """What the delay of a vehicle on this lane counts: more than 1 for a bus lane."""
    to: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Share of the lane's traffic that enters each downstream link; what is missing leaves the city."""


class Detector(Model):
    """One detector channel on one lane."""

    channel: Annotated[int, Field(ge=1, le=255)]
    lane: str
    role: Literal["stop", "advance", "area"]
    """`stop` and `advance` are points; an `area` is a zone that counts who is in it and who stands."""
    distance_m: Annotated[float, Field(ge=0)]
    """From the stop line to the downstream edge of the detection zone, in metres."""
    length_m: Annotated[float, Field(gt=0, le=250)] = 2.0


class Split(Model):
    """The time of one phase in a plan, seconds, including yellow and red clearance."""

    phase: PhaseNumber
    split_s: Annotated[float, Field(gt=0, le=300)]


class PlanStage(Model):
    """A stage in a plan: phases green together, and its time with the clearance at its end, seconds."""

    phases: Annotated[tuple[PhaseNumber, ...], Field(min_length=1)]
    split_s: Annotated[float, Field(gt=0, le=300)]


class Plan(Model):
    """A fixed-time coordination plan: by rings (`sequence`, `splits`), or by `stages` one after the other."""

    number: Annotated[int, Field(ge=1, le=253)] = 1
    cycle_s: Annotated[float, Field(ge=20, le=300)]
    offset_s: Annotated[float, Field(ge=0, lt=300)] = 0.0
    """Start of the first barrier group or stage after each whole cycle since the epoch, seconds."""
    sequence: tuple[tuple[PhaseNumber, ...], ...] = ()
    """Phases in order of service, one tuple per ring."""
    splits: tuple[Split, ...] = ()
    stages: tuple[PlanStage, ...] = ()

    def split_s(self, phase: int) -> float:
        """The split of `phase` in seconds; KeyError when the plan has none."""
        for split in self.splits:
            if split.phase == phase:
                return split.split_s
        raise KeyError(phase)


class Intersection(Model):
    """A signalised intersection: phases in rings and barriers, lanes, detectors and the local plan."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    name: str
    phases: Annotated[tuple[Phase, ...], Field(min_length=2)]
    lanes: tuple[Lane, ...] = ()
    detectors: tuple[Detector, ...] = ()
    plan: Plan
    permitted: tuple[tuple[PhaseNumber, PhaseNumber], ...] = ()
    """Pairs of phases in one ring or across barriers that may be green together all the same (rare)."""
    declared_stages: tuple[tuple[PhaseNumber, ...], ...] = ()
    """Control by stages instead of rings and barriers: only these sets of phases are ever green together, in
    any order. A phase of two stages stays green through the change; rings only tell such phases apart."""

    def phase(self, number: int) -> Phase:
        """The phase called `number`; KeyError when there is none."""
        return self._by_number[number]

    def compatible(self, a: int, b: int) -> bool:
        """Whether phases `a` and `b` may be green together: one stage, or one barrier group and two rings."""
        return a == b or (a, b) in self._together

    def rings(self) -> dict[int, tuple[Phase, ...]]:
        """Phases of each ring, in the order of the plan's sequence."""
        order = [n for ring in self.plan.sequence for n in ring]
        rank = {n: i for i, n in enumerate(order)}
        found: dict[int, list[Phase]] = {}
        for phase in sorted(self.phases, key=lambda p: rank.get(p.number, 99)):
            found.setdefault(phase.ring, []).append(phase)
        return {ring: tuple(phases) for ring, phases in sorted(found.items())}

    def stages(self) -> tuple[tuple[int, ...], ...]:
        """The declared stages, or every maximal set of compatible phases, one phase per ring; sorted."""
        if self.declared_stages:
            return tuple(sorted(tuple(sorted(stage)) for stage in self.declared_stages))
        numbers = sorted(p.number for p in self.phases)
        found: list[tuple[int, ...]] = []
        for size in range(len(self.rings()), 0, -1):
            for group in combinations(numbers, size):
                apart = len({self.phase(n).ring for n in group}) == size
                fits = apart and all(self.compatible(a, b) for a, b in combinations(group, 2))
                if fits and not any(set(group) <= set(bigger) for bigger in found):
                    found.append(group)
        return tuple(sorted(found))

    @cached_property
    def longest_lead_s(self) -> float:
        """No phase ever takes longer to bring to green: the longest hold of another, and a clearance."""
        holds = [p.ped_clear_s + max(p.min_green_s, p.walk_s, p.ped_clear_s) for p in self.phases]
        return max(holds) + max(p.clearance_s for p in self.phases)

    @cached_property
    def _by_number(self) -> dict[int, Phase]:
        return {phase.number: phase for phase in self.phases}

    @cached_property
    def _together(self) -> frozenset[tuple[int, int]]:
        """Ordered pairs of different phases that may be green together."""
        if self.declared_stages:
            return frozenset((a, b) for stage in self.declared_stages for a in stage for b in stage if a != b)
        fit = {
            (p.number, q.number)
            for p in self.phases
            for q in self.phases
            if p.barrier == q.barrier and p.ring != q.ring
        }
        return frozenset({*fit, *self.permitted, *((b, a) for a, b in self.permitted)})

    @model_validator(mode="after")
    def _sound(self) -> Self:
        plan_faults = self._stage_faults() if self.declared_stages else self._plan_faults()
        faults = [*self._double_names(), *self._dangling(), *plan_faults]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _double_names(self) -> list[str]:
        faults = []
        for title, names in (
            ("phase", [str(p.number) for p in self.phases]),
            ("lane", [lane.id for lane in self.lanes]),
            ("detector channel", [str(d.channel) for d in self.detectors]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            faults += [f"{title} {n} is declared twice" for n in twice]
        return faults

    def _dangling(self) -> list[str]:
        numbers = {p.number for p in self.phases}
        lanes = {lane.id for lane in self.lanes}
        there = ", ".join(str(n) for n in sorted(numbers))
        faults = [
            f"lane {lane.id} names phase {n}, which does not exist; there are: {there}"
            for lane in self.lanes
            for n in lane.phases
            if n not in numbers
        ]
        faults += [
            f"detector {d.channel} lies on lane '{d.lane}', which does not exist; there are: "
            f"{', '.join(sorted(lanes))}"
            for d in self.detectors
            if d.lane not in lanes
        ]
        faults += [
            f"lane {lane.id} tells the service of phase {n}, which does not serve it; its phases are: "
            f"{', '.join(map(str, lane.phases))}"
            for lane in self.lanes
            for n in lane.service
            if n not in lane.phases
        ]
        generous = [lane.id for lane in self.lanes if sum(lane.to.values()) > 1.001]
        faults += [f"lane {lane} sends more than 100 % downstream" for lane in generous]
        return faults

    def _stage_faults(self) -> list[str]:
        """Stages of known phases with a ring each; a plan of such stages that fills its cycle."""
        there = {p.number: p.ring for p in self.phases}
        faults = [
            f"declared stage {stage} names a phase that does not exist; there are: {sorted(there)}"
            for stage in self.declared_stages
            if not set(stage) <= there.keys()
        ] or [
            f"declared stage {stage} has two phases in one ring"
            for stage in self.declared_stages
            if len({there[n] for n in stage}) != len(stage)
        ]
        unserved = sorted(there.keys() - {n for stage in self.declared_stages for n in stage})
        faults += [f"phase {n} is in no declared stage" for n in unserved]
        if self.plan.sequence or self.plan.splits:
            faults.append("declared_stages go with plan.stages, not with plan.sequence and plan.splits")
        known = {frozenset(stage) for stage in self.declared_stages}
        strange = [s.phases for s in self.plan.stages if frozenset(s.phases) not in known]
        faults += [f"plan.stages names {phases}, which is no declared stage" for phases in strange]
        filled_s = sum(stage.split_s for stage in self.plan.stages)
        if abs(filled_s - self.plan.cycle_s) > 0.05:
            faults.append(f"plan.stages sum to {filled_s:g} s, the cycle is {self.plan.cycle_s:g} s")
        return faults

    def _plan_faults(self) -> list[str]:
        plan, faults = self.plan, []
        numbers = {p.number for p in self.phases}
        planned = [n for ring in plan.sequence for n in ring]
        if sorted(planned) != sorted(numbers):
            there = sorted(numbers)
            return [f"plan.sequence must name every phase once; it names {planned}, there are {there}"]
        for phase in self.phases:
            split = next((s.split_s for s in plan.splits if s.phase == phase.number), None)
            if split is None:
                faults.append(f"plan.splits has no split for phase {phase.number}")
                continue
            need = max(phase.min_green_s, phase.ped_s) + phase.clearance_s
            if split < need - 1e-6:
                faults.append(
                    f"plan split of phase {phase.number} is {split:g} s; "
                    f"minimum green or walk and clearances need {need:g} s"
                )
        return faults or self._ring_sums()

    def _ring_sums(self) -> list[str]:
        """Every ring must cross each barrier at the same time and fill the cycle."""
        faults, per_barrier, plan_s = [], {}, self.plan.cycle_s
        for ring in self.plan.sequence:
            crossed: dict[int, float] = {}
            for number in ring:
                barrier = self.phase(number).barrier
                crossed[barrier] = crossed.get(barrier, 0.0) + self.plan.split_s(number)
            if abs(sum(crossed.values()) - plan_s) > 0.05:
                filled = sum(crossed.values())
                faults.append(f"splits of ring {ring} sum to {filled:g} s, the cycle is {plan_s:g} s")
            per_barrier[ring] = crossed
        groups = list(per_barrier.values())
        if any(abs(group.get(b, 0.0) - groups[0].get(b, 0.0)) > 0.05 for group in groups for b in groups[0]):
            faults.append(f"rings reach a barrier at different times: {groups}")
        return faults
