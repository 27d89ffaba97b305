"""How long did each phase wait from its call to its green, and how often was it passed over?

From a call (43) to green (1); a call that is still there when a green ends (7) waits on from then. A call
that is dropped (44) waited for nothing. A wait of more than one and a half cycles counts as a skip; without
a known cycle (132) 140 s are assumed. Waits during a preemption (102 to 111) and two minutes after it are
left out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, bin_of, ordered, pairs
from signal_control.events import (
    CYCLE_LENGTH,
    PHASE_CALL,
    PHASE_CALL_DROPPED,
    PHASE_GREEN,
    PHASE_GREEN_END,
)

PREEMPT_CALL: Final = 102
PREEMPT_END: Final = 111
NEEDS: Final = (
    PHASE_GREEN,
    PHASE_GREEN_END,
    PHASE_CALL,
    PHASE_CALL_DROPPED,
    CYCLE_LENGTH,
    PREEMPT_CALL,
    PREEMPT_END,
)
DETECTORS: Final = ""

ASSUMED_CYCLE_S: Final = 140
SKIP_CYCLES: Final = 1.5
RECOVERY_NS: Final = 120 * SECOND_NS


class WaitTime(NamedTuple):
    """Mean and longest wait in seconds of the calls served in the bin from `start_ns`, and skips."""

    start_ns: int
    phase: int
    average_s: float
    longest_s: float
    waits: int
    skips: int


def waits(log: Log, phase: int) -> list[tuple[int, int]]:
    """(since, green) of each wait of a phase, ns since the epoch."""
    own, found, since, called = log.only(NEEDS[:4], (phase,)), [], None, False
    for at, code in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
        if code == PHASE_CALL:
            since, called = (since if called else at), True
        elif code == PHASE_CALL_DROPPED:
            since, called = None, False
        elif code == PHASE_GREEN_END and called:
            since = at
        elif code == PHASE_GREEN and since is not None:
            found.append((since, at))
            since = None
    return found


def wait_time(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[WaitTime]:
    """Waits per bin (of the green) and phase, ordered by both."""
    log, cells = ordered(at_ns, code, param), []
    lengths, away = log.only((CYCLE_LENGTH,)), _preempted(log)
    for phase in log.phases((PHASE_CALL,)):
        found = _undisturbed(waits(log, phase), away)
        if not found:
            continue
        since, green = np.array(found, np.int64).T
        took_s = (green - since) / SECOND_NS
        limit_s = SKIP_CYCLES * np.maximum(_cycle_s(lengths, since), _cycle_s(lengths, green))
        starts = bin_of(green, bin_ns)
        for start in np.unique(starts):
            mine = starts == start
            own_s, skips = took_s[mine], int((took_s[mine] > limit_s[mine]).sum())
            figures = (float(own_s.mean()), float(own_s.max()), int(mine.sum()), skips)
            cells.append(WaitTime(int(start), phase, *figures))
    return sorted(cells)


class Wait(NamedTuple):
    """A call of `phase` that waited `wait_s` seconds for the green that began at `green_ns`."""

    green_ns: int
    phase: int
    wait_s: float


def each(at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None) -> list[Wait]:
    """Every wait that counts, in order of its end."""
    log = ordered(at_ns, code, param)
    away = _preempted(log)
    return sorted(
        Wait(green, phase, (green - since) / SECOND_NS)
        for phase in log.phases((PHASE_CALL,))
        for since, green in _undisturbed(waits(log, phase), away)
    )


def _undisturbed(found: list[tuple[int, int]], away: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [w for w in found if not any(a < w[1] and w[0] < b for a, b in away)]


def _preempted(log: Log) -> list[tuple[int, int]]:
    numbers = log.phases((PREEMPT_CALL,))
    found = [s for n in numbers for s in pairs(log, PREEMPT_CALL, PREEMPT_END, n)]
    return [(begin, end + RECOVERY_NS) for begin, end in found]


def _cycle_s(lengths: Log, at_ns: Ints) -> Ints:
    """The cycle in force at each time, seconds."""
    last = np.searchsorted(lengths.at_ns, at_ns, side="right") - 1
    known = np.concatenate((lengths.param, [0]))[last]
    return np.where(known > 0, known, ASSUMED_CYCLE_S)
