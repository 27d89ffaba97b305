"""The short way from JSON to readings finds what the long way finds: the same readings and refusals."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.plugins import formats, kinds
from collectors.reading import BadPayload, Reading
from collectors.source import Source, Sources

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000
SHORT = sorted(name for name, kind in kinds().items() if kind.read_json is not None)


def the_long_way(kind: str, payload: bytes) -> list[Reading]:
    return [
        r
        for record in formats()["json"](payload)
        for r in kinds()[kind].readings(record, "demo", "x1", NOW_NS)
    ]


def outcome(kind: str, payload: bytes, *, short: bool) -> object:
    """Readings with the types of their values, or reason and detail."""
    source = Source(f"arterial/{{site}}/{kind}/{{device}}", "json", kind)
    try:
        found = source.readings("demo", "x1", payload, NOW_NS) if short else the_long_way(kind, payload)
    except BadPayload as bad:
        return bad.reason, bad.detail
    ours = [r for r in found if r.kind == kind]  # what no field asks for comes beside, as measurements
    return [(r, [type(v) for v in r.fields.values()]) for r in ours] or "empty"


def same(kind: str, payload: bytes) -> None:
    long = outcome(kind, payload, short=False)
    short = outcome(kind, payload, short=True)
    assert short == long or (long == "empty" and isinstance(short, tuple))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**53, 2**64 + 9),
    st.floats(),
    st.floats(0, 1000),
    st.sampled_from([T, float(T), T + 0.5, "2025-07-31T22:13:20Z", "2025-07-31T22:13:20", "x1", [], {}]),
    st.text(max_size=4),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHORT), st.data())
def test_any_record_reads_the_same_both_ways(kind: str, data: st.DataObject) -> None:
    example_ = kinds()[kind].example
    names = st.sampled_from([*example_, "other"])
    record = {**example_, **data.draw(st.dictionaries(names, VALUES, max_size=3))}
    for name in data.draw(st.lists(names, max_size=2)):
        record.pop(name, None)
    same(kind, json.dumps(record).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 200), st.integers(0, 5))
def test_any_damage_reads_the_same_both_ways(damage: bytes, at: int, cut: int) -> None:
    payload = msgspec.json.encode(kinds()["water"].example)
    same("water", payload[:at] + damage + payload[at + cut :])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b'[{"t":1754000000000,"volume_m3":1}]',
        b'{"t":1754000000000,"volume_m3":1,"volume_m3":2}',
        b'{"t":1754000000000,"volume_m3":1,"volume_m3":"x"}',
        b'{"t":1754000000000,"volume_m3":"x","volume_m3":1}',
        b'{"t":1754000000000,"volume_m3":1,"flow_m3_h":2,"flow_m3_h":null}',
        b'{"t":1754000000000,"volume_m3":1,"other":NaN}',
        b'{"t":1754000000000,"volume_m3":1,"other":1e999}',
        b'{"t":1754000000000,"volume_m3":1e999}',
        b'{"t":1754000000000,"volume_m3":NaN}',
        b'{"t":1754000000000,"volume_m3":1,"other":"\xff"}',
        b'{"t":1754000000000,"volume_m3":9007199254740993}',
        b'{"t":1754000000000,"volume_m3":-1}',
        b'{"t":1754000000000,"volume_m3":true}',
        b'{"t":1754000000.5,"volume_m3":1}',
        b'{"t":1754000000000.25,"volume_m3":1}',
        b'{"\\u0074":1754000000000,"volume_m3":1}',
        b'{"t":"2025-07-31T22:13:20.123456789Z","volume_m3":1}',
        b'\xef\xbb\xbf{"t":1754000000000,"volume_m3":1}',
        b'{"t":1754000000000,"volume_m3":1} x',
        b'{"t":1754000000000,"volume_m3":1,"other":"' + b"x" * 20_000 + b'"}',
        b" " * 20_000 + b'{"t":1754000000000,"volume_m3":1}',
        b" " * 300_000 + b'{"t":1754000000000,"volume_m3":1}',
    ],
)
def test_these_read_the_same_both_ways(payload: bytes) -> None:
    same("water", payload)


def test_flat_kinds_have_a_short_way_and_use_it() -> None:
    assert {"water", "power", "gas", "waste"} <= set(SHORT)
    read_json = kinds()["water"].read_json
    assert read_json is not None
    (reading,) = read_json(b'{"t":1754000000000,"volume_m3":1}', "demo", "w-1", NOW_NS) or []
    assert reading == Reading("water", "demo", "w-1", T * 1_000_000, {"volume_m3": 1.0}, {}, 0, NOW_NS)


@example(["a/s/d1", "a/s/d2", "a/s/d1"])
@given(st.lists(st.sampled_from(["a/s/d1", "a/s/d2", "a/t/d1", "b/s/d1", "a/s/$", "a/s"]), max_size=12))
def test_a_remembered_topic_is_read_as_at_first(topics: list[str]) -> None:
    def read(sources: Sources, topic: str) -> object:
        try:
            return sources.read(topic, b'{"t":1754000000000,"volume_m3":1}', NOW_NS)
        except BadPayload as bad:
            return bad.reason, bad.detail

    one = Sources([Source("a/{site}/{device}", "json", "water")])
    for topic in topics:
        assert read(one, topic) == read(Sources([Source("a/{site}/{device}", "json", "water")]), topic)
