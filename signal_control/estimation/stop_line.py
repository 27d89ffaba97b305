"""What do a lane's light and its stop-line detectors say of the front of its queue?"""

from __future__ import annotations

from typing import Final

from signal_control.estimation.saturation import Saturation
from signal_control.flow import SmoothedRate
from signal_control.model import Lane

START_UP_S: Final = 1.0
"""From green until the first vehicle moves."""
WAVE_S: Final = 1.1
"""From one standing vehicle's start until the next one's: the wave runs back at 6 m/s."""
EMPTY_S: Final = 2.0
"""A discharging queue leaves a 2 m zone free for 1.3 s between vehicles; longer, and it has ended."""
STANDING_S: Final = 5.0
"""Somebody on the stop line for this long in green does not move (a first truck needs 5 s to clear it)."""
STALL_MEMORY_S: Final = 25.0
FLOWS_S: Final = 4.0
"""A queue that releases nobody for so long in green has stopped, whatever is to be seen at the line."""
FLOW_MEMORY_S: Final = 300.0
HESITATES: Final = 0.3
SHOWS_S: Final = 0.7
"""Half of those who should stand on a free stop line show up there so much later."""
SHOWS_MOST_S: Final = 8.0


class StopLine:
    """The front of one lane. Times are seconds and never run backwards.

    `counted` says whether trusted detectors at the line tell when somebody leaves, `zoned` whether a trusted
    zone counts who is there; both change with the detectors' health.
    """

    __slots__ = (
        *(
            "lane",
            "counted",
            "zoned",
            "exits",
            "saturation",
            "green_s",
            "closed_s",
            "moving_s",
            "gone",
            "ready_s",
        ),
        *("on_s", "off_s", "left_s", "hesitates", "_on", "_queued", "_stalled_until_s"),
    )

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.counted = self.zoned = False
        self._queued = 0.0
        self.exits = SmoothedRate(FLOW_MEMORY_S)
        self.saturation = Saturation(lane.saturation_veh_h)
        self.green_s: float | None = None
        self.closed_s = self.ready_s = 0.0
        self.moving_s: float | None = None
        """Since when the front moves; None while it does not."""
        self.gone = 0.0
        """Vehicles that left since then."""
        self.on_s: float | None = None
        self.off_s: float | None = None
        self.left_s: float | None = None
        self.hesitates = HESITATES
        """How often the queue goes on after a gap in green: its front had waited beside the loop."""
        self._on: set[int] = set()
        self._stalled_until_s = 0.0

    def trust(self, counted: bool, zoned: bool, at_s: float) -> None:
        """Say which kinds of detectors are believed; forgets what the others said."""
        if (self.counted and not counted) or (not counted and self.zoned and not zoned):
            self.on_s = self.off_s = None
            self._on.clear()
            self.ready_s = at_s
        self.counted, self.zoned = counted, zoned

    def open(self, at_s: float, queued: float) -> None:
        """The light turned green on so many vehicles."""
        self._queued = queued
        self.green_s = self.moving_s = at_s
        self.gone = 0.0
        self.ready_s = at_s + START_UP_S + self.saturation.headway_s
        self.saturation.open(at_s)

    def close(self, at_s: float) -> None:
        """The light turned yellow or red."""
        self._note_stall(at_s)
        self.green_s = self.moving_s = None
        self.closed_s = at_s

    def on(self, channel: int, at_s: float) -> bool:
        """A detector turned on; whether it had been free for so long that a new front has come."""
        fresh = self.empty(at_s) or (self.on_s is None and self.off_s is None)
        if not self._on:
            self.on_s, self.off_s = at_s, None
        self._on.add(channel)
        return fresh and len(self._on) == 1

    def off(self, channel: int, at_s: float) -> bool:
        """A detector turned off; whether somebody left (not: the detector had not been on)."""
        if channel not in self._on:
            return False
        self._on.discard(channel)
        self.passed(at_s)
        if not self._on:
            self.on_s, self.off_s = None, at_s
        return True

    def passed(self, at_s: float) -> None:
        """Somebody crossed the line."""
        stood = not self.flows(at_s)
        self._note_stall(at_s)
        self.exits.add(at_s)
        self.left_s = at_s
        if self.green_s is not None:
            if self.counted:
                self.saturation.left(at_s, self._queued)
            self.gone += 1.0
            if stood:
                self.moving_s, self.gone = at_s - START_UP_S, 0.0
        if self.on_s is not None:
            self.on_s = at_s

    def moved(self, at_s: float) -> None:
        """Whoever stood in front drives: somebody crosses the line, or is about to."""
        if self.green_s is not None:
            if not self.flows(at_s):
                self.moving_s, self.gone = at_s - START_UP_S, 0.0
            self.left_s = at_s
            if self.on_s is not None:
                self.on_s = at_s

    def watch(self, standing: bool, at_s: float) -> None:
        """What a zone says in place of a detector at the line: whether anybody stands."""
        if not standing:
            self.on_s = None
        elif self.on_s is None:
            self.on_s = at_s

    def empty(self, at_s: float, for_s: float = EMPTY_S) -> bool:
        """Whether the stop line has been free for so long that nobody can stand."""
        return self.off_s is not None and at_s - self.off_s >= for_s

    def flows(self, at_s: float) -> bool:
        """Whether the light is green and the front moves."""
        if self.green_s is None:
            return False
        since_s = self.green_s if self.left_s is None else max(self.green_s, self.left_s)
        return not (self.counted or self.zoned) or at_s - since_s < FLOWS_S

    def shows_s(self) -> float:
        """Half-life of the belief in somebody who should be at the stop line, which is free."""
        return SHOWS_S if self.green_s is None else SHOWS_S + SHOWS_MOST_S * self.hesitates**2

    def gap_ended(self, believed: float) -> None:
        """After a gap in green somebody came who had been due for long with probability `believed`."""
        self.hesitates += 0.1 * (believed - self.hesitates)

    def starts_s(self, ahead: float, at_s: float) -> float | None:
        """When a vehicle with so many ahead of it starts; None while the front does not move."""
        if self.moving_s is None or not self.flows(at_s):
            return None
        return self.moving_s + START_UP_S + (self.gone + ahead) * WAVE_S

    def stands(self, at_s: float) -> bool:
        """Whether the front stands although the light is green."""
        if self.on_s is None or self.green_s is None:
            return False
        return at_s - max(self.on_s, self.green_s) >= STANDING_S

    def stalled(self, at_s: float) -> bool:
        """Whether this lane, though green, lets nobody go (or did not, within STALL_MEMORY_S)."""
        return at_s < self._stalled_until_s or self.stands(at_s)

    def front_s(self, at_s: float) -> float:
        """For how long somebody has been on the stop line without a break."""
        return 0.0 if self.on_s is None else max(0.0, at_s - self.on_s)

    def _note_stall(self, at_s: float) -> None:
        if self.stands(at_s):
            self._stalled_until_s = at_s + STALL_MEMORY_S
