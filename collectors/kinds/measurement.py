"""What does a device say that no other kind has a field for? One named value per reading.

The record: `{"t": ..., "values": {"pm10": 21, "lid": {"open": false}}, "units": {"pm10": "ug/m3"}}`. Nested
values get dotted names, texts such as `2000 mm` are numbers, bytes become base64. Values of one device and
millisecond are told apart by a checksum of their names.
"""

from __future__ import annotations

import math
import sys
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from collectors.field import TEXT_LIMIT, Field
from collectors.flat import plain
from collectors.kind import Kind, Record
from collectors.reading import TIE_LIMIT, BadPayload, Reading, Reason, Value, shown
from collectors.times import instant_ns
from collectors.units import Conversion, converted, kept, number_and_unit
from collectors.units_table import UNITS

NAME_LENGTH: Final = 128

_NS_PER_MS = 1_000_000
_LOWEST, _HIGHEST = -sys.float_info.max, sys.float_info.max
_NOTHING: Mapping[str, str] = {}
_FIELDS = {
    "value": Field("float", required=False, doc="The number, in the unit of the tag `unit`."),
    "text": Field("str", required=False, doc="The value where it is a text."),
    "state": Field("bool", required=False, doc="The value where it is true or false."),
    "original": Field("str", required=False, doc="Number and unit as sent, where they were converted."),
}


class _Series(NamedTuple):
    """What is the same for every value of one name."""

    tags: dict[str, str]
    tie: int
    unit: Conversion
    sent_in: str


def readings(record: Record, site: str, device: str, received_ns: int) -> list[Reading]:
    """One reading per value that is not null; `tie` comes from its name. Raises BadPayload."""
    at_ns = instant_ns(record.get("t"), received_ns) // _NS_PER_MS * _NS_PER_MS
    values, units = record.get("values"), record.get("units") or _NOTHING
    if not isinstance(values, dict) or not isinstance(units, Mapping):
        what = f"values: {shown(values)}, units: {shown(units)}; allowed: an object each"
        raise BadPayload(Reason.WRONG_SHAPE, what)
    label = str(record.get("label", ""))
    found: list[Reading] = []
    ties: set[int] = set()
    unit_of = units.get
    for name, value in plain(values).items():
        unit = unit_of(name, "")
        kind = type(value)
        if kind is str and (parts := number_and_unit(value)) is not None and parts[1] in UNITS:
            value, unit = parts[0], unit or parts[1]
        series = _series(name, label, unit)
        if kind is float and not series.unit.changes and _LOWEST <= value <= _HIGHEST:
            fields: dict[str, Value] | None = {"value": value}
        else:
            fields = _fields(name, value, series)
        if fields is None:
            continue
        tie = series.tie
        while tie in ties:
            tie = (tie + 1) % TIE_LIMIT
        ties.add(tie)
        found.append(Reading("measurement", site, device, at_ns, fields, series.tags, tie, received_ns))
    if not found:
        raise BadPayload(Reason.EMPTY, "no values")
    return found


def _fields(name: str, value: object, series: _Series) -> dict[str, Value] | None:
    kind = type(value)
    if kind is float or kind is int:
        return _number(name, value, series)  # type: ignore[arg-type]
    if kind is bool:
        return {"state": value}  # type: ignore[dict-item]
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            raise BadPayload(Reason.OUT_OF_RANGE, f"{name[:60]}: a text of {len(value)} characters")
        return {"text": value}
    if value is None:
        return None
    if isinstance(value, bytes) and len(value) <= TEXT_LIMIT // 2:
        return {"text": b64encode(value).decode()}
    raise BadPayload(
        Reason.WRONG_SHAPE, f"{name[:60]}: {shown(value)}; allowed: a number, text, true or false"
    )


def _number(name: str, value: float, series: _Series) -> dict[str, Value]:
    try:
        number = converted(value, series.unit)
        finite = math.isfinite(number)
    except OverflowError:
        finite = False
    if not finite:
        raise BadPayload(Reason.NOT_FINITE, f"{name[:60]}: {shown(value)} is no finite number")
    if not series.unit.changes:
        return {"value": number}
    return {"value": number, "original": f"{value!r} {series.sent_in}"}


@lru_cache(maxsize=65_536)
def _series(name: str, label: str, sent_in: object) -> _Series:
    unit = str(sent_in)
    text = "".join(c if c.isprintable() and c != "\\" else "_" for c in f"{label}{name}"[:NAME_LENGTH])
    by = kept(unit[:40])
    clean = "".join(c if c.isprintable() and c not in "\\ " else "_" for c in by.unit)
    tags = {"name": text or "value", "unit": clean}
    return _Series(tags, crc32(f"{label}{name}".encode("utf-8", "replace")) % TIE_LIMIT, by, unit[:40])


KIND = Kind(
    "measurement",
    _FIELDS,
    readings,
    tags=("name", "unit"),
    example={
        "t": 1_754_000_000_000,
        "values": {"pm10": 21, "station": {"lid": "open", "door": False}},
        "units": {"pm10": "ug/m3"},
    },
)
