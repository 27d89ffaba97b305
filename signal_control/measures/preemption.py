"""What did each preemption take? (Preemption Details.)

Call on (102), call off (104), entry (105), track clearance (106), dwell (107), exit (111).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, ordered

CALL: Final = 102
CALL_OFF: Final = 104
ENTRY: Final = 105
TRACK_CLEAR: Final = 106
DWELL: Final = 107
EXIT: Final = 111
NEEDS: Final = (CALL, CALL_OFF, ENTRY, TRACK_CLEAR, DWELL, EXIT)
DETECTORS: Final = ""


class Preemption(NamedTuple):
    """One preemption `number` called at `at_ns`; seconds, -1 for what was not logged.

    `delay_s` from call to entry, `to_dwell_s` from entry to dwell, `track_clear_s` from track clearance to
    dwell, `dwell_s` from dwell to exit, `called_s` for which the call was on, `total_s` from call to exit.
    """

    at_ns: int
    number: int
    delay_s: float
    to_dwell_s: float
    track_clear_s: float
    dwell_s: float
    called_s: float
    total_s: float


def preemption(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Preemption]:
    """Every preemption that has ended or been overtaken by the next call, in order of time."""
    log, found = ordered(at_ns, code, param), []
    for number in log.phases((CALL,)):
        own = log.only(NEEDS, (number,))
        seen: dict[int, int] = {}
        for at, c in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
            if c == CALL and EXIT in seen:
                seen = {}
            seen.setdefault(c, at)
            if c == EXIT and CALL in seen:
                found.append(_one(number, seen))
            if c == EXIT:
                seen = {}
    return sorted(found)


def _one(number: int, at: dict[int, int]) -> Preemption:
    def took_s(begin: int, end: int) -> float:
        there = begin in at and end in at and at[end] >= at[begin]
        return (at[end] - at[begin]) / SECOND_NS if there else -1.0

    steps = (
        (CALL, ENTRY),
        (ENTRY, DWELL),
        (TRACK_CLEAR, DWELL),
        (DWELL, EXIT),
        (CALL, CALL_OFF),
        (CALL, EXIT),
    )
    return Preemption(at[CALL], number, *(took_s(a, b) for a, b in steps))
