"""How wrong is the clock of each device, and which readings come late or with a time in doubt?

The delay of a reading is the time of receipt minus the device's own: what the device's clock is behind, plus
the way. The way can only add to it, so the smallest delay of some minutes is the best measure of the clock;
the smallest but one is taken, so that one wild time says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from collectors.quality import Flag, with_flag
from collectors.reading import Reading

NS_PER_MS: Final = 1_000_000
LATE_S: Final = 300.0
"""A reading is late when it comes so long after its own time, unless its source says otherwise."""
AHEAD_MS: Final = 60_000
"""A reading from so far in the future comes from a clock that is wrong."""
WINDOW_NS: Final = 600_000_000_000
"""Delays count for one to two windows of ten minutes of arterial's clock."""
DEVICES: Final = 131_072
"""Devices that are measured; beyond it all are forgotten and measured anew."""
NOTED: Final = 16
"""Of a batch so many readings are measured, spread over it: 100,000 devices within some minutes."""

_NONE: Final = 1 << 60
_NEVER: Final = 1 << 62
_AHEAD_NS: Final = AHEAD_MS * NS_PER_MS
_LATE, _CLOCK = int(Flag.LATE), int(Flag.CLOCK)


class Skew(NamedTuple):
    """How far the clock of a device is off, in ms: ahead of ours (positive) or behind (negative)."""

    site: str
    device: str
    ahead_ms: int


class _Clock(msgspec.Struct, gc=False):
    """The two smallest delays (ms) of this window and of the one before."""

    since_ns: int
    low: int = _NONE
    second: int = _NONE
    low_before: int = _NONE
    second_before: int = _NONE

    def note(self, delay_ms: int, now_ns: int) -> None:
        if not 0 <= now_ns - self.since_ns < WINDOW_NS:
            self.since_ns, self.low_before, self.second_before = now_ns, self.low, self.second
            self.low = self.second = _NONE
        if delay_ms < self.low:
            self.low, self.second = delay_ms, self.low
        elif delay_ms < self.second:
            self.second = delay_ms

    @property
    def delay_ms(self) -> int | None:
        """None until two delays are known."""
        found = min(max(self.low, self.low_before), self.second, self.second_before)
        return None if found == _NONE else found


class Clocks:
    """The clocks of all devices, measured; and the flags of the readings that deserve one.

    `late_s` is by kind, 0 for never; a kind that it does not name has LATE_S. At most DEVICES are remembered.
    """

    def __init__(self, late_s: Mapping[str, float] | None = None) -> None:
        self._late_ns = {kind: int(s * 1e9) or _NEVER for kind, s in (late_s or {}).items()}
        self._usual_ns = int(LATE_S * 1e9)
        self._least_ns = min(self._late_ns.values(), default=self._usual_ns)
        self._sites: dict[str, dict[str, _Clock]] = {}
        self._known = self._turn = 0

    def ordinary_ms(self, now_ns: int) -> tuple[int, int]:
        """First and last device time (ms) that needs no `marked` at `now_ns`, of a kind in `late_s`."""
        return (now_ns - self._least_ns) // NS_PER_MS + 1, now_ns // NS_PER_MS + AHEAD_MS - 1

    def flags(self, kind: str, at_ns: int, received_ns: int) -> int:
        """The flags that the delay of a reading earns, 0 for most."""
        delay_ns = received_ns - at_ns
        if -_AHEAD_NS < delay_ns < self._late_ns.get(kind, self._usual_ns):
            return 0
        return _LATE if delay_ns > 0 else _CLOCK

    def marked(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """The readings of one message, flagged where it is due; itself where none is. Notes the last."""
        if not readings:
            return readings
        one = readings[0].device == readings[-1].device
        for last in readings[-1:] if one else {reading.device: reading for reading in readings}.values():
            self.note(last.site, last.device, last.at_ns // NS_PER_MS, last.received_ns)
        flags = [self.flags(reading.kind, reading.at_ns, reading.received_ns) for reading in readings]
        if not any(flags):
            return readings
        return [with_flag(r, flag) if flag else r for r, flag in zip(readings, flags, strict=True)]

    def note(self, site: str, device: str, at_ms: int, received_ns: int) -> None:
        """Measure the clock of a device by one reading."""
        devices = self._sites.get(site)
        if devices is None:
            devices = self._sites[site] = {}
        clock = devices.get(device)
        if clock is None:
            if self._known >= DEVICES:
                self.forget()
                devices = self._sites[site] = {}
            clock = devices[device] = _Clock(received_ns)
            self._known += 1
        clock.note(received_ns // NS_PER_MS - at_ms, received_ns)

    def sampled(self, n: int) -> range:
        """Which of `n` readings to note: all, or NOTED spread over them, others the next time."""
        step = n // NOTED + 1
        self._turn = (self._turn + 1) % step
        return range(self._turn, n, step)

    def skew_ms(self, site: str, device: str) -> int | None:
        """How far a device is ahead of arterial's clock, ms (negative: behind); None while not known."""
        clock = self._sites.get(site, {}).get(device)
        delay_ms = clock.delay_ms if clock else None
        return None if delay_ms is None else -delay_ms

    def worst(self, n: int) -> list[Skew]:
        """The `n` devices whose clocks are furthest off, the worst first. Looks at every device: some 40 ms
        for 100,000; may be called from another thread."""
        found = [Skew(site, device, -ms) for site, device, ms in self._delays()]
        return sorted(found, key=lambda skew: -abs(skew.ahead_ms))[:n]

    def forget(self) -> None:
        """Measure anew: arterial's own clock has jumped."""
        self._sites, self._known = {}, 0

    @property
    def known(self) -> int:
        """How many devices are remembered."""
        return self._known

    def _delays(self) -> Iterator[tuple[str, str, int]]:
        for site, devices in list(self._sites.items()):
            for device, clock in list(devices.items()):
                if (ms := clock.delay_ms) is not None:
                    yield site, device, ms
