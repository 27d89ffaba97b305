"""What is a signalised intersection as a whole, and how does it run at a given moment?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from signal_control.model import overlaps as overlapping
from signal_control.model.overlaps import Overlap
from signal_control.model.phases import Detector, Lane, Model, Phase, PhaseNumber
from signal_control.model.plans import FREE, FREE_PATTERN, MaxGreen, Plan, PlanChange, change_in_force
from signal_control.model.soundness import faults
from signal_control.model.week import minute_of_week

MOST_SETS: Final = 100
"""Of so many sets of phases it is remembered whether they are sound: there are hardly more stages."""


class Intersection(Model):
    """A signalised intersection: phases in rings and barriers, overlaps, lanes, detectors and local plans."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    name: str
    phases: Annotated[tuple[Phase, ...], Field(min_length=2)]
    overlaps: tuple[Overlap, ...] = ()
    lanes: tuple[Lane, ...] = ()
    detectors: tuple[Detector, ...] = ()
    plan: Plan
    """The plan where no schedule says otherwise; the first of `plans` when only those are written."""
    plans: tuple[Plan, ...] = ()
    """All plans, where there are several; `schedule` says when each one runs."""
    schedule: tuple[PlanChange, ...] = ()
    """Which plan runs, by weekday and time of day."""
    free: bool = False
    """Without a schedule: no plan runs, greens follow calls within minimum and maximum green."""
    timezone: str = "UTC"
    """IANA name of the zone of `schedule`; the city's own where nothing is said."""
    permitted: tuple[tuple[PhaseNumber, PhaseNumber], ...] = ()
    """Pairs of phases in one ring or across barriers that may be green together all the same (rare)."""
    declared_stages: tuple[tuple[PhaseNumber, ...], ...] = ()
    """Control by stages instead of rings and barriers: only these sets of phases are ever green together, in
    any order. A phase of two stages stays green through the change; rings only tell such phases apart."""

    _whole: Intersection | None = PrivateAttr(default=None)
    """What this is a moment's view of, if it is one."""

    def in_force(self, now_ns: int) -> Intersection:
        """The same intersection as its schedule has it at `now_ns` (since the epoch): `plan` is the plan that
        runs, `free` says whether none does, `max_green_s` is the maximum that counts."""
        whole = self._whole or self
        if not whole.schedule:
            return whole._unscheduled
        change = change_in_force(whole.schedule, minute_of_week(now_ns, whole._zone))
        number = whole.plan.number if change.plan == FREE else change.plan
        return whole._running(number, change.plan == FREE, change.max_green)

    @property
    def pattern(self) -> int:
        """The number of the plan that runs, or 254 when it is free."""
        return FREE_PATTERN if self.free else self.plan.number

    @property
    def every_plan(self) -> tuple[Plan, ...]:
        """All plans, at least one."""
        return self.plans or (self.plan,)

    def planned(self, number: int) -> Intersection:
        """The intersection under the plan called `number`; KeyError when there is none."""
        return (self._whole or self)._running(number, False, None)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with changes, which are not checked; what follows from the fields is derived anew."""
        copy = super().model_copy(update=update, deep=deep)
        for name in set(copy.__dict__) - set(type(self).model_fields):
            del copy.__dict__[name]
        return copy

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers of all phases."""
        return frozenset(p.number for p in self.phases)

    @cached_property
    def by_number(self) -> dict[int, Phase]:
        """All phases by their numbers."""
        return {phase.number: phase for phase in self.phases}

    def phase(self, number: int) -> Phase:
        """The phase called `number`; KeyError when there is none."""
        return self.by_number[number]

    def compatible(self, a: int, b: int) -> bool:
        """Whether phases `a` and `b` may be green together: one stage, or one barrier group and two rings."""
        return a == b or (a, b) in self._together

    def soundness(self, phases: tuple[int, ...]) -> tuple[bool, bool]:
        """Whether no ring has to show two of these phases, and whether all may be green together.

        Phases that do not exist are passed over.
        """
        found = self._sets.get(phases)
        if found is None:
            there = self.numbers.intersection(phases)
            apart = len({self.phase(p).ring for p in there}) == len(there)
            found = apart, all(self.compatible(a, b) for a, b in combinations(there, 2))
            if len(self._sets) < MOST_SETS:
                self._sets[phases] = found
        return found

    def excluded_by(self, phase: int) -> tuple[Phase, ...]:
        """The phases that have to end before `phase` can begin: they conflict with it, or share its ring."""
        return self._excluded[phase]

    def against(self, overlap: Overlap) -> frozenset[int]:
        """The phases that must be red while `overlap` is not."""
        return self._against[overlap.number]

    def clashing(self, a: Overlap, b: Overlap) -> bool:
        """Whether two overlaps must never be green together."""
        return a.number != b.number and overlapping.clash(a, b, self.compatible)

    def overlaps_at(self, phase: int) -> tuple[Overlap, ...]:
        """The overlaps whose trail has to be over before `phase` may begin: it conflicts with them, or they
        must have their green with it."""
        return self._at[phase]

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
        return self._stages

    @cached_property
    def _stages(self) -> tuple[tuple[int, ...], ...]:
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
        trails = [p.clearance_s for p in self.phases] + [o.clearance_s for o in self.overlaps]
        return max(holds) + max(trails)

    @cached_property
    def longest_lead_ns(self) -> int:
        """The same in nanoseconds."""
        return int(self.longest_lead_s * 1e9)

    @cached_property
    def approaches(self) -> dict[str, tuple[tuple[str, ...], float]]:
        """The lanes of every approach by its link, and their length together (m)."""
        links = dict.fromkeys(lane.link for lane in self.lanes)
        lanes = {link: [lane for lane in self.lanes if lane.link == link] for link in links}
        return {k: (tuple(lane.id for lane in v), sum(lane.length_m for lane in v)) for k, v in lanes.items()}

    @cached_property
    def onward(self) -> tuple[str, ...]:
        """The links into which lanes here lead, in the order of their names."""
        return tuple(sorted({link for lane in self.lanes for link in lane.to}))

    @cached_property
    def shortest_lane_m(self) -> float:
        """Length of a lane on average, on the approach where that is least; 0 without lanes."""
        return min([length_m / len(lanes) for lanes, length_m in self.approaches.values()], default=0.0)

    @cached_property
    def shortest_wait_ns(self) -> int:
        """Nobody has to be served sooner than so long after a call, nanoseconds."""
        return min(int(p.max_wait_s * 1e9) for p in self.phases)

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

    @cached_property
    def _sets(self) -> dict[tuple[int, ...], tuple[bool, bool]]:
        """What was found by `soundness`."""
        return {}

    @cached_property
    def _excluded(self) -> dict[int, tuple[Phase, ...]]:
        return {
            a.number: tuple(
                b
                for b in self.phases
                if a is not b and (a.ring == b.ring or not self.compatible(a.number, b.number))
            )
            for a in self.phases
        }

    @cached_property
    def _against(self) -> dict[int, frozenset[int]]:
        numbers = [p.number for p in self.phases]
        return {o.number: overlapping.against(o, numbers, self.compatible) for o in self.overlaps}

    @cached_property
    def _at(self) -> dict[int, tuple[Overlap, ...]]:
        return {
            p.number: tuple(
                o for o in self.overlaps if p.number in self._against[o.number] or p.number in o.included
            )
            for p in self.phases
        }

    @cached_property
    def _unscheduled(self) -> Intersection:
        return self._running(self.plan.number, self.free, None)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _views(self) -> dict[tuple[int, bool, MaxGreen], Intersection]:
        return {}

    def _running(self, number: int, free: bool, max_green: MaxGreen | None) -> Intersection:
        """The view under a plan, or free of any; made once."""
        numbered = {p.number: p for p in (*self.plans, self.plan)}
        plan = numbered[number]
        most: MaxGreen = max_green or (1 if free else plan.max_green)
        if (plan.number, free, most) == (self.plan.number, self.free, 1):
            return self
        key = number, free, most
        if key not in self._views:
            self._views[key] = self._seen(plan, free, most)
        return self._views[key]

    def _seen(self, plan: Plan, free: bool, max_green: MaxGreen) -> Intersection:
        fields: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        if max_green == 2:
            fields["phases"] = tuple(_with_second_maximum(phase) for phase in self.phases)
        view = Intersection.model_construct(**{**fields, "plan": plan, "free": free})
        view._whole = self
        return view

    @model_validator(mode="before")
    @classmethod
    def _first_of_plans(cls, data: Any) -> Any:
        """`plans` alone will do."""
        if isinstance(data, dict) and "plan" not in data and data.get("plans"):
            return {**data, "plan": data["plans"][0]}
        return data

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"no time zone named '{value}'; an IANA name such as Europe/Vienna is wanted"
            ) from None
        return value

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if found := faults(self):
            raise ValueError("; ".join(found))
        return self


def _with_second_maximum(phase: Phase) -> Phase:
    return phase.model_copy(update={"max_green_s": phase.max_green_2_s or phase.max_green_s})
