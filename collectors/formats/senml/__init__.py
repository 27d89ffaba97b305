"""How does a SenML pack (RFC 8428), JSON or CBOR, become observations of its devices?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any, Final

import msgspec

from collectors.formats.senml.cbor import pack_of_cbor
from collectors.formats.senml.resolve import Record, resolved, set_apart
from collectors.observation import Decoder, Message, Observation, Observe, check_size, wrong
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown
from collectors.times import Instant

LIMIT_BYTES: Final = 64 * 1024
LONGEST_S: Final = 31_536_000.0
"""A promise to speak again within more than a year is none."""
EXAMPLE: Final = b'[{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.754e9,"n":"temp","u":"Cel","v":23.1}]'

_URN = re.compile(r"(urn:dev:[^:/]+:[^:/_]+)(?:[:/_](.*))?")
_decode = msgspec.json.Decoder(list[Record]).decode
_decode_any = msgspec.json.Decoder(list[dict[str, Any]]).decode


def pack(payload: bytes) -> list[Record]:
    """The records of a pack as they are in it; labels that nobody knows are set apart. Raises BadPayload."""
    check_size(payload, LIMIT_BYTES)
    try:
        if 0x80 <= payload[0] <= 0x9F:
            return _known(pack_of_cbor(payload))
        try:
            return _decode(payload)
        except msgspec.ValidationError:  # a label that nobody knows, or something worse
            return _known(_decode_any(payload))
    except msgspec.ValidationError as fault:
        raise wrong(f"no SenML pack: {fault}") from fault
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault


def _known(records: list[dict[str, Any]]) -> list[Record]:
    return msgspec.convert([set_apart(record) for record in records], list[Record])


def observe(message: Message, named: bool = False) -> list[Observation]:
    """One observation per device and instant, with a value for each name.

    A sum is kept as `name.sum`, a label that RFC 8428 does not know as `name.label`.
    Where the topic names the device (`named`), a name without a base is a value of that device.
    """
    found: dict[tuple[str, float], Observation] = {}
    for record in resolved(pack(message.payload), message.received_ns / 1e9):
        unit, t = record.unit, record.t
        device, name = _split(record.base, record.name, unit, named)
        said = found.get((device, t))
        if said is None:
            said = found[device, t] = Observation({}, _instant(t), device, {})
        values = said.values
        while name in values:
            name = f"{name}#{len(values)}"
        units: dict[str, str] = said.units  # type: ignore[assignment]
        if record.value is not None:
            values[name] = record.value
            if unit:
                units[name] = unit
        for label, told in (record.unknown or {}).items():
            values[f"{name}.{label}"] = told
        if record.update is not None and 0 < record.update < LONGEST_S:
            said.next_s = max(said.next_s, record.update)
        if record.sum is not None:
            values[f"{name}.sum"] = record.sum
            units[f"{name}.sum"] = f"{unit}.s"
    return list(found.values())


def _instant(t: float) -> Instant:
    try:
        return Instant(round(t * 1e6) * 1_000)
    except (OverflowError, ValueError):
        raise BadPayload(Reason.BAD_TIME, f"t: {shown(t)} is no time") from None


@lru_cache(maxsize=65_536)
def _split(base: str, name: str, unit: str, named: bool) -> tuple[str, str]:
    """Device and value out of a name: the base name is the device, or what RFC 9039 calls one, or all."""
    if base:
        return base.rstrip(":/._-") or base, name or unit or "value"
    urn = _URN.fullmatch(name)
    if urn:
        return urn[1], urn[2] or unit or "value"
    if named:
        return "", name
    device, _, rest = name.rpartition("/")
    return (device, rest or unit or "value") if device else (name, unit or "value")


def _open(topics: Sequence[Pattern]) -> Observe:
    return partial(observe, named=all("{device}" in topic.text.split("/") for topic in topics))


DECODER: Final = Decoder(("senml/{device}",), _open, example_topic="senml/10e2073a01080063")
