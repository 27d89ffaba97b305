"""When was each device heard first and last, how often, and how regularly does it speak?

Every message of a city concerns this, so the common way does no more than note on its route that one came
(gateway.intake.ingest); what is to be computed is computed for some of each batch, when somebody asks, and
once a minute for the disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

import msgspec

from collectors.mapping import MEASUREMENT
from collectors.reading import Reading
from collectors.typed import Route
from gateway.links.link import Message

DEVICES: Final = 131_072
"""Devices that are remembered; beyond it those heard longest ago are forgotten, a sixteenth at a time."""
GAPS: Final = 9
"""So many of the last gaps between two messages are kept; their median is the usual interval."""
NOTED: Final = 16
"""Of a batch so many devices learn their interval, others the next time."""

_NS_PER_MS: Final = 1_000_000

Key = tuple[str, str]
"""Site and device."""
Noted = tuple[Route, int, Any]
"""A route with its count and its newest record at one moment."""


class Facts(msgspec.Struct, gc=False, array_like=True):
    """What is known of one device; times in nanoseconds since the epoch, 0 where it never happened."""

    site: str
    device: str
    kinds: list[str] = []
    """What it has sent, in the order of its first readings."""
    first_ns: int = 0
    """First message, by arterial's clock."""
    last_ns: int = 0
    """Last message, by arterial's clock; a retained message and what was refused do not count."""
    told_ms: int = 0
    """Time of its last reading by its own clock, ms."""
    readings: int = 0
    """Readings taken."""
    refusals: int = 0
    """Messages refused on its topics."""
    refused_ns: int = 0
    """The last of them."""
    battery: float | None = None
    """What it said of its battery last, in `battery_unit`."""
    battery_unit: str = ""
    gaps_ms: list[int] = []
    """The last gaps between its messages by its own clock, oldest first, at most GAPS."""
    said_s: float = 0.0
    """The longest time between two messages as it promised itself (SenML `ut`), seconds; 0: it did not."""

    @property
    def interval_s(self) -> float | None:
        """The usual time between two of its messages, seconds; None until three are known."""
        return median(self.gaps_ms) / 1000 if len(self.gaps_ms) >= 3 else None

    @property
    def longest_s(self) -> float | None:
        """The longest of the last gaps, seconds: devices that speak when something happens are irregular."""
        return max(self.gaps_ms) / 1000 if len(self.gaps_ms) >= 3 else None

    def learn(self, at_ms: int, messages: int = 1) -> None:
        """Note the time of its last reading, `messages` after the one noted before."""
        gap_ms = (at_ms - self.told_ms) // messages
        if self.told_ms and gap_ms > 0:
            self.gaps_ms = [*self.gaps_ms[1 - GAPS :], gap_ms]
        self.told_ms = at_ms


class DeviceFacts:
    """The facts of all devices of a city. Used from one thread; `every` and `of` are up to date.

    `noted` are the routes of plain sensors by topic, on which ingest notes what comes; before one leaves
    there, call `settle`.
    """

    def __init__(self, noted: Mapping[str, Route]) -> None:
        self._noted = noted
        self._devices: dict[Key, Facts] = {}
        self._routes: dict[Route, Facts] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._devices)

    def chosen(self, messages: Sequence[Message]) -> list[Noted]:
        """What is noted so far on the routes of some of these messages, which are about to be taken."""
        step = len(messages) // NOTED + 1
        self._turn = (self._turn + 1) % step
        found = {self._noted.get(message.topic) for message in messages[self._turn :: step]}
        return [(route, route.count, route.last) for route in found if route is not None]

    def learn(self, chosen: Sequence[Noted]) -> None:
        """Learn the intervals of the chosen routes from what has come since."""
        for route, count, before in chosen:
            if route.count == count:
                continue
            facts = self._routes.get(route) or self._known(route)
            if before is not None:
                facts.told_ms = before.t
            facts.learn(route.last.t, route.count - count)

    def readings(self, readings: Sequence[Reading]) -> None:
        """Note the readings of one message, not retained."""
        counts = Counter([reading.device for reading in readings])
        lasts = {reading.device: reading for reading in readings}
        for device, count in counts.items():
            last = lasts[device]
            facts = self._heard(last.site, device, last.received_ns)
            facts.readings += count
            facts.learn(last.at_ns // _NS_PER_MS)
        for reading in readings:
            self._said(reading)

    def refused(self, site: str, device: str, now_ns: int) -> None:
        """Note a message that was refused; nothing where the device is not known."""
        facts = self._devices.get((site, device))
        if facts is not None:
            facts.refusals += 1
            facts.refused_ns = now_ns

    def of(self, site: str, device: str) -> Facts | None:
        """The facts of one device, or None when it was never heard."""
        self.settle()
        return self._devices.get((site, device))

    def every(self) -> Iterator[Facts]:
        """The facts of all devices, in the order of their first messages."""
        self.settle()
        yield from self._devices.values()

    def promise(self, site: str, device: str, seconds: float) -> None:
        """Note within how many seconds a device that has been heard says it will speak again."""
        facts = self._devices.get((site, device))
        if facts is not None:
            facts.said_s = seconds

    def packed(self) -> bytes:
        """Everything, for the disk."""
        self.settle()
        return msgspec.msgpack.encode(list(self._devices.values()))

    def unpack(self, packed: bytes) -> None:
        """Begin with what an earlier run knew. Raises msgspec.DecodeError."""
        found = msgspec.msgpack.decode(packed, type=list[Facts])
        self._devices = {(facts.site, facts.device): facts for facts in found}
        self._routes.clear()

    def settle(self) -> None:
        """Bring what was only noted into the facts."""
        for route in self._noted.values():
            if not route.count:
                continue
            facts = self._routes.get(route) or self._known(route)
            facts.readings += route.count
            facts.last_ns = max(facts.last_ns, route.last_ns)
            facts.told_ms = route.last.t
            battery = getattr(route.last, "battery_v", None)
            if battery is not None:
                facts.battery, facts.battery_unit = battery, "V"
            route.count = 0

    def _known(self, route: Route) -> Facts:
        """The facts behind a route, which are found by it from now on."""
        if len(self._routes) >= 2 * DEVICES:
            self._routes.clear()
        facts = self._heard(route.site, route.device, route.last_ns)
        _add_kind(facts, route.typed.kind)
        self._routes[route] = facts
        return facts

    def _heard(self, site: str, device: str, now_ns: int) -> Facts:
        facts = self._devices.get((site, device))
        if facts is None:
            if len(self._devices) >= DEVICES:
                self._forget()
            facts = self._devices[site, device] = Facts(site, device, first_ns=now_ns)
        facts.last_ns = max(facts.last_ns, now_ns)
        return facts

    def _forget(self) -> None:
        """Let those go that were heard longest ago."""
        oldest = sorted(self._devices, key=lambda key: self._devices[key].last_ns)
        for key in oldest[: DEVICES // 16]:
            del self._devices[key]
        self._routes.clear()

    def _said(self, reading: Reading) -> None:
        """Its kind, and its battery: a measurement of any make whose name begins so is taken for it."""
        facts = self._devices[reading.site, reading.device]
        _add_kind(facts, reading.kind)
        if reading.kind != MEASUREMENT:
            value, unit = reading.fields.get("battery_v"), "V"
        elif reading.tags.get("name", "").rpartition(".")[2].lower().startswith("battery"):
            value, unit = reading.fields.get("value"), reading.tags.get("unit", "")
        else:
            return
        if type(value) is float:
            facts.battery, facts.battery_unit = value, unit


def _add_kind(facts: Facts, kind: str) -> None:
    if kind not in facts.kinds:
        facts.kinds = [*facts.kinds, kind]
