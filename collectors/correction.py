"""How does what one device says become right, when its units or its sensor are not those of its source?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from collectors.mapping import MEASUREMENT
from collectors.original import ORIGINAL
from collectors.plugins import choose, kinds
from collectors.reading import BadPayload, Reading, Reason, shown
from collectors.units import conversion, converted
from collectors.units_table import UNITS

Calibration = tuple[float, float]
"""Gain and offset: what is kept is gain * value + offset, in the unit of the field."""

_NUMBERS: Final = ("float", "int")


class Correction:
    """The units and the calibration of one device of a kind; what it sent is kept beside the result.

    `units` are by the device's own words, `calibration` by the field of the kind (of kind `measurement`, by
    the name of the value). Raises ValueError for a field that the kind does not have, an unknown unit, or one
    that cannot become the field's.
    """

    def __init__(self, kind: str, units: Mapping[str, str], calibration: Mapping[str, Calibration]) -> None:
        self.kind, self.units, self._calibration = kind, dict(units), dict(calibration)
        self._fields = choose("kind", kind, kinds()).fields
        if ORIGINAL not in self._fields:
            raise ValueError(f"what a device of kind '{kind}' sends is taken as it is")
        for word, unit in units.items():
            _check_unit(unit, self._fields[word].unit if word in self._fields else unit)
        numbers = {name: None for name, field in self._fields.items() if field.type in _NUMBERS}
        for name in calibration if kind != MEASUREMENT else ():
            choose("field", name, numbers)

    def convert(self, record: dict[str, Any]) -> list[str]:
        """Bring the numbers of a plain record into the units of the kind; returns what was changed."""
        changed: list[str] = []
        for word, unit in self.units.items():
            value = record.get(word)
            if word in self._fields and _is_number(value):
                record[word] = converted(value, conversion(unit, self._fields[word].unit))
                changed.append(f"{word}={value!r} {unit}")
        return changed

    def calibrate(self, readings: list[Reading], changed: list[str] | None = None) -> list[Reading]:
        """Calibrate fresh readings in place, and keep what was sent with what was `changed` before.

        Raises BadPayload(OUT_OF_RANGE) where the result is impossible.
        """
        for reading in readings:
            if reading.kind != self.kind:
                continue
            quoted = list(changed or ())
            if self.kind == MEASUREMENT:
                self._one(reading, reading.tags.get("name", ""), "value", quoted)
            else:
                for name in self._calibration:
                    self._one(reading, name, name, quoted)
            if quoted:
                before = reading.fields.get(ORIGINAL)
                reading.fields[ORIGINAL] = "; ".join([*([str(before)] if before else []), *quoted])
        return readings

    def _one(self, reading: Reading, name: str, field: str, quoted: list[str]) -> None:
        value = reading.fields.get(field)
        if name not in self._calibration or not _is_number(value):
            return
        gain, offset = self._calibration[name]
        found = gain * value + offset
        if not math.isfinite(found):
            raise BadPayload(Reason.OUT_OF_RANGE, f"{name}: {shown(value)} is {found} when calibrated")
        declared = self._fields[field]
        checked = declared.check(field, round(found) if declared.type == "int" else float(f"{found:.12g}"))
        assert checked is not None
        reading.fields[field] = checked
        quoted.append(f"{name}={value!r} uncalibrated")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_unit(unit: str, wanted: str) -> None:
    """Raises ValueError."""
    conversion(unit, wanted if unit in UNITS else "1")
