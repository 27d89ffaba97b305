"""Which NTCIP objects does the simulated controller have, and what do they say now?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from signal_control.model import Intersection, Phase
from simulators.ntcip_ber import Oid, name
from simulators.ntcip_unit import PREEMPTS, RESERVED, NtcipUnit

ASC: Final[Oid] = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)
GLOBAL_TIME: Final[Oid] = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 6, 3, 1, 0)
SYS_DESCR: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 1, 0)

Value = int | bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One object; `put` is None when it can only be read; writing a `control` feeds the backup timer."""

    get: Callable[[], Value]
    put: Callable[[int], None] | None = None
    high: int = 255
    control: bool = False


class Mib:
    """The objects of one controller in their order; names and rows by identifier."""

    def __init__(self, unit: NtcipUnit, hidden: tuple[Oid, ...] = (), clock_s: int = 0) -> None:
        """`hidden` are beginnings of identifiers that this make of controller does not have; its clock is
        `clock_s` ahead."""
        rows = dict(_rows(unit))
        rows[GLOBAL_TIME] = Row(lambda: unit.clock_ms // 1000 + clock_s, high=2**31 - 1)
        self.rows = {oid: row for oid, row in rows.items() if not any(oid[: len(h)] == h for h in hidden)}
        self.names = {oid: name(oid) for oid in self.rows}
        self._sorted = sorted(self.rows)

    def after(self, oid: Oid) -> Oid | None:
        """The object behind `oid`, whether that exists or not."""
        place = bisect_right(self._sorted, oid)
        return self._sorted[place] if place < len(self._sorted) else None


def _rows(unit: NtcipUnit) -> Iterator[tuple[Oid, Row]]:
    node = unit.cabinet.intersection
    yield SYS_DESCR, Row(lambda: b"arterial simulated NTCIP 1202 controller")
    highest = max(p.number for p in node.phases)
    yield from _limits(node, highest)
    for group in range(1, (highest + 7) // 8 + 1):
        yield from _phase_status(unit, group)
        yield from _phase_control(unit, group)
    for phase in node.phases:
        yield from _phase_timing(node, phase)
    yield from _overlap_status(unit, max((o.number for o in node.overlaps), default=0))
    yield from _detectors(unit, max((d.channel for d in node.detectors), default=8))
    yield from _unit(unit)
    yield from _coordination(unit)
    yield from _patterns(unit)
    for number in range(1, PREEMPTS + 1):
        yield (*ASC, 6, 2, 1, 16, number), Row(lambda n=number: unit.preempts[n - 1].state)  # type: ignore[misc]
    for ring in unit.cabinet.rings:
        yield (*ASC, 7, 6, 1, 1, ring), Row(lambda r=ring: _ring_status(unit, r))  # type: ignore[misc]


def _limits(node: Intersection, highest: int) -> Iterator[tuple[Oid, Row]]:
    channels = max((d.channel for d in node.detectors), default=8)
    overlaps = max((o.number for o in node.overlaps), default=0)
    found = {
        (1, 1): highest,
        (1, 3): (highest + 7) // 8,
        (2, 1): channels,
        (2, 3): (channels + 7) // 8,
        (6, 1): PREEMPTS,
        (7, 1): len(node.rings()),
        (9, 1): overlaps,
        (9, 3): (overlaps + 7) // 8,
    }
    for arcs, value in found.items():
        yield (*ASC, *arcs, 0), Row(lambda v=value: v)  # type: ignore[misc]


def _phase_status(unit: NtcipUnit, group: int) -> Iterator[tuple[Oid, Row]]:
    cabinet = unit.cabinet
    everything = [p.number for p in cabinet.intersection.phases]

    def reds() -> list[int]:
        lit = {*cabinet.lights.greens, *cabinet.lights.yellows}
        return [p for p in everything if p not in lit] if cabinet.mode != "flash" else []

    def dont_walks() -> list[int]:
        lit = {*cabinet.lights.walks, *cabinet.lights.ped_clears}
        return [p for p in everything if p not in lit]

    def called() -> list[int]:
        placed = [p for p in everything if unit.controls.veh_call >> (p - 1) & 1]
        return [*cabinet.calls.vehicles(), *placed]

    def ons() -> list[int]:
        return [ring.phase for ring in cabinet.rings.values() if ring.active]

    sets: dict[int, Callable[[], list[int] | tuple[int, ...]]] = {
        2: reds,
        3: lambda: cabinet.lights.yellows,
        4: lambda: cabinet.lights.greens,
        5: dont_walks,
        6: lambda: cabinet.lights.ped_clears,
        7: lambda: cabinet.lights.walks,
        8: called,
        9: cabinet.calls.pedestrians,
        10: ons,
    }
    for column, numbers in sets.items():
        yield (*ASC, 1, 4, 1, column, group), Row(lambda n=numbers: _octet(n(), group))  # type: ignore[misc]


def _overlap_status(unit: NtcipUnit, highest: int) -> Iterator[tuple[Oid, Row]]:
    cabinet = unit.cabinet
    numbers = [o.number for o in cabinet.intersection.overlaps]

    def reds() -> list[int]:
        lit = {*cabinet.lights.overlap_greens, *cabinet.lights.overlap_yellows}
        return [n for n in numbers if n not in lit] if cabinet.mode != "flash" else []

    sets: dict[int, Callable[[], list[int] | tuple[int, ...]]] = {
        2: reds,
        3: lambda: cabinet.lights.overlap_yellows,
        4: lambda: cabinet.lights.overlap_greens,
    }
    for group in range(1, (highest + 7) // 8 + 1):
        for column, shown in sets.items():
            yield (*ASC, 9, 4, 1, column, group), Row(lambda n=shown, g=group: _octet(n(), g))  # type: ignore[misc]


def _phase_control(unit: NtcipUnit, group: int) -> Iterator[tuple[Oid, Row]]:
    fields = ("phase_omit", "ped_omit", "hold", "force_off", "veh_call", "ped_call")
    shift = 8 * (group - 1)
    for column, field in enumerate(fields, 2):

        def get(field: str = field) -> int:
            return int(getattr(unit.controls, field)) >> shift & 0xFF

        def put(value: int, field: str = field) -> None:
            others = int(getattr(unit.controls, field)) & ~(0xFF << shift)
            setattr(unit.controls, field, others | value << shift)
            if field == "ped_call":
                unit.press(value << shift)

        yield (*ASC, 1, 5, 1, column, group), Row(get, put, control=True)


def _phase_timing(node: Intersection, phase: Phase) -> Iterator[tuple[Oid, Row]]:
    together = bytes(p.number for p in node.phases if p != phase and node.compatible(p.number, phase.number))
    columns: dict[int, Value] = {
        1: phase.number,
        2: round(phase.walk_s),
        3: round(phase.ped_clear_s),
        4: round(phase.min_green_s),
        5: round(phase.passage_s * 10),
        6: round(phase.max_green_s),
        8: round(phase.yellow_s * 10),
        9: round(phase.red_clear_s * 10),
        21: 1,
        22: phase.ring,
        23: together,
    }
    for column, value in columns.items():
        yield (*ASC, 1, 2, 1, column, phase.number), Row(lambda v=value: v)  # type: ignore[misc]


def _detectors(unit: NtcipUnit, channels: int) -> Iterator[tuple[Oid, Row]]:
    for group in range(1, (channels + 7) // 8 + 1):
        active = Row(lambda g=group: _octet(unit.detectors, g))  # type: ignore[misc]
        yield (*ASC, 2, 4, 1, 2, group), active
        yield (*ASC, 2, 4, 1, 3, group), Row(lambda: 0)


def _unit(unit: NtcipUnit) -> Iterator[tuple[Oid, Row]]:
    registers = unit.registers
    yield (
        (*ASC, 3, 3, 0),
        Row(lambda: registers.backup_s, lambda v: setattr(registers, "backup_s", v), high=65_535),
    )
    yield (*ASC, 3, 5, 0), Row(lambda: unit.status)
    yield (*ASC, 3, 6, 0), Row(lambda: unit.flash)
    yield (*ASC, 3, 7, 0), Row(lambda: 0)
    yield (*ASC, 3, 8, 0), Row(lambda: 0x10 if unit.cabinet.mode == "flash" else 0)
    yield (*ASC, 3, 9, 0), Row(lambda: 0)


def _coordination(unit: NtcipUnit) -> Iterator[tuple[Oid, Row]]:
    registers = unit.registers
    yield (
        (*ASC, 4, 1, 0),
        Row(lambda: registers.operational_mode, lambda v: setattr(registers, "operational_mode", v)),
    )
    yield (*ASC, 4, 5, 0), Row(lambda: RESERVED)
    yield (*ASC, 4, 10, 0), Row(lambda: unit.pattern)
    yield (*ASC, 4, 11, 0), Row(lambda: 2 if unit.cabinet.mode == "local" else 3)
    yield (
        (*ASC, 4, 14, 0),
        Row(
            lambda: registers.system_pattern,
            lambda v: setattr(registers, "system_pattern", v),
            control=True,
        ),
    )
    yield (
        (*ASC, 4, 15, 0),
        Row(lambda: registers.system_sync, lambda v: setattr(registers, "system_sync", v), control=True),
    )


def _patterns(unit: NtcipUnit) -> Iterator[tuple[Oid, Row]]:
    """The local plans, which can only be read, and the one whose splits the system may write."""
    node, written = unit.cabinet.intersection, unit.registers.splits
    for number, plan in (*((p.number, p) for p in node.every_plan), (RESERVED, node.plan)):
        columns = {2: round(plan.cycle_s), 3: round(plan.offset_s), 4: number, 5: 1}
        for column, value in columns.items():
            yield (*ASC, 4, 7, 1, column, number), Row(lambda v=value: v)  # type: ignore[misc]
    for plan in node.every_plan:
        for split in plan.splits:
            oid = (*ASC, 4, 9, 1, 3, plan.number, split.phase)
            yield oid, Row(lambda s=split: round(s.split_s))  # type: ignore[misc]
    for split in node.plan.splits:
        phase = split.phase

        def put(value: int, phase: int = phase) -> None:
            written[phase] = value

        yield (*ASC, 4, 9, 1, 3, RESERVED, phase), Row(lambda p=phase: written[p], put)  # type: ignore[misc]


def _ring_status(unit: NtcipUnit, number: int) -> int:
    ring = unit.cabinet.rings[number]
    cause = unit.causes.get(number, 0)
    if ring.interval == "green":
        over = unit.clock_ms - ring.since >= ring.timings[ring.phase].min_green
        return cause | (1 if over else 0)
    return cause | {"yellow": 4, "red_clear": 5, "red": 6}[ring.interval]


def _octet(numbers: list[int] | tuple[int, ...] | set[int], group: int) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << (number - 1)
    return mask >> 8 * (group - 1) & 0xFF
