"""How many vehicles stand beyond an advance detector that the queue covers?

Occupied for COVERED_S: the queue has reached it (sign A of Liu et al. 2009). From then on the queue beyond
grows with the flow measured before, and shrinks by every vehicle that passes; a gap of GAP_S after that says
that all of it has passed (sign C).
"""

from __future__ import annotations

from typing import Final

from signal_control.flow import SmoothedRate

COVERED_S: Final = 4.0
"""Longer than a slow truck needs to pass over."""
GAP_S: Final = 3.5
FLOW_MEMORY_S: Final = 300.0


class Cover:
    """One advance detector; `room_veh` is how many fit beyond it."""

    __slots__ = ("_covering", "_hidden", "_off_s", "_on_s", "_room_veh", "_told_s", "flow")

    def __init__(self, room_veh: float) -> None:
        self.flow = SmoothedRate(FLOW_MEMORY_S)
        self._room_veh = room_veh
        self._covering = False
        self._hidden = 0.0
        self._told_s = 0.0
        self._on_s: float | None = None
        self._off_s = 0.0

    def on(self, at_s: float) -> None:
        """It turned on: one passed, or arrived upon it."""
        self.settle(at_s)
        if self._covering:
            self._hidden = max(0.0, self._hidden - 1.0)
        self._on_s = at_s
        self.flow.add(at_s)

    def off(self, at_s: float) -> None:
        """It turned off."""
        self.settle(at_s)
        self._on_s, self._off_s = None, at_s

    def settle(self, at_s: float) -> None:
        """Let time pass: the queue reaches the detector, grows beyond it, or has gone by."""
        if self._covering:
            if self._on_s is None and at_s - self._off_s >= GAP_S:
                self._covering, self._hidden = False, 0.0
            else:
                self._hidden = self._grown(at_s)
        elif self._on_s is not None and at_s - self._on_s >= COVERED_S:
            self._covering, self._told_s = True, self._on_s
            self._hidden = self._grown(at_s)
        self._told_s = max(self._told_s, at_s)

    def occupied(self, at_s: float, for_s: float = COVERED_S) -> bool:
        """Whether somebody has been standing on it for so long."""
        return self._on_s is not None and at_s - self._on_s >= for_s

    @property
    def covering(self) -> bool:
        """Whether the queue has reached it and has not gone by since."""
        return self._covering

    @property
    def hidden(self) -> float:
        """Vehicles beyond it, as of the last event."""
        return self._hidden if self._covering else 0.0

    def clear(self) -> None:
        """Nobody stands on the lane: nobody stands beyond."""
        self._covering, self._hidden = False, 0.0

    def _grown(self, at_s: float) -> float:
        more = self.flow.per_hour(at_s) / 3600.0 * max(0.0, at_s - self._told_s)
        return min(self._room_veh, self._hidden + more)
