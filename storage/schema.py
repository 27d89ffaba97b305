"""Which fields and tags may a reading of each kind carry, and of which type?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from collectors.plugins import kinds
from collectors.reading import Reading, Value

FieldType = Literal["float", "int", "str", "bool"]

INT64: Final = range(-(2**63), 2**63)


class Shape(msgspec.Struct, frozen=True):
    """The declared field types and the tags of one kind."""

    fields: dict[str, FieldType]
    tags: tuple[str, ...] = ()


Schema = Mapping[str, Shape]
"""The shape of every kind by its name."""


def declared() -> dict[str, Shape]:
    """The schema that collectors/kinds declares."""
    return {
        name: Shape({field: kind.fields[field].type for field in kind.fields}, tuple(kind.tags))
        for name, kind in kinds().items()
    }


def fault(reading: Reading, schema: Schema) -> str:
    """Why no store can keep `reading`; empty when it can."""
    shape = schema.get(reading.kind)
    if shape is None:
        return f"no kind named '{reading.kind}'; there are: {', '.join(sorted(schema))}"
    if not reading.fields:
        return "it has no fields"
    if not reading.device:
        return "it names no device"
    if reading.key_ns not in INT64 or reading.received_ns not in INT64:
        return "its time does not fit into 64 bits"
    if int(reading.quality) not in INT64:  # an enum would be looked for one number after the other
        return "its flags do not fit into 64 bits"
    strange = [tag for tag in reading.tags if tag not in shape.tags]
    if strange:
        return f"{reading.kind} has no tag '{strange[0]}'; there are: {', '.join(shape.tags) or 'none'}"
    return _field_fault(reading, shape)


def fits(value: Value, declared_as: FieldType) -> bool:
    """Whether `value` can be kept under the declared type: a whole float is an int, any int is a float."""
    if declared_as == "str":
        return isinstance(value, str)
    if declared_as == "bool" or isinstance(value, bool):
        return isinstance(value, bool) and declared_as == "bool"
    if isinstance(value, str) or not _finite(value):
        return False
    return declared_as == "float" or (int(value) == value and int(value) in INT64)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def _field_fault(reading: Reading, shape: Shape) -> str:
    for name, value in reading.fields.items():
        if name not in shape.fields:
            return f"{reading.kind} has no field '{name}'; there are: {', '.join(sorted(shape.fields))}"
        if not fits(value, shape.fields[name]):
            return f"{reading.kind}.{name} is declared {shape.fields[name]}, the reading has {value!r:.60}"
    return ""
