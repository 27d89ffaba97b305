"""What should one know of a reading before believing it? Flags beside the value, which stays as it is.

A flag is never a reason to leave a reading out, and none does not mean good: it means that nothing was
noticed. The numbers are bits, for a reading may carry several, and stores hold them: none ever changes.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

from collectors.reading import Reading

QUALITY: Final = "quality"
"""The column, field or series that holds the flags of a reading in a store; absent where none is set."""


class Flag(IntFlag):
    """A mark beside the value."""

    RETAINED = 1
    """The broker had kept it from before (MQTT retain): it says nothing about whether the device is alive."""
    LATE = 2
    """It came much later than its own time says: held back on the way, or from a clock that is behind."""
    CLOCK = 4
    """It came before its own time: one of two clocks is wrong, mostly its device's."""
    RANGE = 8
    """A value is possible, and yet beyond what its quantity or its own device has to do with."""
    STUCK = 16
    """A value that should live has not moved for longer than it ever did while it was sound."""
    RATE = 32
    """A value has changed faster than it can, and nothing has confirmed it yet."""
    GAP = 64
    """Readings are missing before it: the device usually speaks more often."""
    SUBSTITUTED = 128
    """It was not measured as it stands: an estimate, or a share of something longer, takes its place."""
    UNKNOWN = 256
    """Nobody vouches for it: what it rests on cannot be believed at present."""
    RESET = 512
    """A counter has begun anew: it was set back, or exchanged."""
    ROLLOVER = 1024
    """A counter has passed its last digit and begun at 0, as it must."""


def with_flag(reading: Reading, flag: int) -> Reading:
    """The same reading with one more flag, or several."""
    return Reading(
        reading.kind,
        reading.site,
        reading.device,
        reading.at_ns,
        reading.fields,
        reading.tags,
        reading.tie,
        reading.received_ns,
        int(reading.quality | flag),  # a plain one: only of those `in range(...)` is quick
    )


def words(quality: int) -> list[str]:
    """The flags in `quality` by name, lower case, in the order of their bits; unknown bits as numbers."""
    known = [flag.name.lower() for flag in Flag if flag & quality and flag.name]
    rest = quality & ~sum(Flag)
    return [*known, *([str(rest)] if rest else [])]
