"""The record of a plain sensor stands for the reading that the long way finds; in doubt there is none."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.field import Field
from collectors.plugins import kinds
from collectors.reading import BadPayload, Reading
from collectors.source import Source, Sources
from collectors.times import latest_ms
from collectors.typed import EARLIEST_TYPED_MS, Route, route, typed

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000
TYPED = sorted(name for name, kind in kinds().items() if kind.typed is not None)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.floats(0, 1000),
    st.sampled_from([T, float(T), T + 0.5, "2025-07-31T22:13:20Z", 999_999_999_999, "x1", [], {}]),
)


def by_record(kind: str, payload: bytes) -> list[Reading] | None:
    """What `Ingest.take` would make of the payload; None where it leaves it to the long way."""
    shape = kinds()[kind].typed
    assert shape is not None
    try:
        record = shape.decode(payload)
    except (msgspec.DecodeError, ValueError):
        return None
    if not EARLIEST_TYPED_MS <= record.t <= latest_ms(NOW_NS):
        return None
    return [route(shape, "demo", "x1").reading(record, NOW_NS)]


def check(kind: str, payload: bytes) -> None:
    short = by_record(kind, payload)
    if short is None:
        return
    source = Source(f"arterial/{{site}}/{kind}/{{device}}", "json", kind)
    long = source.readings("demo", "x1", payload, NOW_NS)
    assert short == long
    assert [[type(v) for v in r.fields.values()] for r in short] == [
        [type(v) for v in r.fields.values()] for r in long
    ]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPED), st.data())
def test_any_record_stands_for_the_same_reading(kind: str, data: st.DataObject) -> None:
    example = kinds()[kind].example
    names = st.sampled_from([*example, "other"])
    record = {**example, "t": T, **data.draw(st.dictionaries(names, VALUES, max_size=3))}
    for name in data.draw(st.lists(names, max_size=2)):
        record.pop(name, None)
    check(kind, json.dumps(record).encode())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=12), st.integers(0, 90), st.integers(0, 5))
def test_any_damage_is_left_to_the_long_way_or_stands_for_the_same(damage: bytes, at: int, cut: int) -> None:
    payload = b'{"t":1754000000000,"volume_m3":1.5,"flow_m3_h":2,"battery_v":3.25}'
    check("water", payload[:at] + damage + payload[at + cut :])


def test_plain_sensors_are_typed_and_what_holds_texts_or_whole_numbers_is_not() -> None:
    assert {"water", "power", "gas", "waste"} <= set(TYPED)
    number = Field("float")
    assert typed("k", {"a": number}, ()) is not None
    assert typed("k", {"a": number}, ("lane",)) is None
    assert typed("k", {"a": number, "b": Field("int")}, ()) is None
    assert typed("k", {"a": Field("float", required=False)}, ()) is None


@pytest.mark.parametrize(("unit", "form", "there"), [("ms", "json", True), ("s", "json", False)])
def test_only_milliseconds_in_json_have_a_route(unit: str, form: str, there: bool) -> None:
    sources = Sources([Source("a/{site}/{device}", form, "water", time_unit=unit)])  # type: ignore[arg-type]
    assert sources.route("a/s/d") is None
    at = T // 1000 if unit == "s" else T
    sources.read("a/s/d", b'{"t":%d,"volume_m3":1}' % at, NOW_NS)
    assert (sources.route("a/s/d") is not None) is there
    with pytest.raises(BadPayload):
        sources.read("b/s/d", b"{}", NOW_NS)
    assert sources.route("b/s/d") is None


def test_a_mark_is_the_same_for_the_same_names_and_another_for_others() -> None:
    water, gas = kinds()["water"].typed, kinds()["gas"].typed
    assert water is not None
    assert gas is not None
    routes = [route(water, "s", "d"), route(water, "s", "e"), route(water, "t", "d"), route(gas, "s", "d")]
    assert len({found.mark for found in routes}) == len(routes)
    assert route(water, "s", "d").mark == routes[0].mark
    assert all(isinstance(found, Route) and found.mark % 2**64 == 0 for found in routes)
