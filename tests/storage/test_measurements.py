"""Can every store keep what a device calls its values, whatever that is?"""

from __future__ import annotations

import pytest

from collectors.plugins import kinds
from collectors.reading import Reading
from storage.line import lines
from storage.schema import declared
from storage.victoria_line import lines as victoria_lines

T = 1_754_000_000_000
SCHEMA = declared()
NAMES = [
    "temperature",
    "cpu[cpu=cpu0,host=a b].usage",
    "%RH",
    "Meter/Volume",
    "ß ü 水",
    "a\\",
    "a\nb",
    "x" * 300,
    "",
    'quoted "name"',
    "a=b, c",
    "\x00",
]
UNITS = ["m3", "%", "no such unit, = \\", "a b\n"]


def readings(name: str, unit: str) -> list[Reading]:
    record = {"t": T, "values": {name: 1.5}, "units": {name: unit}}
    return kinds()["measurement"].readings(record, "demo", "x1", T * 1_000_000)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", NAMES)
def test_a_value_of_any_name_and_unit_can_be_written(name: str, unit: str) -> None:
    (line,) = lines(readings(name, unit), SCHEMA).split(b"\n")
    assert line.startswith(b"measurement,device=x1,")
    assert line.endswith(str(readings(name, unit)[0].key_ns).encode())
    span = range(2**62)
    assert victoria_lines(readings(name, unit), SCHEMA, span).count(b"\n") == 0


@pytest.mark.parametrize("value", [1, 1.5, True, "text", "2000 mm", b"\x00"])
def test_every_sort_of_value_fits_the_schema(value: object) -> None:
    found = kinds()["measurement"].readings({"t": T, "values": {"a": value}}, "demo", "x1", T * 1_000_000)
    assert lines(found, SCHEMA)
