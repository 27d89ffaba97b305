"""Which splits were programmed, and from when on? (Codes 134 to 149: the split of phases 1 to 16, seconds.)

Coordinated plans log them when they change; adaptive control does so too where it sets splits.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from signal_control.eventlog import BIN_NS, Channels, Ints, ordered

FIRST: Final = 134
NEEDS: Final = tuple(range(FIRST, FIRST + 16))
DETECTORS: Final = ""


class ProgrammedSplit(NamedTuple):
    """From `at_ns` on the split of `phase` was `split_s` seconds."""

    at_ns: int
    phase: int
    split_s: int


def programmed_splits(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[ProgrammedSplit]:
    """Every split that was told, in order of time."""
    log = ordered(at_ns, code, param).only(NEEDS)
    rows = zip(log.at_ns.tolist(), (log.code - FIRST + 1).tolist(), log.param.tolist(), strict=True)
    return sorted(ProgrammedSplit(*row) for row in rows)
