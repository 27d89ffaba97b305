"""When does the local coordinated plan start and end each phase, also after it was left and taken up again?

A leg is one barrier group from crossing to crossing. A leg that starts off the plan's time is shortened or
lengthened towards it ("shortway" transition), each phase keeping its minimum green, walk and clearances.
"""

from __future__ import annotations

from dataclasses import dataclass

from signal_control.model import Intersection
from simulators.ring import Timing

IN_STEP_MS = 200
"""A crossing this near to its planned time is in step (coordinator states of event 150: 1)."""

_WORTH_SUBTRACTING_MS = 1000

FREE, IN_STEP, ADDING, SUBTRACTING = 0, 1, 2, 3
"""Parameters of event 150, coordination cycle state."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one phase in its barrier group, with its share of the plan, in ms."""

    timing: Timing
    split: int
    actuated: bool = False
    """May be skipped without a call and may gap out: recall "none", and followed by a phase of its group."""

    @property
    def shortest(self) -> int:
        """The least split that cuts nothing."""
        return self.timing.need + self.timing.clearance

    @property
    def longest(self) -> int:
        """The split at maximum green; never below the planned one."""
        return max(self.split, self.timing.max_green + self.timing.clearance)


@dataclass(frozen=True, slots=True)
class Group:
    """One barrier group of the plan: when it starts in the cycle and what each ring shows in it."""

    barrier: int
    start: int
    length: int
    slots: dict[int, tuple[Slot, ...]]

    @property
    def shortest(self) -> int:
        """The least length that cuts nothing."""
        return max(sum(slot.shortest for slot in ring) for ring in self.slots.values())

    @property
    def longest(self) -> int:
        """The greatest length that every ring can fill."""
        return min(sum(slot.longest for slot in ring) for ring in self.slots.values())


@dataclass(frozen=True, slots=True)
class Leg:
    """One passage through a barrier group: when each green of each ring has to end (ms since the epoch)."""

    index: int
    slots: dict[int, tuple[Slot, ...]]
    green_ends: dict[int, tuple[int, ...]]
    crosses: int
    step: int
    """The coordinator's state, as event 150 has it."""


class LocalPlan:
    """The fixed-time plan of an intersection, in ms; raises ValueError if its rings cannot run together."""

    def __init__(self, intersection: Intersection) -> None:
        plan = intersection.plan
        self.number = plan.number
        self.cycle = round(plan.cycle_s * 1000)
        self.offset = round(plan.offset_s * 1000)
        self.groups = _groups(intersection)
        self._slack = sum(max(0, group.length - group.shortest) for group in self.groups)

    def index_at(self, t: int) -> int:
        """The group that the plan is in at `t`."""
        position = (t - self.offset) % self.cycle
        return max(i for i, group in enumerate(self.groups) if group.start <= position)

    def index_of(self, barrier: int) -> int:
        """The group behind `barrier`."""
        return next(i for i, group in enumerate(self.groups) if group.barrier == barrier)

    def late(self, index: int, t: int) -> int:
        """How late a crossing into group `index` at `t` is; negative when early; the nearest one counts."""
        late = (t - self.offset - self.groups[index].start) % self.cycle
        return late if late <= self.cycle // 2 else late - self.cycle

    def since(self, index: int, t: int) -> int:
        """The time since the plan's last crossing into group `index`."""
        return (t - self.offset - self.groups[index].start) % self.cycle

    def nearest(self, t: int, but: int | None) -> int:
        """The group whose planned crossing is nearest to `t`, other than `but` if there is another."""
        choice = [i for i in range(len(self.groups)) if i != but] or [0]
        return min(choice, key=lambda i: abs(self.late(i, t)))

    def planned(self, index: int, t: int) -> Leg:
        """The passage through group `index` that the plan is in at `t`, exactly as planned."""
        return self._leg(index, t - self.since(index, t), self.groups[index].length, IN_STEP)

    def leg(self, index: int, t: int) -> Leg:
        """A passage through group `index` from a crossing at `t`, corrected towards the plan."""
        group, late = self.groups[index], self.late(index, t)
        if abs(late) <= IN_STEP_MS:
            return self._leg(index, t - late, group.length, IN_STEP)
        if late > 0 and self._slack >= _WORTH_SUBTRACTING_MS:
            return self._leg(
                index, t, min(group.length, max(group.shortest, group.length - late)), SUBTRACTING
            )
        wait = -late if late < 0 else self.cycle - late
        longest = max(group.length, min(group.longest, group.length * 3 // 2))
        return self._leg(index, t, min(group.length + wait, longest), ADDING)

    def _leg(self, index: int, start: int, length: int, step: int) -> Leg:
        group = self.groups[index]
        ends = {ring: _green_ends(slots, start, length) for ring, slots in group.slots.items()}
        return Leg(index, group.slots, ends, start + length, step)


def _green_ends(slots: tuple[Slot, ...], start: int, length: int) -> tuple[int, ...]:
    """Spread `length` over the slots: cuts go by what a slot can spare, additions by what it can take."""
    planned = sum(slot.split for slot in slots)
    change = length - planned
    room = [slot.longest - slot.split if change > 0 else max(0, slot.split - slot.shortest) for slot in slots]
    total, ends, at = sum(room), [], start
    for slot, share in zip(slots, room, strict=True):
        at += slot.split + (change * share // total if total else 0)
        ends.append(at - slot.timing.clearance)
    ends[-1] = start + length - slots[-1].timing.clearance
    return tuple(ends)


def _groups(intersection: Intersection) -> tuple[Group, ...]:
    rows = [_row(intersection, row) for row in intersection.plan.sequence]
    order = [barrier for barrier, _ in rows[0][1]]
    groups, start = [], 0
    for place, barrier in enumerate(order):
        slots: dict[int, tuple[Slot, ...]] = {}
        for ring, row in rows:
            if [name for name, _ in row] != order:
                raise ValueError(
                    f"{intersection.id}: the plan's rings cross the barriers in different orders"
                )
            slots[ring] = row[place][1]
        length = sum(slot.split for slot in next(iter(slots.values())))
        groups.append(Group(barrier, start, length, slots))
        start += length
    return tuple(groups)


def _row(intersection: Intersection, row: tuple[int, ...]) -> tuple[int, list[tuple[int, tuple[Slot, ...]]]]:
    """A ring's number, and its slots by barrier in order of service."""
    phases = [intersection.phase(number) for number in row]
    if len({phase.ring for phase in phases}) != 1:
        raise ValueError(f"{intersection.id}: plan.sequence {row} mixes rings")
    found: list[tuple[int, list[Slot]]] = []
    for place, phase in enumerate(phases):
        followed = place + 1 < len(phases) and phases[place + 1].barrier == phase.barrier
        slot = Slot(
            Timing.of(phase),
            round(intersection.plan.split_s(phase.number) * 1000),
            followed and phase.recall == "none",
        )
        if not found or found[-1][0] != phase.barrier:
            found.append((phase.barrier, []))
        found[-1][1].append(slot)
    if len({barrier for barrier, _ in found}) != len(found):
        raise ValueError(f"{intersection.id}: plan.sequence {row} comes back to a barrier")
    return phases[0].ring, [(barrier, tuple(slots)) for barrier, slots in found]
