"""What is so in the city now, as the board shows it?"""

from __future__ import annotations

import time
from typing import Any

from collectors.reading import Reading
from gateway.cityview import FIXED
from gateway.clock import Clock
from gateway.panels.delay import DelayPanel
from gateway.panels.streets import StreetsPanel
from gateway.panels.utilities import UtilitiesPanel
from gateway.signals import Signals
from signal_control.model import Intersection


class LiveCity:
    """The newest values of everything, fed by readings; a view of it is plain data."""

    def __init__(self, signals: Signals, intersections: tuple[Intersection, ...]) -> None:
        self.signals = signals
        self._streets = StreetsPanel(signals, intersections)
        self._utilities = UtilitiesPanel()
        self._delay = DelayPanel()

    def observe(self, reading: Reading) -> None:
        """Take a reading of any kind."""
        if reading.kind == "truth":
            self._streets.observe(reading)
        elif reading.kind == "street":
            self._delay.observe(reading)
        else:
            self._utilities.observe(reading)

    def control(self, now_ns: int) -> None:
        """Note which kind of control runs the street now."""
        kinds = {FIXED if name == FIXED else "adaptive" for name in self.signals.strategies.values()}
        self._delay.control(kinds.pop() if len(kinds) == 1 else "mixed", now_ns)

    def view(self, clock: Clock) -> dict[str, Any]:
        """Everything but the pipeline, at the time `clock` tells."""
        now_ns = clock.now_ns()
        return {
            "now_ms": now_ns // 1_000_000,
            "wall_ms": time.time_ns() // 1_000_000,
            "clock": {
                "source": clock.source,
                "speed": clock.speed,
                "profile_s": clock.profile_s,
                "age_s": clock.age_s,
            },
            "intersections": self._streets.view(now_ns, clock.speed),
            "utilities": self._utilities.utilities(now_ns),
            "waste": self._utilities.waste(now_ns),
            "delay": self._delay.view(now_ns, clock.speed),
        }
