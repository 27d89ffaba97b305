"""Which objects of NTCIP 1202 (v02) does arterial read and write, and where are they?

Groups are octets of eight phases, detectors or overlaps: group g holds numbers 8g-7 (bit 0) to 8g (bit 7).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from gateway.snmp.ber import Oid

ASC: Final[Oid] = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)
"""nema (1206), transportation, devices, actuated signal controller."""

GLOBAL_TIME: Final[Oid] = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 6, 3, 1, 0)
"""NTCIP 1201: the controller's clock, seconds since 1970 UTC."""


def scalar(*arcs: int) -> Oid:
    """An object there is one of."""
    return (*ASC, *arcs, 0)


def column(table: Oid, number: int, *index: int) -> Oid:
    """One cell of a table."""
    return (*table, 1, number, *index)


MAX_PHASES: Final = scalar(1, 1)
MAX_PHASE_GROUPS: Final = scalar(1, 3)
MAX_DETECTORS: Final = scalar(2, 1)
MAX_DETECTOR_GROUPS: Final = scalar(2, 3)
MAX_PREEMPTS: Final = scalar(6, 1)
MAX_RINGS: Final = scalar(7, 1)
MAX_OVERLAPS: Final = scalar(9, 1)

UNIT_BACKUP_TIME: Final = scalar(3, 3)
"""Seconds without a control SET after which the controller falls back to its own plan; 0 is never."""
UNIT_CONTROL: Final = scalar(3, 5)
UNIT_FLASH: Final = scalar(3, 6)
UNIT_ALARM_2: Final = scalar(3, 7)
UNIT_ALARM_1: Final = scalar(3, 8)
SHORT_ALARM: Final = scalar(3, 9)

OPERATIONAL_MODE: Final = scalar(4, 1)
"""Anything but 0 is a pattern that somebody chose by hand; it goes before ours."""
PATTERN_STATUS: Final = scalar(4, 10)
FREE_STATUS: Final = scalar(4, 11)
CYCLE_STATUS: Final = scalar(4, 12)
SYNC_STATUS: Final = scalar(4, 13)
SYSTEM_PATTERN: Final = scalar(4, 14)
"""0 standby (release), 1 to 253 a pattern, 254 free, 255 flash."""
SYSTEM_SYNC: Final = scalar(4, 15)

PHASE_TABLE: Final[Oid] = (*ASC, 1, 2)
PHASE_STATUS: Final[Oid] = (*ASC, 1, 4)
PHASE_CONTROL: Final[Oid] = (*ASC, 1, 5)
DETECTOR_STATUS: Final[Oid] = (*ASC, 2, 4)
PATTERN_TABLE: Final[Oid] = (*ASC, 4, 7)
SPLIT_TABLE: Final[Oid] = (*ASC, 4, 9)
PREEMPT_TABLE: Final[Oid] = (*ASC, 6, 2)
RING_STATUS: Final[Oid] = (*ASC, 7, 6)
OVERLAP_STATUS: Final[Oid] = (*ASC, 9, 4)


class PhaseStatus(IntEnum):
    """Columns of phaseStatusGroupTable."""

    REDS = 2
    YELLOWS = 3
    GREENS = 4
    PED_CLEARS = 6
    WALKS = 7
    VEH_CALLS = 8
    PED_CALLS = 9
    PHASE_ONS = 10


class PhaseControl(IntEnum):
    """Columns of phaseControlGroupTable; the controller sets all of them to 0 in backup mode."""

    PHASE_OMIT = 2
    PED_OMIT = 3
    HOLD = 4
    FORCE_OFF = 5
    """A bit clears itself when the green of its phase ends."""
    VEH_CALL = 6
    PED_CALL = 7


class PhaseTiming(IntEnum):
    """Columns of phaseTable; see `TENTHS` for the units."""

    WALK = 2
    PED_CLEAR = 3
    MIN_GREEN = 4
    PASSAGE = 5
    MAX_GREEN = 6
    YELLOW = 8
    RED_CLEAR = 9
    OPTIONS = 21
    RING = 22
    CONCURRENCY = 23
    """Octets: the phases that may be green together with this one."""


TENTHS: Final = frozenset({PhaseTiming.PASSAGE, PhaseTiming.YELLOW, PhaseTiming.RED_CLEAR})
"""Columns in tenths of a second; the other times are whole seconds."""

DETECTOR_ACTIVE: Final = 2
DETECTOR_ALARMS: Final = 3
OVERLAP_YELLOWS: Final = 3
OVERLAP_GREENS: Final = 4
PREEMPT_STATE: Final = 16
RING_STATUS_COLUMN: Final = 1
PATTERN_CYCLE, PATTERN_OFFSET, PATTERN_SPLIT, PATTERN_SEQUENCE = 2, 3, 4, 5
SPLIT_TIME, SPLIT_MODE, SPLIT_COORD = 3, 4, 5

FREE, FLASH, STANDBY = 254, 255, 0


class UnitControl(IntEnum):
    """Values of unitControlStatus; 9 and 10 came with version 03."""

    OTHER = 1
    SYSTEM_CONTROL = 2
    SYSTEM_STANDBY = 3
    BACKUP = 4
    MANUAL = 5
    TIMEBASE = 6
    INTERCONNECT = 7
    INTERCONNECT_BACKUP = 8
    REMOTE_MANUAL = 9
    LOCAL_MANUAL = 10


NOT_FLASHING: Final = 2
"""unitFlashStatus; every other value but 0 (not told) is a kind of flash."""
INPUT_FREE: Final = 5
"""localFreeStatus: a switch in the cabinet."""
STOP_TIME: Final = 0x80
"""shortAlarmStatus, critical alarm: the controller's timing has been stopped."""

PREEMPTS: Final = {
    3: "called",
    4: "entering",
    5: "clearing the track",
    6: "dwelling",
    7: "linked",
    8: "leaving",
    9: "too long",
}
"""preemptState while a preemption is on its way or runs; 1 is other, 2 not active."""

RING_FORCE_OFF, RING_MAX_OUT, RING_GAP_OUT = 0x20, 0x10, 0x08
"""ringStatus: why a green ends."""
RING_STATE: Final = 0x07
RING_MIN_GREEN: Final = 0


def groups(highest: int) -> range:
    """The groups that hold numbers 1 to `highest`."""
    return range(1, (highest + 7) // 8 + 1)
