"""Why did each green end: gap-out (4), max-out (5) or force-off (6)? (Purdue Phase Termination.)"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, bin_of, ordered
from signal_control.events import PHASE_FORCE_OFF, PHASE_GAP_OUT, PHASE_MAX_OUT

NEEDS: Final = (PHASE_GAP_OUT, PHASE_MAX_OUT, PHASE_FORCE_OFF)
DETECTORS: Final = ""

Cause = Literal["gap_out", "max_out", "force_off"]
CAUSES: Final[dict[int, Cause]] = {
    PHASE_GAP_OUT: "gap_out",
    PHASE_MAX_OUT: "max_out",
    PHASE_FORCE_OFF: "force_off",
}


class PhaseTermination(NamedTuple):
    """How many greens of `phase` ended for this cause in the bin from `start_ns`."""

    start_ns: int
    phase: int
    cause: Cause
    total: int


def phase_termination(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[PhaseTermination]:
    """Terminations per bin, phase and cause, ordered by them; causes that did not occur are left out."""
    log = ordered(at_ns, code, param).only(NEEDS)
    keys = np.column_stack((bin_of(log.at_ns, bin_ns), log.param, log.code))
    cells, totals = np.unique(keys, axis=0, return_counts=True)
    return sorted(
        PhaseTermination(int(s), int(p), CAUSES[int(c)], int(n))
        for (s, p, c), n in zip(cells, totals, strict=True)
    )


class Termination(NamedTuple):
    """The green of `phase` that ended at `at_ns`, and why."""

    at_ns: int
    phase: int
    cause: Cause


def each(at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None) -> list[Termination]:
    """Every termination in order of time."""
    log = ordered(at_ns, code, param).only(NEEDS)
    rows = zip(log.at_ns.tolist(), log.param.tolist(), log.code.tolist(), strict=True)
    return sorted(Termination(t, p, CAUSES[c]) for t, p, c in rows)


def in_a_row(at_ns: Ints, code: Ints, param: Ints, cause: Cause, least: int) -> list[tuple[int, int, int]]:
    """Runs of at least `least` greens of a phase that all ended for one cause: (phase, from ns, to ns).

    UDOT's filter of consecutive terminations: a phase that maxes out once is busy, one that does so three
    times in a row is short of green.
    """
    log, found = ordered(at_ns, code, param).only(NEEDS), []
    for phase in log.phases(NEEDS):
        own, begin, length = log.only(NEEDS, (phase,)), 0, 0
        for i, c in enumerate([*own.code.tolist(), -1]):
            if CAUSES.get(c) == cause:
                begin, length = (begin if length else i), length + 1
                continue
            if length >= least:
                found.append((phase, int(own.at_ns[begin]), int(own.at_ns[i - 1])))
            length = 0
    return found
