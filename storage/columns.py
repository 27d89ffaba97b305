"""How do readings of one kind become the columns of a table?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from collectors.quality import QUALITY
from collectors.reading import Reading
from storage.schema import FieldType, Shape

Columns = dict[str, NDArray[Any]]

SQL_TYPES: Final[dict[FieldType, str]] = {
    "float": "DOUBLE",
    "int": "BIGINT",
    "str": "VARCHAR",
    "bool": "BOOLEAN",
}
_DTYPES: Final[dict[FieldType, type]] = {"float": np.float64, "int": np.int64, "bool": np.bool_}


def sql_columns(shape: Shape) -> dict[str, str]:
    """Column names and SQL types of the table of a kind, in order."""
    fixed = {"time_ns": "BIGINT", "received_ns": "BIGINT", "site": "VARCHAR", "device": "VARCHAR"}
    return {
        **fixed,
        **dict.fromkeys(shape.tags, "VARCHAR"),
        **{name: SQL_TYPES[declared] for name, declared in shape.fields.items()},
        QUALITY: "BIGINT",
    }


def columns(readings: Sequence[Reading], shape: Shape) -> Columns:
    """Readings of one kind, found without fault, column by column; what one lacks is masked or None.

    Where no reading carries a flag there is no column of flags: the table has null there.
    """
    return {
        "time_ns": np.array([r.at_ns + r.tie for r in readings], np.int64),
        "received_ns": np.array([r.received_ns for r in readings], np.int64),
        "site": _texts([r.site for r in readings]),
        "device": _texts([r.device for r in readings]),
        **{tag: _texts([r.tags.get(tag) for r in readings]) for tag in shape.tags},
        **{name: _field(readings, name, declared) for name, declared in shape.fields.items()},
        **_flags(readings),
    }


def once(readings: Sequence[Reading]) -> list[Reading]:
    """Readings of one kind without those that repeat the site, device and instant of an earlier one."""
    first: dict[tuple[str, str, int], Reading] = {}
    for reading in readings:
        first.setdefault((reading.site, reading.device, reading.at_ns + reading.tie), reading)
    return list(first.values())


def _field(readings: Sequence[Reading], name: str, declared: FieldType) -> NDArray[Any]:
    values = [reading.fields.get(name) for reading in readings]
    if declared == "str":
        return _texts(values)
    missing = [value is None for value in values]
    dtype = _DTYPES[declared]
    if not any(missing):
        return np.array(values, dtype)
    filled: NDArray[Any] = np.array([0 if value is None else value for value in values], dtype)
    return np.ma.masked_array(filled, mask=missing)


def _flags(readings: Sequence[Reading]) -> Columns:
    flags = np.array([reading.quality for reading in readings], np.int64)
    return {QUALITY: np.ma.masked_equal(flags, 0)} if flags.any() else {}


def _texts(values: Sequence[object]) -> NDArray[Any]:
    return np.array(values, dtype=object)
