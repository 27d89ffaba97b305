"""What did every phase, walk and detector show, and from when to when?

(Timing and Actuation, the strip chart.)
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from signal_control import events
from signal_control.eventlog import BIN_NS, Channels, Ints, Log, ordered

What = Literal["green", "yellow", "red_clear", "walk", "ped_clear", "call", "ped_call", "on"]

_BEGINS: Final[dict[int, What]] = {
    events.PHASE_GREEN: "green",
    events.PHASE_YELLOW: "yellow",
    events.PHASE_RED_CLEAR: "red_clear",
    events.PED_WALK: "walk",
    events.PED_CLEAR: "ped_clear",
    events.PHASE_CALL: "call",
    events.PED_DETECTOR_ON: "ped_call",
    events.DETECTOR_ON: "on",
}
_ENDS: Final[dict[int, tuple[What, ...]]] = {
    events.PHASE_YELLOW: ("green",),
    events.PHASE_YELLOW_END: ("yellow",),
    events.PHASE_RED_CLEAR: ("yellow",),
    events.PHASE_RED_CLEAR_END: ("red_clear",),
    events.PHASE_INACTIVE: ("yellow", "red_clear"),
    events.PED_CLEAR: ("walk",),
    events.PED_DONT_WALK: ("walk", "ped_clear"),
    events.PHASE_CALL_DROPPED: ("call",),
    events.PED_DETECTOR_OFF: ("ped_call",),
    events.DETECTOR_OFF: ("on",),
}
NEEDS: Final = tuple(sorted({*_BEGINS, *_ENDS}))
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
    open_: dict[tuple[What, int], int] = {}
    found = [s for s in _stretches(log, open_) if s.end_ns > s.begin_ns]
    last = int(log.at_ns[-1]) if len(log.at_ns) else 0
    found += [Stretch(since, last, what, n) for (what, n), since in open_.items() if last > since]
    return sorted(found)


def _stretches(log: Log, open_: dict[tuple[What, int], int]) -> list[Stretch]:
    found = []
    for at, c, n in zip(log.at_ns.tolist(), log.code.tolist(), log.param.tolist(), strict=True):
        for what in _ENDS.get(c, ()):
            since = open_.pop((what, n), None)
            if since is not None:
                found.append(Stretch(since, at, what, n))
        begun = _BEGINS.get(c)
        if begun is not None:
            open_.setdefault((begun, n), at)
    return found
