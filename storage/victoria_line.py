"""How does a reading become samples of VictoriaMetrics, which keeps one number per series and millisecond?

Numbers only: a text has no place in it and is left out. Events that share a millisecond are told apart by the
label `slot`, their running number modulo SLOTS: the same event always gets the same slot, and a device never
has more than SLOTS series of a field.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from collectors.quality import QUALITY
from collectors.reading import Reading, Value
from storage.schema import FieldType, Schema, Shape, fault
from storage.store import NS_PER_MS, Rejected

SLOTS: Final = 64
"""Divides 1,000,000, where running numbers begin again; a signal logs up to 44 events in 0.1 s."""
TIE: Final = "tie"
RECEIVED: Final = "received_ms"
"""A sample of every reading: when it came is data too, and counting it counts readings."""

_CROWDED: Final = (
    "VictoriaMetrics keeps one sample per series and millisecond, and another reading has this one"
)
_LABEL: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\\": "\\\\"})


def lines(batch: Sequence[Reading], schema: Schema, span: range) -> bytes:
    """One line per reading, with a time in milliseconds. Raises Rejected naming every reading at fault.

    `span` is what the server keeps, ns since the epoch: outside of it the server drops without a word.
    """
    written: list[str] = []
    faults: list[tuple[Reading, str]] = []
    taken: dict[tuple[str, int], int] = {}
    for reading in batch:
        why = fault(reading, schema) or _unwritable(reading, span)
        if why:
            faults.append((reading, why))
            continue
        at_ms = reading.at_ns // NS_PER_MS
        series = _series(reading.kind, reading.site, reading.device, _slot(reading), _tags(reading))
        before = taken.setdefault((series, at_ms), reading.key_ns)
        if before != reading.key_ns:
            faults.append((reading, _CROWDED))
        else:
            written.append(f"{series} {_samples(reading, schema[reading.kind])} {at_ms}")
    if faults:
        raise Rejected(faults, faults[0][1])
    return "\n".join(written).encode()


def _unwritable(reading: Reading, span: range) -> str:
    if reading.at_ns not in span:
        return "its time lies outside what the server keeps (-retentionPeriod, and two days ahead)"
    for text in (reading.site, reading.device, *reading.tags.values()):
        if any(character < " " for character in text):
            return f"a label may not hold control characters: {text!r:.60}"
    return ""


def _tags(reading: Reading) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(reading.tags.items()))


def _slot(reading: Reading) -> int:
    return reading.tie % SLOTS


@lru_cache(maxsize=65_536)
def _series(kind: str, site: str, device: str, slot: int, tags: tuple[tuple[str, str], ...]) -> str:
    pairs = [("device", device), ("site", site), *tags, ("slot", str(slot) if slot else "")]
    labels = [f"{name.translate(_LABEL)}={value.translate(_LABEL)}" for name, value in pairs if value]
    return ",".join([kind.translate(_LABEL), *labels])


def _samples(reading: Reading, shape: Shape) -> str:
    types = shape.fields
    found = [f"{n}={_number(v, types[n])}" for n, v in reading.fields.items() if types[n] != "str"]
    tie = [f"{TIE}={reading.tie}"] if reading.tie else []
    flags = [f"{QUALITY}={reading.quality}"] if reading.quality else []
    return ",".join([*found, *tie, *flags, f"{RECEIVED}={reading.received_ns // NS_PER_MS}"])


def _number(value: Value, declared: FieldType) -> str:
    return repr(float(value)) if declared == "float" else str(int(value))
