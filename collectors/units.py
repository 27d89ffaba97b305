"""How much is a value in another unit, and in which unit is its quantity kept?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from collectors.units_table import UNITS, Unit

REMEMBERED: Final = 4096
"""Pairs of units whose conversion is remembered; devices may send any text as a unit."""

_NUMBER_AND_UNIT: Final = re.compile(
    r"\s{0,8}([+-]?[0-9]{1,20}(?:[.,][0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?)"
    r"(?:\s{1,8}(\S{1,16})|([^\s0-9.,+-]\S{0,15}))?\s{0,8}"
)
"""A unit that follows without a blank cannot begin like a number."""
_DIMENSIONLESS: Final = frozenset({"ratio", "count"})


class Conversion(NamedTuple):
    """`value * factor + offset` is the value in `unit`; `changes` tells whether that is another number."""

    factor: float
    offset: float
    unit: str
    changes: bool


@lru_cache(maxsize=REMEMBERED)
def conversion(unit: str, wanted: str) -> Conversion:
    """How a value in `unit` becomes one in `wanted`; a declared unit of "" is a plain number or ratio.

    Raises ValueError when one of them is unknown or they measure different things.
    """
    if unit == wanted:
        return Conversion(1.0, 0.0, wanted, False)
    source, target = _known(unit), _known(wanted or "1")
    if source.quantity != target.quantity and not {source.quantity, target.quantity} <= _DIMENSIONLESS:
        raise ValueError(f"'{unit}' is a unit of {source.quantity}, '{wanted}' of {target.quantity}")
    factor = source.factor / target.factor
    offset = (source.offset - target.offset) / target.factor
    return Conversion(factor, offset, wanted, factor != 1.0 or offset != 0.0)


@lru_cache(maxsize=REMEMBERED)
def kept(unit: str) -> Conversion:
    """How a value in `unit` becomes one in the unit its quantity is kept in; an unknown unit stays."""
    known = UNITS.get(unit)
    if known is None:
        return Conversion(1.0, 0.0, unit, False)
    return Conversion(known.factor, known.offset, known.kept, known.factor != 1.0 or known.offset != 0.0)


def converted(value: float, by: Conversion) -> float:
    """`value` in the unit of `by`, rounded to the 12 digits that conversions are good for."""
    found = value * by.factor + by.offset
    return float(f"{found:.12g}") if by.changes else found


def number_and_unit(text: str) -> tuple[float, str] | None:
    """The number and the unit of a text such as `2000 mm` or `21,5`; None when there is no number."""
    found = _NUMBER_AND_UNIT.fullmatch(text) if len(text) <= 64 else None
    if found is None:
        return None
    digits = found[1].replace(",", ".")
    return (float(digits) if set(digits) & set(".eE") else int(digits)), found[2] or found[3] or ""


def _known(unit: str) -> Unit:
    found = UNITS.get(unit)
    if found is None:
        raise ValueError(
            f"no unit '{unit[:40]}'; UCUM, SenML and UN/CEFACT codes are known, for example L, Cel, KWH"
        )
    return found
