"""What value does a Sparkplug metric carry? Its type comes from the birth, its bits are unsigned."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

import msgspec

from collectors.observation import wrong
from collectors.reading import BadPayload, Reason, shown

GOOD: Final = 192
"""The quality of a value that counts (Sparkplug 3.0, 6.4.5); 0 is bad, 500 stale."""
NAME_LENGTH: Final = 256

_SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
_TEXTS: Final = (12, 14, 15)
_TYPES: Final = (
    *("Unknown", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double"),
    *("Boolean", "String", "DateTime", "Text", "UUID", "DataSet", "Bytes", "File", "Template", "PropertySet"),
    "PropertySetList",
)
_PLAIN: Final = frozenset((*range(1, 16), 17, 18))
_USUAL: Final[dict[int, str]] = (
    dict.fromkeys((1, 2, 3, 5, 6, 7), "int_value")
    | dict.fromkeys((4, 8, 13), "long_value")
    | dict.fromkeys(_TEXTS, "string_value")
    | {9: "float_value", 10: "double_value", 11: "boolean_value", 17: "bytes_value", 18: "bytes_value"}
)
"""Where a value of each datatype usually is; some encoders put UInt32 into long_value."""
_DIRECT: Final = {
    5: "int_value",
    6: "int_value",
    7: "int_value",
    8: "long_value",
    9: "float_value",
    10: "double_value",
}
_CONTROL: Final = ("bdSeq", "Node Control/", "Device Control/")
_PLACES: Final = (
    *("int_value", "long_value", "float_value", "double_value"),
    *("boolean_value", "string_value", "bytes_value"),
)


class Known(msgspec.Struct, gc=False):
    """A metric as its birth declared it, and what it said last."""

    device: str
    name: str
    datatype: int
    unit: str = ""

    direct: str = ""
    """Where a number that is not zero can be taken as it is; empty where its bits must be looked at."""
    control: bool = False
    """Whether it speaks of the protocol, not of the street."""
    plain: bool = True
    """Whether its values are numbers, texts, truths or bytes."""


def value_of(metric: Any, known: Known) -> Any:
    """The value in Python's type, None for null.

    Raises BadPayload(WRONG_SHAPE) for data sets, templates, arrays and property sets, and for no value.
    """
    datatype = known.datatype
    place = _USUAL.get(datatype)
    if place is None:
        name = _TYPES[datatype] if datatype < len(_TYPES) else f"type {datatype}"
        raise wrong(f"metric {shown(known.name)}: {name} values are not taken")
    value = getattr(metric, place)
    if not value and not metric.HasField(place):
        if metric.is_null:
            return None
        place = next((other for other in _PLACES if metric.HasField(other)), "")
        if not place:
            raise wrong(f"metric {shown(known.name)}: no value, and not null")
        value = getattr(metric, place)
    if datatype in _SIGNED:
        return _signed(value, _SIGNED[datatype], known.name)
    if datatype == 11:
        return bool(value)
    if type(value) is bytes:
        return text_of(value, known.name) if datatype in _TEXTS else b64encode(value).decode()
    return value


def text_of(value: bytes, what: str) -> str:
    """`value` as text; raises BadPayload(MALFORMED) where it is not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise BadPayload(Reason.MALFORMED, f"{shown(what)}: {shown(value)} is not UTF-8") from None


def known_of(metric: Any, device: str) -> Known:
    """A metric as a birth declares it: name and datatype are required. Raises BadPayload(WRONG_SHAPE)."""
    name = text_of(metric.name, "name")
    if not name or len(name) > NAME_LENGTH or not metric.datatype:
        raise wrong(f"a birth with metric {shown(name)} of type {metric.datatype}; both are required")
    datatype = metric.datatype
    return Known(
        device,
        name,
        datatype,
        _property(metric, b"engUnit"),
        _DIRECT.get(datatype, ""),
        name.startswith(_CONTROL),
        datatype in _PLAIN,
    )


def quality_of(metric: Any) -> int:
    """The property `Quality`; good where it is not given."""
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key == b"Quality":
            return int(value.int_value)
    return GOOD


def _property(metric: Any, name: bytes) -> str:
    if not metric.HasField("properties"):
        return ""
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key == name:
            return text_of(value.string_value, "engUnit")[:40]
    return ""


def _signed(value: Any, bits: int, name: str) -> int:
    """Two's complement: encoders sign-extend to 32 or 64 bits, or do not."""
    if type(value) is not int:
        raise wrong(f"metric {shown(name)}: {shown(value)} is no whole number")
    low: int = value & ((1 << bits) - 1)
    return low - (1 << bits) if low >> (bits - 1) else low
