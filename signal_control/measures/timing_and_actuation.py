"""What did every phase, walk and detector show, and from when to when?

(Timing and Actuation, the strip chart.)
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from signal_control import events
from signal_control.eventlog import BIN_NS, Channels, Ints, Log, ordered

What = Literal["green", "yellow", "red_clear", "walk", "ped_clear", "call", "ped_call", "on"]

_EDGES: Final[dict[What, tuple[int, tuple[int, ...]]]] = {
    "green": (events.PHASE_GREEN, (events.PHASE_YELLOW,)),
    "yellow": (
        events.PHASE_YELLOW,
        (events.PHASE_YELLOW_END, events.PHASE_RED_CLEAR, events.PHASE_INACTIVE),
    ),
    "red_clear": (events.PHASE_RED_CLEAR, (events.PHASE_RED_CLEAR_END, events.PHASE_INACTIVE)),
    "walk": (events.PED_WALK, (events.PED_CLEAR, events.PED_DONT_WALK)),
    "ped_clear": (events.PED_CLEAR, (events.PED_DONT_WALK,)),
    "call": (events.PHASE_CALL, (events.PHASE_CALL_DROPPED,)),
    "ped_call": (events.PED_DETECTOR_ON, (events.PED_DETECTOR_OFF,)),
    "on": (events.DETECTOR_ON, (events.DETECTOR_OFF,)),
}
"""The code that each begins with, and those that end it."""
NEEDS: Final = tuple(sorted({code for begin, ends in _EDGES.values() for code in (begin, *ends)}))
DETECTORS: Final = ""
AHEAD_NS: Final = 3_600_000_000_000
"""What lasts longer is cut, when it is followed as it comes."""


class Stretch(NamedTuple):
    """`what` was so for a phase, or for a detector channel, from `begin_ns` to `end_ns`."""

    begin_ns: int
    end_ns: int
    what: What
    number: int


def timing_and_actuation(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[Stretch]:
    """Every stretch, ordered by its begin; what is still so at the end of the log ends with it."""
    log = ordered(at_ns, code, param).only(NEEDS)
    last = int(log.at_ns[-1]) if len(log.at_ns) else 0
    return sorted(s for what in _EDGES for s in _stretches(log, what, last))


def _stretches(log: Log, what: What, last_ns: int) -> list[Stretch]:
    """From each begin that follows an end to the next end of the same number."""
    begins, ends = _EDGES[what]
    own = log.only((begins, *ends))
    by_number = np.argsort(own.param, kind="stable")
    at, number, begin = own.at_ns[by_number], own.param[by_number], own.code[by_number] == begins
    fresh = np.concatenate(([True], (number[1:] != number[:-1]) | ~begin[:-1]))[: len(at)]
    (first,) = np.nonzero(begin & fresh)
    (stop,) = np.nonzero(~begin)
    after = np.searchsorted(stop, first)
    found = np.concatenate((stop, [len(at)]))[after]
    same = np.concatenate((number, [-1]))[found] == number[first]
    until = np.where(same, np.concatenate((at, [0]))[found], last_ns)
    rows = zip(at[first].tolist(), until.tolist(), number[first].tolist(), strict=True)
    return [Stretch(b, e, what, n) for b, e, n in rows if e > b]
