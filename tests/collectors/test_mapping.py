"""Does a field map find, convert and keep what it should, and nothing else?"""

from __future__ import annotations

from typing import Any

import pytest

from collectors.mapping import FieldMap
from collectors.observation import Observation
from collectors.reading import BadPayload, Reading
from collectors.times import Instant

NOW_NS = 1_790_000_000_000_000_000


def read(mapping: FieldMap, values: dict[str, Any], **more: Any) -> list[Reading]:
    return mapping.readings(Observation(values, Instant(NOW_NS), **more), "demo", "w1", NOW_NS)


def names(readings: list[Reading]) -> set[str]:
    return {reading.tags["name"] for reading in readings if reading.kind == "measurement"}


def test_a_field_is_where_it_is_said_to_be_or_under_its_own_name() -> None:
    mapping = FieldMap("water", {"volume_m3": ("meter.total",)})
    (found,) = read(mapping, {"meter": {"total": 5}, "battery_v": 3.6})
    assert found.fields == {"volume_m3": 5.0, "battery_v": 3.6}


def test_the_first_place_that_says_something_counts() -> None:
    mapping = FieldMap("water", {"volume_m3": ("a", "b", "c.0")}, keep_others=False)
    assert read(mapping, {"b": 2, "c": [3]})[0].fields == {"volume_m3": 2.0}
    assert read(mapping, {"a": None, "c": [3]})[0].fields == {"volume_m3": 3.0}


def test_a_name_with_dots_in_it_is_found_whole() -> None:
    assert read(FieldMap("water", {"volume_m3": ("a.b",)}), {"a.b": 7})[0].fields == {"volume_m3": 7.0}


def test_what_no_field_asks_for_is_kept_with_its_unit() -> None:
    mapping = FieldMap("water", {"volume_m3": ("v",)}, {"pressure": "bar"})
    found = read(mapping, {"v": 1, "pressure": 2.5, "alarm": {"leak": True}, "gone": None})
    assert names(found) == {"pressure", "alarm.leak"}
    (pressure,) = [r for r in found if r.tags.get("name") == "pressure"]
    assert (pressure.fields, pressure.tags["unit"]) == ({"value": 250.0, "original": "2.5 bar"}, "kPa")


def test_dropping_the_rest_is_possible_but_never_everything() -> None:
    mapping = FieldMap("water", {"volume_m3": ("v",)}, keep_others=False)
    assert len(read(mapping, {"v": 1, "x": 2})) == 1
    with pytest.raises(BadPayload, match="no water in it; there are: x"):
        read(mapping, {"x": 2})


def test_without_a_required_field_everything_is_kept_as_measurements() -> None:
    found = read(FieldMap("water", {"volume_m3": ("v",)}), {"battery_v": 3.6, "x": 1})
    assert names(found) == {"battery_v", "x"}
    assert {r.kind for r in found} == {"measurement"}


def test_what_came_beside_completes_a_reading_but_makes_none() -> None:
    mapping = FieldMap("water", {"volume_m3": ("v",), "flow_m3_h": ("f",)})
    (found,) = read(mapping, {"f": 1}, beside={"v": 9, "other": 1})
    assert found.fields == {"volume_m3": 9.0, "flow_m3_h": 1.0}
    assert read(mapping, {}, beside={"v": 9}) == []


@pytest.mark.parametrize(
    ("value", "units", "said", "result"),
    [
        (5, {}, {}, 5.0),
        ("5", {}, {}, 5.0),
        ("5000 L", {}, {}, 5.0),
        (5000, {"v": "L"}, {}, 5.0),
        (5000, {}, {"v": "LTR"}, 5.0),
        (5000, {"v": "L"}, {"v": "MTQ"}, 5.0),  # the source corrects the device
        (5, {"v": "m3"}, {}, 5.0),
    ],
)
def test_the_unit_is_the_sources_or_the_devices(
    value: Any, units: dict[str, str], said: dict[str, str], result: float
) -> None:
    (found,) = read(FieldMap("water", {"volume_m3": ("v",)}, units), {"v": value}, units=said)
    assert found.fields["volume_m3"] == result
    assert ("original" in found.fields) == (value in (5000, "5000 L"))


@pytest.mark.parametrize(
    ("value", "said", "words"),
    [
        ("full", {}, "volume_m3: 'full'; allowed: a number"),
        (5, {"v": "kWh"}, "'kWh' is a unit of energy, 'm3' of volume"),
        (5, {"v": "blub"}, "no unit 'blub'"),
        (-5, {}, "volume_m3: -5; allowed: a number from 0"),
        (True, {}, "volume_m3: True"),
        (float("nan"), {}, "not_finite"),
    ],
)
def test_an_impossible_value_is_refused_by_name(value: Any, said: dict[str, str], words: str) -> None:
    with pytest.raises(BadPayload, match=words):
        read(FieldMap("water", {"volume_m3": ("v",)}), {"v": value}, units=said)


def test_zero_and_one_are_truths_where_a_truth_is_wanted() -> None:
    (found,) = read(FieldMap("traffic", {"count_veh": ("n",)}), {"n": 3.0, "congested": 1, "lane": 2})
    assert found.fields == {"count_veh": 3, "congested": True}
    assert found.tags == {"lane": "2", "vehicle_class": ""}


@pytest.mark.parametrize(
    ("fields", "units", "words"),
    [
        ({"volume": ("v",)}, {}, "no field named 'volume'; there are: battery_v, flow_m3_h, volume_m3"),
        ({"original": ("v",)}, {}, "no field named 'original'"),
        ({"volume_m3": ("v",)}, {"v": "kWh"}, "'kWh' is a unit of energy"),
    ],
)
def test_a_map_that_cannot_work_is_refused_at_the_start(
    fields: dict[str, tuple[str, ...]], units: dict[str, str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        FieldMap("water", fields, units)


def test_values_of_one_millisecond_stay_apart_by_name_across_messages() -> None:
    mapping = FieldMap("measurement", {})
    first, second = read(mapping, {"a": 1}), read(mapping, {"b": 1})
    assert first[0].key_ns != second[0].key_ns
    assert first == read(mapping, {"a": 1})


def test_names_of_one_checksum_stay_apart_within_a_message() -> None:
    found = read(FieldMap("measurement", {}), {"v215": 1, "v1559": 2})
    assert found[0].key_ns // 1_000_000 == found[1].key_ns // 1_000_000
    assert len({reading.key_ns for reading in found}) == 2


def test_lanes_stay_apart_across_messages_of_one_instant() -> None:
    mapping = FieldMap("traffic", {"count_veh": ("n",)})
    keys = {read(mapping, {"n": 1, "lane": lane})[0].key_ns for lane in (1, 2, 3)}
    assert len(keys) == 3
