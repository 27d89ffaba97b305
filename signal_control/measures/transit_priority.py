"""Which buses asked for priority, and what did they get? (Transit Signal Priority.)

Check-in (112), adjusted to early green (113) or extended green (114), check-out (115).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, ordered

CHECK_IN: Final = 112
EARLY_GREEN: Final = 113
EXTENDED_GREEN: Final = 114
CHECK_OUT: Final = 115
NEEDS: Final = (CHECK_IN, EARLY_GREEN, EXTENDED_GREEN, CHECK_OUT)
DETECTORS: Final = ""


class TransitPriority(NamedTuple):
    """One request `number`, checked in at `at_ns`; seconds to check-out; how often green was moved for it."""

    at_ns: int
    number: int
    took_s: float
    early_greens: int
    extended_greens: int


def transit_priority(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[TransitPriority]:
    """Every request that was checked out, in order of time. A second check-in of a number starts it anew."""
    log, found = ordered(at_ns, code, param), []
    for number in log.phases((CHECK_IN,)):
        own, since, early, extended = log.only(NEEDS, (number,)), None, 0, 0
        for at, c in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
            if c == CHECK_IN:
                since, early, extended = at, 0, 0
            elif since is not None and c == CHECK_OUT:
                found.append(TransitPriority(since, number, (at - since) / SECOND_NS, early, extended))
                since = None
            else:
                early, extended = early + (c == EARLY_GREEN), extended + (c == EXTENDED_GREEN)
    return sorted(found)
