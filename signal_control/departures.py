"""Who has left the stop lines of an intersection lately, into which links downstream?"""

from __future__ import annotations

from collections import deque
from typing import Final

from signal_control.events import DETECTOR_OFF, Event
from signal_control.model import Intersection
from signal_control.status import Departed, LinkState

TOLD_NS: Final = 15_000_000_000
"""For so long it is told that somebody left: the neighbour, who remembers it, may miss a few ticks."""


class _Link:
    """Who was sent into one link."""

    def __init__(self) -> None:
        self.sent: deque[Departed] = deque()
        self.before = 0

    def forget(self, now_ns: int) -> None:
        """Drop those of long ago, and those whose clock ran far ahead: they would keep all others."""
        while self.sent and abs(now_ns - self.sent[0][0]) > TOLD_NS:
            self.sent.popleft()
            self.before += 1


class Departures:
    """Remembers who left an intersection's stop lines into links downstream."""

    def __init__(self, intersection: Intersection) -> None:
        self._name = intersection.id
        self._of_lane = {lane.id: tuple(lane.to.items()) for lane in intersection.lanes}
        """The links that a lane leads into, with their shares."""
        self._lane = {d.channel: d.lane for d in intersection.detectors if d.role == "stop"}
        """By channel of a stop-line detector."""
        self._links = {link: _Link() for link in intersection.onward}

    def observe(self, event: Event) -> None:
        """Take one event in; only stop-line detectors turning off matter."""
        if event.code == DETECTOR_OFF and event.param in self._lane:
            self.left(self._lane[event.param], 1.0, event.at_ns)

    def left(self, lane: str, vehicles: float, at_ns: int) -> None:
        """So many left a lane."""
        for link, share in self._of_lane[lane]:
            self._links[link].forget(at_ns)
            self._links[link].sent.append((at_ns, share * vehicles, lane))

    def into(self, now_ns: int) -> dict[str, LinkState]:
        """What neighbours need to know of those sent lately; under `link<intersection`, since the link itself
        is told of by who it belongs to."""
        found = {}
        for link, there in self._links.items():
            there.forget(now_ns)
            if there.sent:
                found[f"{link}<{self._name}"] = LinkState(
                    link, 0.0, 0.0, now_ns, sent=tuple(there.sent), before=there.before
                )
        return found
