"""How long was each phase's split, from its green to the end of its red clearance? (Split Monitor.)

The split of one service is green, yellow and red clearance (1 to 11; to 10 where no 11 is logged), in the bin
in which its green began. Beside the 85th percentile, UDOT's default, how many services there were and why
their greens ended. A cycle without a service is a skip of that phase.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, bin_of, ordered, runs
from signal_control.events import (
    PHASE_FORCE_OFF,
    PHASE_GAP_OUT,
    PHASE_GREEN,
    PHASE_MAX_OUT,
    PHASE_RED_CLEAR,
    PHASE_RED_CLEAR_END,
)
from signal_control.measures.phase_termination import CAUSES

NEEDS: Final = (
    PHASE_GREEN,
    PHASE_GAP_OUT,
    PHASE_MAX_OUT,
    PHASE_FORCE_OFF,
    PHASE_RED_CLEAR,
    PHASE_RED_CLEAR_END,
)
DETECTORS: Final = ""


class SplitMonitor(NamedTuple):
    """Splits of `phase` whose green began in the bin from `start_ns`, seconds; causes as shares."""

    start_ns: int
    phase: int
    services: int
    average_s: float
    percentile_85_s: float
    gap_out: float
    max_out: float
    force_off: float


class Service(NamedTuple):
    """One service: begin of green and end of red clearance (ns), and the code that ended its green."""

    green_ns: int
    end_ns: int
    cause: int

    @property
    def split_s(self) -> float:
        """Green, yellow and red clearance in seconds."""
        return (self.end_ns - self.green_ns) / SECOND_NS


def services(log: Log, phase: int) -> list[Service]:
    """Every service of a phase that ended within the log."""
    own, found, green, cause, red = log.only(NEEDS, (phase,)), [], None, 0, None
    for at, code in zip(own.at_ns.tolist(), own.code.tolist(), strict=True):
        if code == PHASE_GREEN:
            if green is not None and red is not None:
                found.append(Service(green, red, cause))
            green, cause, red = at, 0, None
        elif green is None:
            continue
        elif code == PHASE_RED_CLEAR:
            red = at
        elif code == PHASE_RED_CLEAR_END:
            found.append(Service(green, at, cause))
            green = None
        else:
            cause = code
    return found


def split_monitor(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[SplitMonitor]:
    """Splits per bin and phase, ordered by both."""
    log, cells = ordered(at_ns, code, param), []
    for phase in log.phases((PHASE_GREEN,)):
        found = services(log, phase)
        starts = bin_of(np.array([s.green_ns for s in found], np.int64), bin_ns)
        for start, rows in runs(starts):
            mine = found[rows]
            seconds, causes = np.array([s.split_s for s in mine]), [s.cause for s in mine]
            shares = (causes.count(c) / len(mine) for c in (PHASE_GAP_OUT, PHASE_MAX_OUT, PHASE_FORCE_OFF))
            p85_s = float(np.percentile(seconds, 85))
            cells.append(SplitMonitor(start, phase, len(mine), float(seconds.mean()), p85_s, *shares))
    return sorted(cells)


class Split(NamedTuple):
    """One service of `phase` whose green began at `green_ns`: its length in seconds, and why the green
    ended (empty when that was not logged)."""

    green_ns: int
    phase: int
    split_s: float
    cause: str


def each(at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None) -> list[Split]:
    """Every service in order of time."""
    log = ordered(at_ns, code, param)
    return sorted(
        Split(s.green_ns, phase, s.split_s, CAUSES.get(s.cause, ""))
        for phase in log.phases((PHASE_GREEN,))
        for s in services(log, phase)
    )
