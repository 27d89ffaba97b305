"""The quick way to line protocol says what the slow way says, reading by reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.quality import Flag
from collectors.reading import Reading, Value
from storage.line import line, lines
from storage.schema import Shape, fault
from storage.store import Rejected

SCHEMA = {
    "water": Shape({"volume_m3": "float", "flow_m3_h": "float", "pulses": "int"}, ("zone",)),
    "signal": Shape({"mode": "str", "on": "bool", "plan": "int"}),
}
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1), st.booleans()
)
ANY = NUMBERS | st.floats() | st.text(max_size=3) | st.integers()
FIELDS = st.dictionaries(
    st.sampled_from(["volume_m3", "flow_m3_h", "pulses", "mode", "on", "plan", "other"]), ANY, max_size=4
)
GOOD = st.fixed_dictionaries(
    {"volume_m3": st.floats(allow_nan=False, allow_infinity=False)},
    optional={"pulses": st.integers(-(2**63), 2**63 - 1)},
)
READINGS = st.builds(
    Reading,
    kind=st.sampled_from(["water", "water", "signal", "none"]),
    site=st.sampled_from(["s", "a b"]),
    device=st.sampled_from(["d1", "d,2", "d=3", ""]),
    at_ns=st.integers(0, 2**63 + 5),
    fields=GOOD | FIELDS,
    tags=st.sampled_from([{}, {"zone": "z 1"}, {"zone": "bad\\"}, {"strange": "x"}]),
    tie=st.integers(0, 9),
    received_ns=st.integers(0, 2**63),
    quality=st.sampled_from([0, 0, 1, Flag.LATE | Flag.CLOCK, 2**63]),
)


def tokens(text: str) -> list[object]:
    """A line in which floats count by value: 1e16 and 1e+16 are one number."""
    head, fields, at = text.rsplit(" ", 2)
    return [head, [(n, number(v)) for n, v in (pair.split("=") for pair in fields.split(","))], at]


def number(text: str) -> object:
    return text if text.endswith("i") or text in ("t", "f") else float(text)


def slow(reading: Reading) -> str | None:
    """Its line, or None when it cannot be written."""
    try:
        return None if fault(reading, SCHEMA) else line(reading, SCHEMA[reading.kind])
    except ValueError:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(READINGS, max_size=6))
def test_a_batch_is_what_its_readings_are_one_by_one(batch: list[Reading]) -> None:
    expected = [slow(reading) for reading in batch]
    if None in expected:
        with pytest.raises(Rejected) as rejected:
            lines(batch, SCHEMA)
        at_fault = [reading for reading, text in zip(batch, expected, strict=True) if text is None]
        assert [id(r) for r, _ in rejected.value.faults] == [id(r) for r in at_fault]
        return
    found = lines(batch, SCHEMA).decode()
    if not any(isinstance(v, str) for r in batch for v in r.fields.values()):
        written = found.split("\n") if found else []
        assert [tokens(text) for text in written] == [tokens(text or "") for text in expected]


@pytest.mark.parametrize(
    ("value", "text"), [(21.0, "21.0"), (0.1 + 0.2, "0.30000000000000004"), (1e-7, "1e-7"), (1e16, "1e16")]
)
def test_floats_keep_every_digit_and_stay_floats(value: Value, text: str) -> None:
    found = lines([Reading("water", "s", "d", 5, {"volume_m3": value}, {}, 1, 7)], SCHEMA)
    assert found == f"water,device=d,site=s volume_m3={text},received_ns=7i 6".encode()


def test_a_number_that_is_none_is_named_and_costs_its_neighbours_nothing() -> None:
    good = Reading("water", "s", "d", 5, {"volume_m3": 1.0})
    bad = Reading("water", "s", "d", 6, {"volume_m3": float("nan")})
    with pytest.raises(Rejected) as rejected:
        lines([good, bad, good], SCHEMA)
    assert [reading for reading, _ in rejected.value.faults] == [bad]
