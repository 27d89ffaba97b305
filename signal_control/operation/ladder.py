"""How far may an intersection be trusted to what its detectors say: adaptive, actuated, or its local plan?

Every lane's detectors are judged by the queue estimate: ok, substituted (some are replaced by others or by
the model) or blind. Down a step when it lasts a few seconds; up again only after a minute
without doubt, so that a chattering detector does not make the control chatter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from signal_control.estimates import estimates_of
from signal_control.model import Intersection
from signal_control.queue_estimate import LaneHealth, QueueEstimate

Step = Literal["adaptive", "substituted", "actuated", "local"]
STEPS: Final[tuple[Step, ...]] = ("adaptive", "substituted", "actuated", "local")
"""From the best to the last. `substituted` decides as `adaptive` does, on estimates that are less sure."""

DOWN_NS: Final = 5_000_000_000
UP_NS: Final = 60_000_000_000
BLIND_SHARE: Final = 1 / 3
"""With more blind lanes than this a look ahead is a guess: actuated control needs only calls."""


class Rung(NamedTuple):
    """The step in force, and its cause in words."""

    step: Step
    cause: str


BELIEVED: Final = Rung("adaptive", "Every lane's detectors are believed.")


class Ladder:
    """Follows the health of one intersection's lanes. Pure: time is an argument, nanoseconds."""

    def __init__(self, intersection: Intersection) -> None:
        self._watched = sorted({d.lane for d in intersection.detectors})
        self.rung = Rung("adaptive", "Nothing is known against it.")
        self._other: Rung | None = None
        self._since_ns = 0
        self._known: tuple[tuple[Mapping[str, int], tuple[LaneHealth, ...]], Rung] = (({}, ()), _wanted([]))
        """The lanes and their health as judged last, and the rung that they ask for."""

    def judge(self, queues: Mapping[str, QueueEstimate], now_ns: int) -> Rung | None:
        """Take the estimates in; returns the new rung when it changes now."""
        seen = estimates_of(queues)
        judged = seen.places, seen.health
        if judged != self._known[0]:
            self._known = judged, _wanted([queues[name] for name in self._watched if name in queues])
        wanted = self._known[1]
        if wanted.step == self.rung.step:
            self._other, self.rung = None, wanted
            return None
        if self._other is None or self._other.step != wanted.step:
            self._since_ns = now_ns
        self._other = wanted
        down = STEPS.index(wanted.step) > STEPS.index(self.rung.step)
        if now_ns - self._since_ns < (DOWN_NS if down else UP_NS):
            return None
        self.rung, self._other = wanted, None
        return wanted


def _wanted(lanes: list[QueueEstimate]) -> Rung:
    """The rung for these lanes, all that have detectors."""
    blind = [q.lane for q in lanes if q.health == "blind"]
    poor = [q.lane for q in lanes if q.health == "substituted"]
    if not lanes:
        return Rung("adaptive", "No detectors are declared; queues are not seen.")
    if len(blind) == len(lanes):
        return Rung("local", "No lane's detectors can be believed.")
    if len(blind) > BLIND_SHARE * len(lanes):
        return Rung("actuated", f"{len(blind)} of {len(lanes)} lanes are blind: {_some(blind)}.")
    if blind or poor:
        return Rung("substituted", f"Detectors are replaced on {_some([*blind, *poor])}.")
    return BELIEVED


def _some(lanes: list[str]) -> str:
    return ", ".join(lanes[:4]) + (f" and {len(lanes) - 4} more" if len(lanes) > 4 else "")
