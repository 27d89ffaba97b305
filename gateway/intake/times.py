"""Which readings come marked: late, kept from before, by a wrong clock? And can our own clock be trusted?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from collectors.quality import Flag, with_flag
from collectors.reading import BadPayload, Reading, Reason
from collectors.skew import Clocks
from collectors.source import Sources
from collectors.times import latest_ms
from collectors.typed import EARLIEST_TYPED_MS, Route
from gateway.clock import Clock, StepWatch
from gateway.links.link import Message

log = logging.getLogger(__name__)

SOFTWARE_NS: Final = 1_767_225_600_000_000_000
"""2026-01-01: this program is not older, so a computer that says less has lost its clock."""


class Times:
    """The clocks of the devices and our own, as far as they concern readings on their way to the disk."""

    def __init__(self, clock: Clock, late_s: Mapping[str, float] | None = None) -> None:
        self.clocks = Clocks(late_s)
        self.steps = 0
        """How often the computer's clock has been set since the start."""
        self._clock, self._watch = clock, StepWatch()
        self._newest_ns = SOFTWARE_NS

    def look(self) -> None:
        """Look at our own clock; at least once a second while messages come."""
        if self._clock.source != "system":
            return
        if step_ns := self._watch.look():
            self.steps += 1
            log.warning("this computer's clock was set by %+.1f s; devices are measured anew", step_ns / 1e9)
            self.clocks.forget()
        self._newest_ns = max(self._newest_ns, self._clock.now_ns())

    def trust(self, at_ns: int) -> None:
        """It has been that late before: the devices may say so, too."""
        self._newest_ns = max(self._newest_ns, at_ns)

    def ordinary_ms(self, now_ns: int) -> tuple[int, int]:
        """First and last device time (ms) of a record of a plain sensor that earns no flag."""
        return self.clocks.ordinary_ms(now_ns) if self._clock.now_ns() else self.possible_ms(now_ns)

    def possible_ms(self, now_ns: int) -> tuple[int, int]:
        """First and last device time (ms) of a record of a plain sensor; others need a closer look."""
        return EARLIEST_TYPED_MS, latest_ms(now_ns)

    def measure(self, routes: Sequence[Route], records: Sequence[Any], received_ns: int) -> None:
        """Measure the clocks of some of the plain sensors that came at one moment."""
        note = self.clocks.note
        for place in self.clocks.sampled(len(records)):
            route = routes[place]
            note(route.site, route.device, records[place].t, received_ns)

    def read(self, sources: Sources, message: Message, now_ns: int) -> Sequence[Reading]:
        """The readings of a message; raises BadPayload.

        A time that is impossible by our clock, but was not by what our clock has said before, is taken: a
        computer whose clock was set back, or that has none, refuses nobody for it.
        """
        try:
            return sources.read(message.topic, message.payload, now_ns)
        except BadPayload as bad:
            known = self._clock.source == "system" and self._newest_ns > now_ns
            if bad.reason is not Reason.BAD_TIME or not known:
                raise
            found = sources.read(message.topic, message.payload, self._newest_ns)
            return [replace(reading, received_ns=now_ns) for reading in found]

    def marked(self, readings: Sequence[Reading], retained: bool) -> Sequence[Reading]:
        """The readings of one message, with flags where they are due; itself where none is."""
        if retained:
            return [with_flag(reading, Flag.RETAINED) for reading in readings]
        return self.clocks.marked(readings) if self._clock.now_ns() else readings
