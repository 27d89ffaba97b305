"""How do readings become columns of numbers, those of plain sensors without touching each of them?

The records of plain sensors are packed for the spool anyway; where all of them have the same fields, each
takes the same room there, and the columns are cut out of the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
from msgspec.structs import astuple, replace
from numpy.typing import NDArray

from collectors.batch import Group
from collectors.reading import Reading

Floats = NDArray[np.float64]

_encode = msgspec.msgpack.Encoder().encode
_FLOAT, _WHOLE, _NONE = 0xCB, 0xCF, 0xC0
_NUMBER_BYTES: Final = 8
_FEW, _MANY = 16, 65_536
"""A list that is shorter has a head of 1 byte, or of 3."""


def packed(group: Group) -> Group:
    """The group with its records packed."""
    if group.packed:
        return group
    return replace(group, packed=_encode([astuple(record) for record in group.records]))


def group_columns(group: Group) -> list[Floats]:
    """A column for each field of a packed group, NaN where absent, and last one for the time, ms."""
    n, width = len(group), len(group.typed.fields) + 1
    cut = _cut(group.packed, n, width)
    if cut is not None:
        return cut
    numbers = [astuple(record) for record in group.records]
    return list(np.array(numbers, dtype=np.float64).T.copy())


def reading_columns(readings: Sequence[Reading], names: Sequence[str]) -> list[Floats]:
    """A column for each of `names`, NaN where absent or no number, and last one for the time, ms."""
    found = [np.array([_number(r.fields.get(name)) for r in readings], np.float64) for name in names]
    return [*found, np.array([r.at_ns // 1_000_000 for r in readings], np.float64)]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def _cut(body: bytes, n: int, width: int) -> list[Floats] | None:
    """None where the records differ in what they lack, or are no short lists of numbers."""
    head = 1 if n < _FEW else 3 if n < _MANY else 5
    if not n or width >= _FEW:
        return None
    tags, place = [], head + 1
    for _ in range(width):
        tags.append(body[place])
        place += 1 if body[place] == _NONE else 1 + _NUMBER_BYTES
    size = place - head
    if len(body) != head + n * size or not set(tags) <= {_FLOAT, _WHOLE, _NONE}:
        return None
    shape, marks = _shape(tuple(tags), size)
    table = np.frombuffer(body, np.uint8, offset=head).reshape(n, size)
    if not np.array_equal(table[:, marks], np.broadcast_to(table[0, marks], (n, len(marks)))):
        return None
    rows = np.frombuffer(body, shape, offset=head)
    return [
        np.full(n, np.nan) if tag == _NONE else rows[f"c{i}"].astype(np.float64) for i, tag in enumerate(tags)
    ]


@lru_cache(maxsize=256)
def _shape(tags: tuple[int, ...], size: int) -> tuple[np.dtype[Any], list[int]]:
    """The type of a row, and where its tags are."""
    names, formats, offsets, marks, place = [], [], [], [0], 1
    for i, tag in enumerate(tags):
        marks.append(place)
        if tag != _NONE:
            names.append(f"c{i}")
            formats.append(">f8" if tag == _FLOAT else ">u8")
            offsets.append(place + 1)
        place += 1 if tag == _NONE else 1 + _NUMBER_BYTES
    of: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
    return np.dtype(of), marks
