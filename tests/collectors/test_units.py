"""Is a value the same in whichever unit it was sent?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.plugins import kinds
from collectors.units import conversion, converted, kept, number_and_unit
from collectors.units_table import UNITS


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "result"),
    [
        (812374, "L", "m3", 812.374),
        (812374, "LTR", "m3", 812.374),
        (0.001, "m3/s", "m3/h", 3.6),
        (620, "E32", "m3/h", 0.62),
        (1, "MWh", "kWh", 1000.0),
        (3.6, "MJ", "kWh", 1.0),
        (31700.269531, "WTT", "kW", 31.700269531),
        (3600, "mV", "V", 3.6),
        (57.2, "[degF]", "degC", 14.0),
        (273.15, "K", "degC", 0.0),
        (14, "Cel", "degC", 14.0),
        (42, "%", "", 0.42),
        (42, "P1", "", 0.42),
        (13.9, "m/s", "km/h", 50.04),
        (2.7, "KNT", "km/h", 5.0004),
        (1013.25, "hPa", "kPa", 101.325),
        (90, "min", "s", 5400.0),
    ],
)
def test_known_conversions(value: float, unit: str, wanted: str, result: float) -> None:
    assert converted(value, conversion(unit, wanted)) == result


@given(value=st.floats(-1e12, 1e12), unit=st.sampled_from(sorted(UNITS)))
def test_there_and_back_is_the_same_value(value: float, unit: str) -> None:
    there = converted(value, kept(unit))
    back = converted(there, conversion(kept(unit).unit, unit))
    assert math.isclose(back, value, rel_tol=1e-9, abs_tol=1e-6)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_kept_unit_is_known_and_kept_as_itself(unit: str) -> None:
    known = UNITS[unit]
    assert UNITS[known.kept] == (known.quantity, known.kept, 1.0, 0.0)


@pytest.mark.parametrize(
    "unit", sorted({field.unit for kind in kinds().values() for field in kind.fields.values() if field.unit})
)
def test_the_unit_of_every_field_is_known(unit: str) -> None:
    assert unit in UNITS


@pytest.mark.parametrize(
    ("unit", "wanted", "words"),
    [
        ("L", "kWh", "'L' is a unit of volume, 'kWh' of energy"),
        ("blub", "m3", "no unit 'blub'"),
        ("C", "degC", "'C' is a unit of charge"),  # SenML: coulomb
        ("m", "min", "of length"),
    ],
)
def test_what_cannot_be_converted_is_said(unit: str, wanted: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        conversion(unit, wanted)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2000 mm", (2000, "mm")),
        ("-3.5mV", (-3.5, "mV")),
        ("21,5", (21.5, "")),
        (" 1e3 L ", (1000.0, "L")),
        ("42%", (42, "%")),
        ("1.2.3", None),
        ("off", None),
        ("", None),
        ("12 too many words", None),
        ("9" * 40, None),
    ],
)
def test_a_text_may_be_a_number_with_a_unit(text: str, result: tuple[float, str] | None) -> None:
    assert number_and_unit(text) == result
