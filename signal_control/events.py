"""Which happenings at an intersection do we know, and by which numbers? (The one internal log.)

Codes are those of the Indiana Traffic Signal High Resolution Data Logger Enumerations (Purdue University and
INDOT, 2020). Simulator and field speak the same language, so estimates and measures run on either.
"""

from __future__ import annotations

from typing import Final

import msgspec

PHASE_ON: Final = 0
PHASE_GREEN: Final = 1
PHASE_CHECK: Final = 2
PHASE_MIN_COMPLETE: Final = 3
PHASE_GAP_OUT: Final = 4
PHASE_MAX_OUT: Final = 5
PHASE_FORCE_OFF: Final = 6
PHASE_GREEN_END: Final = 7
PHASE_YELLOW: Final = 8
PHASE_YELLOW_END: Final = 9
PHASE_RED_CLEAR: Final = 10
PHASE_RED_CLEAR_END: Final = 11
PHASE_INACTIVE: Final = 12
PED_WALK: Final = 21
PED_CLEAR: Final = 22
PED_DONT_WALK: Final = 23
BARRIER_END: Final = 31
PHASE_CALL: Final = 43
PHASE_CALL_DROPPED: Final = 44
PED_CALL: Final = 45
OVERLAP_GREEN: Final = 61
OVERLAP_TRAIL: Final = 62
"""Trailing green: its phases are no longer green."""
OVERLAP_YELLOW: Final = 63
OVERLAP_RED_CLEAR: Final = 64
OVERLAP_OFF: Final = 65
DETECTOR_OFF: Final = 81
DETECTOR_ON: Final = 82
PED_DETECTOR_OFF: Final = 89
PED_DETECTOR_ON: Final = 90
PATTERN: Final = 131
CYCLE_LENGTH: Final = 132
OFFSET_LENGTH: Final = 133
COORD_STATE: Final = 150
FLASH_STATE: Final = 173
ZONE_COUNT: Final = 4096
"""`ZONE_COUNT + channel`: the parameter is the number of vehicles in an area detector's zone now.

Not an Indiana code. Sent with ZONE_STANDING at every change (at most once a second) and every 10 s at least.
"""
ZONE_STANDING: Final = 8192
"""`ZONE_STANDING + channel`: how many of them stand; follows its ZONE_COUNT at the same time."""
MAX_CHANNEL: Final = 255


class Event(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One entry of an intersection's high-resolution log.

    `at_ns` is nanoseconds since the epoch (UTC; the log resolves 0.1 s); `param` is a phase, a detector
    channel, a ring ..., as `code` says.
    """

    at_ns: int
    code: int
    param: int
