"""Which offsets would let more of a street arrive on green? (Purdue Link Pivot.)

From signal to signal, both directions of each link together, over the most common cycle of the time
(`signal_control.corridor`). It says something only where the signals ran coordinated, with one cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from signal_control import corridor
from signal_control.corridor import Link, Profile, profile
from signal_control.eventlog import Channels, Ints, Log
from signal_control.events import CYCLE_LENGTH, DETECTOR_ON, PHASE_GREEN, PHASE_YELLOW
from signal_control.street import Site, Stop

NEEDS: Final = (PHASE_GREEN, PHASE_YELLOW, CYCLE_LENGTH, DETECTOR_ON)
DETECTORS: Final = "advance"
STREET: Final = True


class LinkPivot(NamedTuple):
    """The link between two signals: how much later the green of `to` should begin (seconds, less than a
    cycle), and vehicles of both directions that arrive in a cycle, that arrive on green, and would."""

    nearer: str
    to: str
    cycle_s: int
    shift_s: int
    arrivals: float
    before: float
    after: float


def link_pivot(
    sites: Sequence[Site], stops: Sequence[Stop], channels: Mapping[str, Channels], span: tuple[int, int]
) -> list[LinkPivot]:
    """The links of a street in order; empty when it has no two signals. `span` (ns) is when."""
    logs = {site.intersection.id: site.log for site in sites}
    cycle_s = _cycle_s(sites, span[1])
    links = []
    for nearer, farther in pairwise(stops):
        onward = _profile(logs[farther.id], farther.onward, channels.get(farther.id, {}), cycle_s, span[1])
        back = _profile(logs[nearer.id], nearer.back, channels.get(nearer.id, {}), cycle_s, span[1])
        links.append(Link(onward, back))
    found = zip(pairwise(stops), links, corridor.link_pivot(links, cycle_s), strict=True)
    return [
        LinkPivot(a.id, b.id, cycle_s, move.shift_s, _sum(link), move.before, move.after)
        for (a, b), link, move in found
    ]


def _sum(link: Link) -> float:
    return float(link.onward.arrivals.sum() + link.back.arrivals.sum())


def _profile(log: Log, phase: int, channels: Channels, cycle_s: int, end_ns: int) -> Profile:
    kept = _with_cycle(log, cycle_s, end_ns)
    return profile(*kept, phase, channels.get(phase, ()), cycle_s)


def _with_cycle(log: Log, cycle_s: int, end_ns: int) -> Log:
    """What was logged while this cycle was in force; all of it where none was told."""
    begins, lengths, _ = _told(log, end_ns)
    if not len(lengths):
        return log
    row = np.searchsorted(begins, log.at_ns, side="right") - 1
    keep = lengths[np.maximum(row, 0)] == cycle_s
    return Log(log.at_ns[keep], log.code[keep], log.param[keep])


def _cycle_s(sites: Sequence[Site], end_ns: int) -> int:
    """The cycle in force for longest, of all the signals; by their plans where they do not tell."""
    held: dict[int, int] = {}
    for site in sites:
        begins, lengths, ends = _told(site.log, end_ns)
        for begin, length, end in zip(begins.tolist(), lengths.tolist(), ends.tolist(), strict=True):
            held[length] = held.get(length, 0) + end - begin
    planned = [round(site.intersection.plan.cycle_s) for site in sites]
    return max(held, key=lambda c: (held[c], -c)) if held else max(planned, key=planned.count)


def _told(log: Log, end_ns: int) -> tuple[Ints, Ints, Ints]:
    """Begin, cycle in seconds and end of each stretch with a cycle."""
    own = log.only((CYCLE_LENGTH,))
    keep = own.param > 0
    ends = np.concatenate((own.at_ns[1:], [max(end_ns, int(own.at_ns[-1]))])) if len(own.at_ns) else own.at_ns
    return own.at_ns[keep], own.param[keep], ends[keep]
