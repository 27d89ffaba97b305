"""What does a message say whose format names devices, times and units in ways of its own?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from collectors.correction import Correction
from collectors.flat import MISSING, Path
from collectors.mapping import FieldMap
from collectors.observation import Decoder, Message, Observation, Outgoing, device_id, wrong
from collectors.pattern import Pattern
from collectors.plugins import choose, decoders
from collectors.reading import BadPayload, Reading, Reason, shown
from collectors.registry import Devices, checked_id
from collectors.terms import Terms
from collectors.ties import told_apart
from collectors.times import Instant, refused_time, time_rule

MAPS: Final = 4096
"""Devices with units of their own whose fields are remembered; beyond it all are made again."""
SAMPLES: Final = 2000
"""Samples in one message, and observations; more are refused."""


class DeviceSource:
    """One topic shape bound to a rich format, a kind, and what the city file declares about its devices.

    `topic` is a `Pattern`; where the format needs several shapes for it, its `readers` share one memory.
    `devices` are asked when only the payload names a device. Raises ValueError as `Source` does.
    """

    def __init__(
        self, topic: str, format_: str, kind: str, site: str, terms: Terms, register: bool = False
    ) -> None:
        self.topic, self.format, self.kind, self.site = topic, format_, kind, site
        self.register = register
        decoder: Decoder = choose("format", format_, decoders())
        texts = decoder.expand(topic) if decoder.expand else (topic,)
        self.shapes = tuple(Pattern(text, "" if "{site}" in text.split("/") else site) for text in texts)
        fields = {**decoder.fields.get(kind, {}), **{name: (at,) for name, at in terms.fields.items()}}
        self._fields, self._terms = fields, terms
        self._map = FieldMap(kind, fields, terms.units, terms.others == "keep")
        self._maps: dict[Correction, FieldMap] = {}
        self._observe, self._remembers = decoder.open(self.shapes), decoder.remembers
        self.readers = tuple(Shaped(self, shape) for shape in self.shapes)
        self.devices = Devices()
        self._time, self._device, self._samples = (
            Path(text) if text else None for text in (terms.time_in, terms.device_in, terms.samples_in)
        )
        self._given = not (terms.time_in or terms.device_in or terms.time_unit == "arrival")
        self._arrival = terms.time_unit == "arrival"
        self._timed = decoder.timed and not self._arrival
        self._unit = decoder.time_unit if terms.time_unit == "ms" and not self._time else terms.time_unit
        self._instant = time_rule(self._unit)

    @property
    def speaks(self) -> bool:
        """Whether the format ever wants something to be sent."""
        return hasattr(self._observe, "outgoing")

    def outgoing(self, now_ns: int) -> Sequence[Outgoing]:
        """What the format wants to be sent now."""
        speak = getattr(self._observe, "outgoing", None)
        return speak(now_ns) if speak else ()

    def read(
        self,
        levels: tuple[str, ...],
        named: str,
        site: str,
        payload: bytes,
        now: int,
        by: Correction | None = None,
    ) -> list[Reading]:
        """The readings of a message on a topic of this source; none where it is none of our business.

        `by` corrects the device that the topic names.
        """
        found: list[Reading] = []
        places: set[tuple[str, Instant]] = set()
        count, given = 0, self._given
        for said in self._observe(Message(levels, payload, now)):
            for one in self._sampled(said) if self._samples else (said,):
                device = named if given and named == one.device != "" else self._named(one, named)
                if not given or type(one.t) is not Instant:
                    self._settle_time(one, now)
                if one.next_s:
                    self.devices.promised.append((site, device, one.next_s))
                why = None
                if not named:
                    by, why = self._admitted(site, device)
                made = (self._map if by is None else self._corrected(by)).readings(one, site, device, now)
                if why is None:
                    found += made if by is None else by.calibrate(made)
                else:
                    self.devices.withheld += [(reading, why) for reading in made]
                count += 1
                places.add((device, one.t))  # type: ignore[arg-type]
                if count > SAMPLES:
                    raise BadPayload(Reason.TOO_LARGE, f"more than {SAMPLES} observations")
        return found if count == len(places) else told_apart(found)

    def _admitted(self, site: str, device: str) -> tuple[Correction | None, BadPayload | None]:
        """As `Devices.admit`; a format that remembers must hear all, so it is told why to keep it back."""
        try:
            return self.devices.admit(site, device, self.kind, self.format, self.register), None
        except BadPayload as bad:
            if not self._remembers or bad.reason is not Reason.UNREGISTERED:
                raise
            return None, bad

    def _corrected(self, by: Correction) -> FieldMap:
        """The fields of a device that has units of its own. Raises BadPayload where they cannot be."""
        found = self._maps.get(by)
        if found is None:
            if len(self._maps) >= MAPS:
                self._maps.clear()
            units = {**self._terms.units, **by.units}
            try:
                found = FieldMap(self.kind, self._fields, units, self._terms.others == "keep")
            except ValueError as fault:
                raise wrong(f"units of this device: {fault}") from fault
            self._maps[by] = found
        return found

    def _settle_time(self, said: Observation, now: int) -> None:
        if self._time:
            told = self._time.look(said.values)
            if told is MISSING:
                told = self._time.look(said.beside)
            else:
                said.values = self._time.without(said.values)
            said.t = None if told is MISSING else told
        if self._arrival:
            said.t = Instant(now)
        elif said.t is not None:
            if type(said.t) is not Instant:
                said.t = Instant(self._instant(said.t, now, self._time.text if self._time else "t"))
        elif self._timed or self._time:
            raise refused_time(None, self._time.text if self._time else "t", self._unit)
        else:
            said.t = Instant(now)

    def _named(self, said: Observation, named: str) -> str:
        """The device, by topic and payload, which must not contradict each other; raises BadPayload."""
        told: Any = said.device
        if self._device:
            told = self._device.look(said.values)
            if told is MISSING:
                told = self._device.look(said.beside)
            else:
                said.values = self._device.without(said.values)
            if type(told) is int:
                told = str(told)
            if told is MISSING or not isinstance(told, str):
                raise wrong(f"{self._device.text}: no device is named there")
        if not told:
            if not named:
                raise BadPayload(Reason.UNKNOWN_DEVICE, "neither topic nor payload name a device")
            return named
        if not named:
            return device_id(told)
        if not agree(named, told):
            detail = f"the topic says {shown(named)}, the payload {shown(told)}"
            raise BadPayload(Reason.UNKNOWN_DEVICE, detail)
        return named

    def _sampled(self, said: Observation) -> Iterator[Observation]:
        """One observation per sample, and one of what stands beside the list."""
        assert self._samples is not None
        samples = self._samples.look(said.values)
        if not isinstance(samples, list):
            raise wrong(
                f"{self._samples.text}: {shown(None if samples is MISSING else samples)}; allowed: a list"
            )
        if len(samples) > SAMPLES:
            raise BadPayload(Reason.TOO_LARGE, f"{len(samples)} samples; allowed: {SAMPLES}")
        rest = self._samples.without(said.values)
        for sample in samples:
            if not isinstance(sample, dict):
                raise wrong(f"{self._samples.text}: {shown(sample)}; allowed: a list of objects")
            values = dict(sample)
            t = values.pop("t", said.t)
            yield Observation(values, t, said.device, said.units, rest, said.label)


class Shaped:
    """A source on one shape of its topics."""

    __slots__ = ("_source", "format", "kind", "register", "shape", "topic")

    def __init__(self, source: DeviceSource, shape: Pattern) -> None:
        self._source, self.shape, self.topic, self.kind = source, shape, shape.text, source.kind
        self.format, self.register = source.format, source.register

    def at(self, levels: Sequence[str]) -> Bound:
        """What reads one topic."""
        return Bound(self._source, self.shape, levels)


class Bound:
    """A source on one topic of its own; what `Sources` remembers by topic."""

    __slots__ = ("_by", "_levels", "_source", "format", "kind", "register", "shape")

    typed = None
    """There is no short way past the format."""

    def __init__(
        self, source: DeviceSource, shape: Pattern, levels: Sequence[str], by: Correction | None = None
    ) -> None:
        self._source, self.shape, self._levels, self.kind = source, shape, tuple(levels), source.kind
        self.format, self.register, self._by = source.format, source.register, by

    def corrected(self, by: Correction) -> Bound:
        """The same, of a device that needs correction."""
        return Bound(self._source, self.shape, self._levels, by)

    def named(self, site: str, device: str) -> None:
        """As `Source.named`; a device that only the payload names is checked with it."""
        checked_id(site, "site")
        if device:
            checked_id(device, "device")

    def readings(self, site: str, device: str, payload: bytes, received_ns: int) -> list[Reading]:
        """As `Source.readings`, except that there may be none."""
        return self._source.read(self._levels, device, site, payload, received_ns, self._by)


@lru_cache(maxsize=65_536)
def agree(topic: str, payload: str) -> bool:
    """Whether both name one device: alike but for letter case, or the payload puts a prefix before it."""
    short, long = topic.casefold(), payload.casefold()
    if short == long or short == device_id(payload).casefold():
        return True
    return long.endswith(short) and long[-len(short) - 1] in ":/."
