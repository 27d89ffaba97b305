"""What does a message on a topic say? Topic and bytes in, readings or a refusal out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Final

from collectors.correction import Correction
from collectors.device_source import Bound, DeviceSource, Shaped
from collectors.kind import RESERVED, ReadJson, ReadRecord, Record
from collectors.mapping import MEASUREMENT
from collectors.observation import Outgoing
from collectors.original import ORIGINAL
from collectors.plugins import Records, choose, formats, kinds
from collectors.reading import BadPayload, Reading, Reason, shown
from collectors.registry import Devices, Registered, Withheld, checked_id
from collectors.ties import told_apart
from collectors.times import Instant, InstantRule, TimeUnit, time_rule
from collectors.topic import Shape, Topic
from collectors.typed import Route, Typed, route

TOPICS: Final = 131_072
"""Topics whose source is remembered; beyond it all are forgotten and found again."""


@dataclass(frozen=True, slots=True)
class Source:
    """One topic shape bound to one format and one kind, by name.

    `topic` is written as in `Topic`; one without `{site}` needs `site`. `time_unit` says what `t` of a record
    counts. Raises ValueError for a topic of another shape, for a format, kind or unit that does not exist,
    naming those that do, and for a unit where a kind keeps the times of its records to itself.
    """

    topic: str
    format: str
    kind: str
    site: str = ""
    time_unit: TimeUnit = "ms"
    register: bool = False
    """Whether only devices of the registry may speak."""
    shape: Topic = field(init=False, repr=False, compare=False)
    _records: Records = field(init=False, repr=False, compare=False)
    _readings: ReadRecord = field(init=False, repr=False, compare=False)
    _read_json: ReadJson | None = field(init=False, repr=False, compare=False)
    _declared: frozenset[str] = field(init=False, repr=False, compare=False)
    """What its kind knows, where the rest of a record is kept as measurements; empty where it is not."""
    _instant: InstantRule | None = field(init=False, repr=False, compare=False)
    typed: Typed | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", Topic(self.topic, self.site))
        object.__setattr__(self, "_records", choose("format", self.format, formats()))
        kind = choose("kind", self.kind, kinds())
        object.__setattr__(self, "_readings", kind.readings)
        names = {*kind.fields, *kind.tags, *RESERVED} if ORIGINAL in kind.fields else frozenset()
        object.__setattr__(self, "_declared", frozenset(names if self.kind != MEASUREMENT else ()))
        rule = time_rule(self.time_unit)
        if self.time_unit != "ms" and not kind.timed:
            raise ValueError(
                f"time_unit '{self.time_unit}': the records of kind '{self.kind}' have no single `t`"
            )
        object.__setattr__(self, "_instant", None if self.time_unit == "ms" else rule)
        short = kind.read_json
        if self.time_unit != "ms":
            short = kind.short_way(rule) if kind.short_way and self.time_unit != "arrival" else None
        object.__setattr__(self, "_read_json", short if self.format == "json" else None)
        plain = self.format == "json" and self.time_unit == "ms"
        object.__setattr__(self, "typed", kind.typed if plain else None)

    @property
    def readers(self) -> tuple[Source]:
        """What reads each shape of its topics: itself."""
        return (self,)

    def at(self, levels: list[str]) -> Source:
        """What reads one topic: itself."""
        return self

    def match(self, topic: str) -> dict[str, str] | None:
        """Site and device named by `topic`, or None when it is not of this source."""
        levels = topic.split("/")
        if not self.shape.matches(levels):
            return None
        site, device = self.shape.named(levels)
        return {"site": site, "device": device}

    def read(self, topic: str, payload: bytes, received_ns: int) -> list[Reading]:
        """The readings of a message, as `Sources.read`."""
        named = self.match(topic)
        if named is None:
            raise _unknown(topic)
        return self.decode(named["site"], named["device"], payload, received_ns)

    def decode(self, site: str, device: str, payload: bytes, received_ns: int) -> list[Reading]:
        """The readings of `payload`, at least one; a message is read whole or refused whole (BadPayload)."""
        self.named(site, device)
        return self.readings(site, device, payload, received_ns)

    def named(self, site: str, device: str) -> None:
        """Return when both are well-formed ids; raises BadPayload otherwise."""
        checked_id(site, "site")
        checked_id(device, "device")

    def readings(self, site: str, device: str, payload: bytes, received_ns: int) -> list[Reading]:
        """As `decode`, for a site and a device whose names have been checked."""
        if self._read_json is not None:
            short = self._read_json(payload, site, device, received_ns)
            if short is not None:
                return short
        return self._long_way(site, device, payload, received_ns, None)

    def corrected(self, site: str, device: str, payload: bytes, now: int, by: Correction) -> list[Reading]:
        """As `readings`, of a device that needs correction."""
        return self._long_way(site, device, payload, now, by)

    def _long_way(
        self, site: str, device: str, payload: bytes, received_ns: int, by: Correction | None
    ) -> list[Reading]:
        found: list[Reading] = []
        records = self._records(payload)
        for record in records:
            if self._instant is not None and type(told := record.get("t")) is not Instant:
                record["t"] = Instant(self._instant(told, received_ns, "t"))
            changed = by.convert(record) if by else None
            made = self._readings(record, site, device, received_ns)
            found += by.calibrate(made, changed) if by else made
            if self._declared and not record.keys() <= self._declared:
                found += self._others(record, site, device, received_ns)
        if not found:
            raise BadPayload(Reason.EMPTY, f"no {self.kind} readings in {len(payload)} bytes")
        return told_apart(found) if len(records) > 1 else found

    def _others(self, record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
        """What no field asks for, as measurements; nothing where it can be none, for the rest is sound."""
        values = {n: v for n, v in record.items() if n not in self._declared and v is not None}
        measured = {"t": record.get("t"), "values": values}
        try:
            return kinds()[MEASUREMENT].readings(measured, site, device, received_ns)
        except BadPayload:
            return []


class Corrected:
    """A plain source as it reads one device that needs correction; there is no short way for it."""

    __slots__ = ("_by", "_source", "format", "kind", "shape")

    typed = None

    def __init__(self, source: Source, by: Correction) -> None:
        self._source, self._by = source, by
        self.kind, self.format, self.shape = source.kind, source.format, source.shape

    def readings(self, site: str, device: str, payload: bytes, received_ns: int) -> list[Reading]:
        """As `Source.readings`."""
        return self._source.corrected(site, device, payload, received_ns, self._by)


class Sources:
    """Every source of a city, found by topic.

    Two sources must not read the same topics (ValueError); where a topic fits two shapes, the source with
    more literal levels reads it. `devices` are checked before anything is decoded.
    """

    def __init__(self, sources: Iterable[Source | DeviceSource], devices: Devices | None = None) -> None:
        self._devices = devices or Devices()
        groups: dict[Shape, dict[tuple[str, ...], Source | Shaped]] = {}
        listed = tuple(sources)
        for reader in (reader for source in listed for reader in source.readers):
            group = groups.setdefault(reader.shape.shape, {})
            other = group.setdefault(reader.shape.literals, reader)
            if other is not reader:
                raise ValueError(f"two sources read the same topics: {other.topic} and {reader.topic}")
        self._groups = sorted(groups.items(), key=lambda group: -len(group[0][1]))
        self._rich = tuple(source for source in listed if isinstance(source, DeviceSource))
        for source in self._rich:
            source.devices = self._devices
        self._topics: dict[str, tuple[Source | Corrected | Bound, str, str]] = {}

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The MQTT filters that bring everything these sources read, sorted."""
        return tuple(sorted({s.shape.subscription for _, group in self._groups for s in group.values()}))

    @property
    def shapes(self) -> tuple[str, ...]:
        """The shapes of the topics that these sources read, as declared, sorted."""
        return tuple(sorted({s.shape.text for _, group in self._groups for s in group.values()}))

    def read(self, topic: str, payload: bytes, received_ns: int) -> list[Reading]:
        """The readings of a message; only a rich format may find that there are none for us.

        `received_ns` is arterial's clock, nanoseconds since the epoch. Raises BadPayload: UNKNOWN_TOPIC when
        no source reads `topic`, UNKNOWN_DEVICE, and whatever the format and the kind find.
        """
        source, site, device = self._topics.get(topic) or self._look_up(topic)
        return source.readings(site, device, payload, received_ns)

    def route(self, topic: str) -> Route | None:
        """How to read the records of a plain sensor on `topic`; None for every other topic, and as long as no
        message of it has been read."""
        found = self._topics.get(topic)
        if found is None:
            return None
        source, site, device = found
        return route(source.typed, site, device) if source.typed is not None else None

    def kind_of(self, topic: str) -> str:
        """The kind of the source that reads `topic`; empty when none does."""
        source = self._find(topic.split("/"))
        return source.kind if source else ""

    def named(self, topic: str) -> tuple[str, str] | None:
        """Site and device that `topic` names, of whatever form; None where no source reads it, and an empty
        device where only the payload names it."""
        levels = topic.split("/")
        source = self._find(levels)
        return source.shape.named(levels) if source is not None else None

    @property
    def speaks(self) -> bool:
        """Whether any source ever wants something to be sent."""
        return any(source.speaks for source in self._rich)

    def outgoing(self, now_ns: int) -> list[Outgoing]:
        """What formats want to be sent now (QoS 0, not retained); to be asked about once a second."""
        return [message for source in self._rich for message in source.outgoing(now_ns)]

    def register(self, registered: Mapping[tuple[str, str], Registered]) -> None:
        """From now on these are the registered devices, by site and device."""
        self._devices.registered = registered
        self._topics.clear()

    def withheld(self) -> list[Withheld]:
        """What `read` has kept back since this was last asked."""
        found = self._devices.withheld
        if found:
            self._devices.withheld = []
        return found

    def promised(self) -> list[tuple[str, str, float]]:
        """Devices that told `read` within how many seconds they speak again, since this was last asked."""
        found = self._devices.promised
        if found:
            self._devices.promised = []
        return found

    def admits(self, reading: Reading) -> None:
        """Return when a device whose readings were withheld may speak now; raises BadPayload otherwise."""
        self._devices.registered_only(reading.site, reading.device, reading.kind)

    def _look_up(self, topic: str) -> tuple[Source | Corrected | Bound, str, str]:
        """Source, site and device of a topic not seen before; remembered when nothing is wrong with them."""
        levels = topic.split("/")
        reader = self._find(levels)
        if reader is None:
            raise _unknown(topic)
        source: Source | Corrected | Bound
        source = bound = reader.at(levels)
        site, device = bound.shape.named(levels)
        bound.named(site, device)
        if device:  # otherwise the payload names it, or nobody does
            by = self._devices.admit(site, device, bound.kind, bound.format, bound.register)
            if by is not None:
                source = Corrected(bound, by) if isinstance(bound, Source) else bound.corrected(by)
        if len(self._topics) >= TOPICS:
            self._topics.clear()
        found = self._topics[topic] = (source, intern(site), device)
        return found

    def _find(self, levels: list[str]) -> Source | Shaped | None:
        for (length, places), group in self._groups:
            if length == len(levels):
                source = group.get(tuple([levels[i] for i in places]))
                if source is not None:
                    return source
        return None


def _unknown(topic: str) -> BadPayload:
    return BadPayload(Reason.UNKNOWN_TOPIC, f"{shown(topic)}: no source reads this topic")
