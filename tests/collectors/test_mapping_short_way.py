"""The remembered way from a device's words to a reading finds what the long way finds, whatever comes."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.mapping import PLANS, FieldMap
from collectors.observation import Observation
from collectors.reading import BadPayload

NOW_NS = 1_790_000_000_000_000_000
FIELDS = {"volume_m3": ("v", "total.v"), "flow_m3_h": ("f",), "battery_v": ("b",)}
WORDS = st.sampled_from(["v", "f", "b", "x", "total", "flow_m3_h"])
VALUES = (
    st.floats()
    | st.integers(-(10**320), 10**320)
    | st.integers(-5, 5)
    | st.sampled_from([None, True, "12 L", "text", {"v": 3.5}, [1.0]])
)
UNITS = st.sampled_from(["L", "m3", "mV", "V", "kWh", "no unit", ""])


class LongWay(FieldMap):
    """A map that remembers no way."""

    def _short_way(self, *_: object) -> None:
        return None


def outcome(field_map: FieldMap, said: Observation) -> object:
    try:
        return field_map.readings(said, "demo", "d", NOW_NS)
    except BadPayload as bad:
        return bad.reason, bad.detail


@settings(max_examples=400, deadline=None)
@given(
    values=st.dictionaries(WORDS, VALUES, max_size=4),
    units=st.dictionaries(WORDS, UNITS, max_size=3),
    beside=st.dictionaries(WORDS, VALUES, max_size=2),
    declared=st.dictionaries(st.sampled_from(["v", "b"]), st.sampled_from(["L", "mV"]), max_size=1),
    keep=st.booleans(),
)
def test_the_short_way_finds_what_the_long_way_finds(
    values: dict[str, Any],
    units: dict[str, str],
    beside: dict[str, Any],
    declared: dict[str, str],
    keep: bool,
) -> None:
    declared = {word: unit for word, unit in declared.items() if (word, unit) in (("v", "L"), ("b", "mV"))}
    maps = [kind("water", FIELDS, declared, keep) for kind in (FieldMap, LongWay)]

    def said() -> Observation:
        return Observation(dict(values), NOW_NS // 1_000_000, "d", dict(units), dict(beside))

    assert repr(outcome(maps[0], said())) == repr(outcome(maps[1], said()))
    assert repr(outcome(maps[0], said())) == repr(outcome(maps[1], said())), "the second time, remembered"


def test_the_way_is_remembered_for_what_a_meter_usually_says() -> None:
    field_map = FieldMap("water", FIELDS, {"v": "L"})
    said = Observation({"v": 812374, "f": 0.31, "b": 3.6}, NOW_NS // 1_000_000, "d")
    (found,) = field_map._short_way(said, "demo", "d", NOW_NS) or []
    assert found.fields == {
        "volume_m3": 812.374,
        "flow_m3_h": 0.31,
        "battery_v": 3.6,
        "original": "volume_m3=812374 L",
    }


def test_devices_that_say_ever_new_words_do_not_fill_the_memory() -> None:
    field_map = FieldMap("water", FIELDS)
    for n in range(PLANS + 10):
        field_map.readings(Observation({f"w{n}": 1.0}, NOW_NS // 1_000_000, "d"), "demo", "d", NOW_NS)
    assert len(field_map._plans) <= PLANS
