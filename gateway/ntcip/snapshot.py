"""What does a controller show at one instant, and which objects have to be asked for it?

Sets of phases, detectors and overlaps are bit masks over all groups: number n is bit n - 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from gateway.ntcip import objects as o
from gateway.ntcip.objects import PhaseControl, PhaseStatus, column, groups
from gateway.snmp.ber import BadMessage, Oid
from gateway.snmp.message import Binding

MOST_PREEMPTS: Final = 8
"""Preemptions beyond these are not watched."""


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """One reading of the status groups.

    `at_ns` is city time. `preempts` and `rings` hold one byte per preemption and ring. What the controller
    does not have is 0. `hold`, `omit`, `force_off` and `veh_call` are its control groups read back.
    """

    at_ns: int
    greens: int = 0
    yellows: int = 0
    reds: int = 0
    walks: int = 0
    ped_clears: int = 0
    veh_calls: int = 0
    ped_calls: int = 0
    phase_ons: int = 0
    force_off: int = 0
    detectors: int = 0
    overlap_greens: int = 0
    overlap_yellows: int = 0
    unit_control: int = 0
    unit_flash: int = 0
    short_alarm: int = 0
    pattern: int = 0
    free: int = 0
    preempts: int = 0
    rings: int = 0


class Slow(msgspec.Struct, frozen=True, gc=False):
    """What is asked once a second: alarms, the coordinator, and our own orders read back."""

    alarm_1: int = 0
    alarm_2: int = 0
    detector_alarms: int = 0
    operational_mode: int = 0
    system_pattern: int = 0
    backup_s: int = 0
    hold: int = 0
    phase_omit: int = 0
    veh_call: int = 0


class Cell(NamedTuple):
    """One object and where its value goes: a field, shifted by so many bits."""

    oid: Oid
    field: str
    shift: int
    name: str
    """What NTCIP 1202 calls it."""


def fast_cells(
    phases: int, detectors: int, overlaps: int = 0, preempts: int = 0, rings: int = 0
) -> tuple[Cell, ...]:
    """Everything that makes a Snapshot, for phases, detectors ... 1 to these numbers."""
    return (
        *(cell for c in PhaseStatus for cell in _grouped(_PHASES[c], o.PHASE_STATUS, c, phases)),
        *_grouped(
            ("force_off", "phaseControlGroupForceOff"), o.PHASE_CONTROL, PhaseControl.FORCE_OFF, phases
        ),
        *_grouped(_ACTIVE, o.DETECTOR_STATUS, o.DETECTOR_ACTIVE, detectors),
        *_grouped(_OVERLAP_GREENS, o.OVERLAP_STATUS, o.OVERLAP_GREENS, overlaps),
        *_grouped(_OVERLAP_YELLOWS, o.OVERLAP_STATUS, o.OVERLAP_YELLOWS, overlaps),
        Cell(o.UNIT_CONTROL, "unit_control", 0, "unitControlStatus"),
        Cell(o.UNIT_FLASH, "unit_flash", 0, "unitFlashStatus"),
        Cell(o.SHORT_ALARM, "short_alarm", 0, "shortAlarmStatus"),
        Cell(o.PATTERN_STATUS, "pattern", 0, "coordPatternStatus"),
        Cell(o.FREE_STATUS, "free", 0, "localFreeStatus"),
        *_bytes("preempts", o.PREEMPT_TABLE, o.PREEMPT_STATE, min(preempts, MOST_PREEMPTS), "preemptState"),
        *_bytes("rings", o.RING_STATUS, o.RING_STATUS_COLUMN, rings, "ringStatus"),
    )


def slow_cells(phases: int, detectors: int) -> tuple[Cell, ...]:
    """Everything that makes a Slow."""
    control = (
        ("hold", PhaseControl.HOLD, "phaseControlGroupHold"),
        ("phase_omit", PhaseControl.PHASE_OMIT, "phaseControlGroupPhaseOmit"),
        ("veh_call", PhaseControl.VEH_CALL, "phaseControlGroupVehCall"),
    )
    return (
        Cell(o.UNIT_ALARM_1, "alarm_1", 0, "unitAlarmStatus1"),
        Cell(o.UNIT_ALARM_2, "alarm_2", 0, "unitAlarmStatus2"),
        Cell(o.OPERATIONAL_MODE, "operational_mode", 0, "coordOperationalMode"),
        Cell(o.SYSTEM_PATTERN, "system_pattern", 0, "systemPatternControl"),
        Cell(o.UNIT_BACKUP_TIME, "backup_s", 0, "unitBackupTime"),
        *_grouped(_DETECTOR_ALARMS, o.DETECTOR_STATUS, o.DETECTOR_ALARMS, detectors),
        *(cell for field, c, name in control for cell in _grouped((field, name), o.PHASE_CONTROL, c, phases)),
    )


def filled(cells: Sequence[Cell], bindings: Iterable[Binding]) -> dict[str, int]:
    """Field values out of an answer; raises BadMessage for one that no controller can give."""
    found: dict[str, int] = {}
    for cell, binding in zip(cells, bindings, strict=True):
        value = binding.value
        if type(value) is not int or not 0 <= value <= 65_535 or (cell.shift and value > 255):
            raise BadMessage(f"{cell.name} is {value!r}")
        found[cell.field] = found.get(cell.field, 0) | value << cell.shift
    return found


def members(mask: int) -> Iterator[int]:
    """The numbers in a mask, ascending."""
    number = 1
    while mask:
        if mask & 1:
            yield number
        mask >>= 1
        number += 1


def mask_of(numbers: Iterable[int]) -> int:
    """The mask of these numbers."""
    mask = 0
    for number in numbers:
        mask |= 1 << (number - 1)
    return mask


def byte_of(mask: int, number: int) -> int:
    """The byte of one preemption or ring."""
    return mask >> 8 * (number - 1) & 0xFF


_PHASES: Final = {
    PhaseStatus.REDS: ("reds", "phaseStatusGroupReds"),
    PhaseStatus.YELLOWS: ("yellows", "phaseStatusGroupYellows"),
    PhaseStatus.GREENS: ("greens", "phaseStatusGroupGreens"),
    PhaseStatus.PED_CLEARS: ("ped_clears", "phaseStatusGroupPedClears"),
    PhaseStatus.WALKS: ("walks", "phaseStatusGroupWalks"),
    PhaseStatus.VEH_CALLS: ("veh_calls", "phaseStatusGroupVehCalls"),
    PhaseStatus.PED_CALLS: ("ped_calls", "phaseStatusGroupPedCalls"),
    PhaseStatus.PHASE_ONS: ("phase_ons", "phaseStatusGroupPhaseOns"),
}
_ACTIVE: Final = ("detectors", "vehicleDetectorStatusGroupActive")
_DETECTOR_ALARMS: Final = ("detector_alarms", "vehicleDetectorStatusGroupAlarms")
_OVERLAP_GREENS: Final = ("overlap_greens", "overlapStatusGroupGreens")
_OVERLAP_YELLOWS: Final = ("overlap_yellows", "overlapStatusGroupYellows")


def _grouped(names: tuple[str, str], table: Oid, number: int, highest: int) -> Iterator[Cell]:
    field, name = names
    for group in groups(highest):
        yield Cell(column(table, number, group), field, 8 * (group - 1), f"{name}.{group}")


def _bytes(field: str, table: Oid, number: int, count: int, name: str) -> Iterator[Cell]:
    for n in range(1, count + 1):
        yield Cell(column(table, number, n), field, 8 * (n - 1), f"{name}.{n}")
