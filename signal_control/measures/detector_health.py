"""Which detectors cannot be believed?

A channel is `silent` in a bin without any actuation, `stuck_on` when it was on for longer than ten minutes
without a break, `erratic` with more than sixty actuations in a minute, `chatter` when most of its actuations
are shorter than a tenth of a second apart; else `ok`. A silent detector at night may just see nobody.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from signal_control.detector_time import Occupancy
from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, Log, bin_of, ordered
from signal_control.events import DETECTOR_OFF, DETECTOR_ON

NEEDS: Final = (DETECTOR_OFF, DETECTOR_ON)
DETECTORS: Final = ""

State = Literal["ok", "silent", "stuck_on", "erratic", "chatter"]
STUCK_NS: Final = 600 * SECOND_NS
MOST_A_MINUTE: Final = 60
MINUTE_NS: Final = 60 * SECOND_NS
SHORT_NS: Final = SECOND_NS // 10


class DetectorHealth(NamedTuple):
    """Actuations, share of time on (0 to 1) and state of a channel in the bin from `start_ns`."""

    start_ns: int
    channel: int
    actuations: int
    on: float
    state: State


def detector_health(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[DetectorHealth]:
    """Every bin up to the last detector event: from the first one for the channels that `channels` names,
    from its own first one for any other.
    """
    log = ordered(at_ns, code, param).only(NEEDS)
    if not len(log.at_ns):
        return []
    first, last = int(log.at_ns[0]) // bin_ns * bin_ns, int(log.at_ns[-1]) // bin_ns * bin_ns
    named = {c for own in (channels or {}).values() for c in own}
    cells = []
    for channel in sorted({*log.phases(NEEDS), *named}):
        own = first if channel in named else int(log.only(NEEDS, (channel,)).at_ns[0]) // bin_ns * bin_ns
        cells += _of(log, channel, np.arange(own, last + 1, bin_ns, dtype=np.int64), bin_ns)
    return sorted(cells)


def _of(log: Log, channel: int, starts: Ints, bin_ns: int) -> list[DetectorHealth]:
    on = log.only((DETECTOR_ON,), (channel,)).at_ns
    occupied = Occupancy(log, (channel,))
    shares = occupied.between(starts, starts + bin_ns) / bin_ns
    rows = np.searchsorted(starts, bin_of(on, bin_ns))
    counts = np.bincount(rows, minlength=len(starts))
    cells = []
    for i, (start, n, share) in enumerate(
        zip(starts.tolist(), counts.tolist(), shares.tolist(), strict=True)
    ):
        stuck = bool((occupied.longest(start, start + bin_ns)) >= STUCK_NS)
        cells.append(DetectorHealth(start, channel, n, share, _state(on[rows == i], share, stuck)))
    return cells


def _state(on: Ints, share: float, stuck: bool) -> State:
    if stuck:
        return "stuck_on"
    if not len(on):
        return "silent"
    if np.bincount((on - on[0]) // MINUTE_NS).max() > MOST_A_MINUTE:
        return "erratic"
    return "chatter" if len(on) > 10 and np.mean(np.diff(on) < SHORT_NS) > 0.5 else "ok"
