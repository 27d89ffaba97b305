"""How does one sighting after the other become an alarm, and when is it over? Hysteresis and delays."""

from __future__ import annotations

from typing import Literal

import msgspec

from gateway.alarms.alarm import Alarm
from gateway.alarms.settings import Tuned

Move = Literal["", "raise", "clear", "forget"]

S: float = 1e9


class Track(msgspec.Struct):
    """One rule followed at one subject, from the first bad sighting until all is well; ns since the epoch.

    `since_ns` is since when it has been bad without a break, `good_ns` since when it has been good (0: is
    not), `seen_ns` when it was last sighted.
    """

    rule: str
    subject: str
    groups: tuple[str, ...]
    level: float
    detail: str
    since_ns: int
    seen_ns: int
    good_ns: int = 0
    alarm: Alarm | None = None


def is_bad(level: float, bounds: Tuned) -> bool:
    """Whether a level is one to raise an alarm for."""
    return level <= bounds.raise_at if bounds.raise_at < bounds.clear_at else level >= bounds.raise_at


def is_good(level: float, bounds: Tuned) -> bool:
    """Whether a level is one at which an alarm is over; between both bounds nothing changes."""
    if is_bad(level, bounds):
        return False
    return level >= bounds.clear_at if bounds.raise_at < bounds.clear_at else level <= bounds.clear_at


def step(track: Track, bounds: Tuned, now_ns: int) -> Move:
    """What is due for `track` at `now_ns`, by its last level; notes since when that has been good."""
    if track.alarm is None:
        if not is_bad(track.level, bounds):
            return "forget"
        return "raise" if now_ns - track.since_ns >= bounds.raise_after_s * S else ""
    if not is_good(track.level, bounds):
        track.good_ns = 0
        return ""
    track.good_ns = track.good_ns or now_ns
    return "clear" if now_ns - track.good_ns >= bounds.clear_after_s * S else ""
