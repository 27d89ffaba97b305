"""Which detectors can be believed, judged by nothing but what they and their neighbours report?

A detector that is not believed is left out until it behaves again; its lane lives on what the others say.
"""

from __future__ import annotations

import math
from array import array
from typing import Final, Literal

import msgspec

from signal_control.flow import SmoothedRate
from signal_control.model import Detector

DetectorState = Literal["ok", "stuck_on", "silent", "chatter", "implausible"]

SILENT_VEH: Final = 6.0
"""So many vehicles in a row that should have been seen and were not: the detector is dead."""
SILENT_USUAL_VEH: Final = 30.0
"""The same when nobody else can tell, by its usual flow, which comes in platoons."""
SILENT_AFTER_S: Final = 180.0
FLOW_MEMORY_S: Final = 900.0
ZONE_SILENT_S: Final = 30.0
"""An area detector reports every 10 s at least."""
STUCK_S: Final = 900.0
"""No queue stands for so long without a single gap ..."""
STUCK_GREENS: Final = 4
"""... nor through so many greens ..."""
STUCK_PASSED_VEH: Final = 6.0
"""... nor while so many more pass on the same lane than fit between the two detectors."""
CHATTER: Final = 15
CHATTER_S: Final = 8.0
"""Vehicles do not follow each other at half a second."""
CROWD: Final = 75
CROWD_S: Final = 90.0
"""3000 vehicles an hour pass over no lane."""
RED_VEH: Final = 12.0
"""So many who left in red, and half as many in green, are somebody else's vehicles (crossed wires)."""
FORGET: Final = 0.97
QUIET_S: Final = 60.0
GOOD_PULSES: Final = 3
"""A detector that was silent or stuck is believed again after so many pulses."""


class DetectorHealth(msgspec.Struct, frozen=True):
    """What is thought of one detector, since when (seconds since the epoch), and why in one sentence."""

    channel: int
    state: DetectorState = "ok"
    since_s: float = 0.0
    reason: str = ""
    proven: bool = False
    """Whether it rests on a fault that was found or on some good pulses; at the start it is but a belief."""

    @property
    def trusted(self) -> bool:
        """Whether the estimate uses it."""
        return self.state == "ok"


class DetectorWatch:
    """Watches one detector. Times are seconds and never run backwards."""

    __slots__ = (
        *("detector", "health", "on_s", "_pulses", "_counted", "_last_s"),
        *("_good", "_greens", "_red", "_green", "_flow", "well_until_s"),
    )

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.health = DetectorHealth(detector.channel)
        self.on_s: float | None = None
        self._pulses, self._counted = array("d", bytes(8 * CROWD)), 0
        """When it turned on lately, in a ring, and how often it ever did."""
        self._last_s: float | None = None
        self._good = 0
        self._greens = 0
        self._red = self._green = 0.0
        self._flow = SmoothedRate(FLOW_MEMORY_S)
        self.well_until_s = -math.inf
        """Until then nothing but SILENT_VEH that it missed can be held against it, if it says nothing new."""

    @property
    def heard(self) -> bool:
        """Whether it has ever said anything."""
        return self._last_s is not None

    @property
    def counted(self) -> int:
        """How often it ever turned on."""
        return self._counted

    def turned_on(self, at_s: float) -> None:
        """It turned on."""
        self.on_s = self._last_s = at_s
        self.well_until_s = -math.inf
        self._pulses[self._counted % CROWD] = at_s
        self._counted += 1
        self._flow.add(at_s)
        self._greens = 0

    def turned_off(self, at_s: float, green: bool | None) -> None:
        """It turned off; `green`: whether its lane may go (None: no matter)."""
        if self.on_s is None:
            return
        self.on_s, self._last_s = None, at_s
        self._good += 1
        self._red, self._green = self._red * FORGET, self._green * FORGET
        if green is True:
            self._green += 1.0
        elif green is False:
            self._red += 1.0

    def told(self, at_s: float) -> None:
        """An area detector reported."""
        self._last_s = at_s
        self._good += 1

    def green_ended(self) -> None:
        """A green of its lane is over, which nobody but the lane's queue kept from it."""
        if self.on_s is not None:
            self._greens += 1

    def review(self, at_s: float, missed_veh: float, passed_veh: float) -> DetectorHealth:
        """Judge it: so many should have been seen since its last pulse; so many too many passed it."""
        state, reason = self._fault(at_s, missed_veh, passed_veh)
        if state == self.health.state:
            if not self.health.proven and self._good >= GOOD_PULSES:
                self.health = msgspec.structs.replace(self.health, proven=True)
            quiet = self.on_s is None and self.detector.role != "area"
            if state == "ok" and quiet and self._last_s is not None:
                self.well_until_s = self._last_s + SILENT_AFTER_S
            return self.health
        if state == "ok" and not self._recovered(at_s):
            return self.health
        self.health = DetectorHealth(self.detector.channel, state, at_s, reason, proven=True)
        self._good = 0
        return self.health

    def _fault(self, at_s: float, missed_veh: float, passed_veh: float) -> tuple[DetectorState, str]:
        pulses, n = self._pulses, self._counted
        if n >= CHATTER and at_s - pulses[(n - CHATTER) % CROWD] <= CHATTER_S:
            return "chatter", f"It turned on {CHATTER} times within {CHATTER_S:g} s."
        if n >= CROWD and at_s - pulses[n % CROWD] <= CROWD_S:
            return "implausible", f"It counted {CROWD} vehicles within {CROWD_S:g} s."
        if self._red >= RED_VEH and self._red > 2.0 * self._green:
            return "implausible", "It counts in red and not in green: perhaps its wires are crossed."
        if self.on_s is not None:
            return self._stuck(at_s, passed_veh)
        if self.detector.role == "area" and self._last_s is not None and at_s - self._last_s > ZONE_SILENT_S:
            return "silent", f"It has not reported for {at_s - self._last_s:.0f} s."
        if missed_veh >= SILENT_VEH:
            return "silent", f"Some {missed_veh:.0f} vehicles passed without a pulse."
        if self._last_s is None or at_s - self._last_s < SILENT_AFTER_S:
            return "ok", ""
        usual_veh = self._usual_veh(at_s)
        if usual_veh >= SILENT_USUAL_VEH:
            return "silent", f"Some {usual_veh:.0f} vehicles would have passed by now on a usual day."
        return "ok", ""

    def _usual_veh(self, at_s: float) -> float:
        """How many would have pulsed since its last pulse by the flow before it."""
        if self._last_s is None or self.detector.role == "area":
            return 0.0
        silent_s = at_s - self._last_s
        if silent_s < SILENT_AFTER_S or self._flow.seen_s(self._last_s) < 2 * SILENT_AFTER_S:
            return 0.0
        return self._flow.per_hour(self._last_s) / 3600.0 * silent_s

    def _stuck(self, at_s: float, passed_veh: float) -> tuple[DetectorState, str]:
        for_s = at_s - (self.on_s or at_s)
        if passed_veh >= STUCK_PASSED_VEH:
            return "stuck_on", f"It has been on for {for_s:.0f} s while traffic passed."
        if self._greens >= STUCK_GREENS:
            return "stuck_on", f"It has been on for {for_s:.0f} s, through {self._greens} greens."
        if for_s >= STUCK_S:
            return "stuck_on", f"It has been on for {for_s:.0f} s."
        return "ok", ""

    def _recovered(self, at_s: float) -> bool:
        if self.health.state in ("chatter", "implausible"):
            return at_s - self.health.since_s >= QUIET_S
        return self._good >= GOOD_PULSES
