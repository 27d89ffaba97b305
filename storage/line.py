"""How is a reading written in InfluxDB's line protocol?

One type per declared field, whatever the device sent: floats as floats even when whole, so that no field ever
changes its type. Escapes: docs.influxdata.com, line protocol reference; checked against 1.6.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from collectors.batch import Batch
from collectors.quality import QUALITY
from collectors.reading import Reading, Value
from storage.group_line import group_lines, writable
from storage.quick_line import TIMES, quick_lines
from storage.schema import FieldType, Schema, Shape, fault
from storage.store import Rejected

TEXT_BYTES: Final = 65_535
"""The longest string field InfluxDB keeps, in bytes."""
SERIES: Final = 131_072
"""Series whose escaped names are remembered."""

_NAME: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_MEASUREMENT: Final = str.maketrans({",": r"\,", " ": r"\ "})
_TEXT: Final = str.maketrans({'"': r"\"", "\\": r"\\"})


class UnwritableError(ValueError):
    """Line protocol has no way to write this reading; the text says why."""


def lines(batch: Sequence[Reading], schema: Schema) -> bytes:
    """One line per reading, in order. Raises Rejected naming every reading that cannot be written."""
    if isinstance(batch, Batch) and all(writable(group, schema) for group in batch.groups):
        plain = [_lines(batch.plain, schema)] if batch.plain else []
        return b"\n".join([*plain, *map(group_lines, batch.groups)])
    return _lines(batch, schema)


def _lines(batch: Sequence[Reading], schema: Schema) -> bytes:
    written: list[bytes] = []
    faults: list[tuple[Reading, str]] = []
    for reading, quick in zip(batch, quick_lines(batch, schema, _encoded_series), strict=True):
        if quick is not None:
            written.append(quick)
        elif why := fault(reading, schema):
            faults.append((reading, why))
        else:
            try:
                written.append(line(reading, schema[reading.kind]).encode())
            except UnwritableError as error:
                faults.append((reading, str(error)))
    if faults:
        raise Rejected(faults, faults[0][1])
    return b"\n".join(written)


def line(reading: Reading, shape: Shape) -> str:
    """One reading without fault as a line with a nanosecond time. Raises UnwritableError.

    `received_ns` is a field of every line: when a reading came is data too, and counting it counts readings.
    `quality` is one of the lines that carry a flag.
    """
    if reading.key_ns not in TIMES:
        raise UnwritableError("its time lies outside what InfluxDB keeps")
    tags = tuple(sorted(reading.tags.items()))
    series = _series(reading.kind, reading.site, reading.device, tags)
    types = shape.fields
    fields = [
        f"{name.translate(_NAME)}={_value(value, types[name])}" for name, value in reading.fields.items()
    ]
    if reading.quality:
        fields.append(f"{QUALITY}={reading.quality}i")
    return f"{series} {','.join(fields)},received_ns={reading.received_ns}i {reading.key_ns}"


def _series(kind: str, site: str, device: str, tags: tuple[tuple[str, str], ...]) -> str:
    pairs = [("device", device), ("site", site), *tags]
    written = [f"{name.translate(_NAME)}={_tag(value)}" for name, value in pairs if value]
    return ",".join([kind.translate(_MEASUREMENT), *written])


@lru_cache(maxsize=SERIES)
def _encoded_series(kind: str, site: str, device: str, tags: tuple[tuple[str, str], ...]) -> bytes:
    return _series(kind, site, device, tags).encode()


def _tag(value: str) -> str:
    if value.endswith("\\"):
        raise UnwritableError(f"a tag may not end in a backslash: {value!r:.60}")
    if any(character < " " for character in value):
        raise UnwritableError(f"a tag may not hold control characters: {value!r:.60}")
    return value.translate(_NAME)


def _value(value: Value, declared: FieldType) -> str:
    match declared:
        case "float":
            return repr(float(value))
        case "int":
            return f"{int(value)}i"
        case "bool":
            return "t" if value else "f"
        case "str":
            return _text(str(value))


def _text(value: str) -> str:
    if len(value) > TEXT_BYTES // 4 and len(value.encode()) > TEXT_BYTES:
        raise UnwritableError(f"a text of {len(value)} characters is longer than {TEXT_BYTES} bytes")
    return f'"{value.translate(_TEXT)}"'
