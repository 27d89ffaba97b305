"""Do wmbusmeters, line protocol, CBOR, JSON of any shape and discovery messages say what they should?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from collectors.formats import wmbus
from collectors.reading import BadPayload, Reading, Reason

T = 1_754_000_000_000

Read = Callable[..., list[Reading]]
Measured = Callable[[list[Reading]], dict[str, Any]]


def test_a_water_meter_of_wmbusmeters_needs_no_field_map(read: Read, measured: Measured) -> None:
    found = read("wmbus", "water", "wmbusmeters/76348799", wmbus.EXAMPLE)
    assert (found[0].kind, found[0].device, found[0].fields) == ("water", "76348799", {"volume_m3": 6.408})
    assert found[0].at_ns == 1_754_042_400_000_000_000
    assert measured(found) == {"status": "OK", "target_m3": 6.408, "flow_temperature_c": 8.0}


def test_a_heat_meters_units_are_in_its_names(read: Read) -> None:
    payload = json.dumps(
        {
            "media": "heat",
            "id": "1",
            "timestamp": "2025-08-01T10:00:00Z",
            "total_energy_consumption_kwh": 1250,
            "total_volume_m3": 88.5,
            "current_power_consumption_kw": 2.5,
            "t1_temperature_c": 70,
            "t2_temperature_c": 40.5,
            "volume_flow_m3h": 0.12,
            "voltage_at_phase_1_v": None,
        }
    ).encode()
    (found,) = read("wmbus", "heat", "wmbusmeters/1", payload)
    assert found.fields == {
        "energy_kwh": 1250.0,
        "volume_m3": 88.5,
        "power_kw": 2.5,
        "flow_m3_h": 0.12,
        "supply_c": 70.0,
        "return_c": 40.5,
    }


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"total_m3":1}', Reason.WRONG_SHAPE),
        (b'{"id":5,"total_m3":1}', Reason.WRONG_SHAPE),
        (b'{"id":"1","timestamp":5,"total_m3":1}', Reason.BAD_TIME),
        (b'{"id":"2","total_m3":1}', Reason.UNKNOWN_DEVICE),
        (b"[]", Reason.WRONG_SHAPE),
    ],
)
def test_what_is_no_telegram_of_this_meter_is_refused(payload: bytes, reason: Reason, read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        read("wmbus", "water", "wmbusmeters/1", payload)
    assert caught.value.reason is reason


def lines(text: str, read: Read, **terms: Any) -> list[Reading]:
    return read("line_protocol", "measurement", "telegraf", text.encode(), "telegraf", **terms)


def test_a_line_of_telegraf_keeps_types_and_tells_series_apart_by_tags(
    read: Read, measured: Measured
) -> None:
    found = lines(
        'cpu,host=h1,cpu=cpu0 usage=1.5,n=3i,u=4u,s="a \\"b\\", c",up=t 1754000000000000000\n', read
    )
    assert measured(found) == {
        "cpu[cpu=cpu0].usage": 1.5,
        "cpu[cpu=cpu0].n": 3.0,
        "cpu[cpu=cpu0].u": 4.0,
        "cpu[cpu=cpu0].s": 'a "b", c',
        "cpu[cpu=cpu0].up": True,
    }
    assert {(r.device, r.at_ns) for r in found} == {("h1", 1_754_000_000_000_000_000)}


def test_escapes_blank_lines_and_comments(read: Read, measured: Measured) -> None:
    found = lines("# note\n\nmy\\ disk,host=h,pa\\=th=/a\\,b free\\ now=1\r\n", read)
    assert measured(found) == {"my disk[pa=th=/a,b].free now": 1.0}


def test_the_device_is_the_tag_that_the_source_names(read: Read) -> None:
    (found,) = lines("m,host=h,meter=m7 v=1 1754000000000000000", read, device_in="tags.meter")
    assert found.device == "m7"


def test_the_unit_of_time_is_declared(read: Read) -> None:
    (found,) = lines("m,host=h v=1 1754000000", read, time_unit="s")
    assert found.at_ns == 1_754_000_000_000_000_000


@pytest.mark.parametrize(
    "text",
    [
        "m",
        "m ",
        "m v",
        "m v=",
        "m v=x",
        'm v="x',
        "m v=1 x",
        "m v=1 1 1",
        "m,t v=1",
        "m,t= v=1",
        "m v=1,",
        "m v=0x1f",
        "m v=1ii",
    ],
)
def test_what_is_no_line_is_malformed(text: str, read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        lines(text, read)
    assert caught.value.reason is Reason.MALFORMED
    assert "at character" in caught.value.detail


def test_cbor_says_what_json_says(read: Read) -> None:
    record = {"t": T, "volume_m3": 812.374, "flow_m3_h": 0.5}
    shape = "x/{device}"
    of_json = read("json", "water", "x/w1", json.dumps(record).encode(), shape, others="drop")
    of_cbor = read("cbor", "water", "x/w1", cbor2.dumps(record), shape, others="drop")
    assert of_json == of_cbor
    assert len(of_json) == 1


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bytes.fromhex("a16161c249010000000000000000"), Reason.MALFORMED),  # a big number
        (bytes.fromhex("a16161d8236161"), Reason.MALFORMED),  # a pattern
        (bytes.fromhex("a16161d81c80"), Reason.MALFORMED),  # a shared value
        (bytes.fromhex("a1616101a0"), Reason.MALFORMED),  # two items
        (b"\x81" * 20 + b"\x01", Reason.MALFORMED),  # too deep
        (bytes.fromhex("a10102"), Reason.MALFORMED),  # a key that is no text
        (bytes.fromhex("01"), Reason.WRONG_SHAPE),
        (bytes.fromhex("a1416101"), Reason.WRONG_SHAPE),  # a key of bytes
    ],
)
def test_unsafe_cbor_is_refused(payload: bytes, reason: Reason, read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        read("cbor", "measurement", "x/w1", payload, "x/{device}", time_unit="arrival")
    assert caught.value.reason is reason


def test_bytes_in_cbor_are_kept_as_base64(read: Read, measured: Measured) -> None:
    found = read(
        "cbor", "measurement", "x/w1", cbor2.dumps({"a": b"\x00\xff"}), "x/{device}", time_unit="arrival"
    )
    assert measured(found) == {"a": "AP8="}


def test_nested_json_with_units_in_its_texts(read: Read, measured: Measured) -> None:
    payload = json.dumps(
        {
            "meta": {"when": T // 1000, "id": "b1"},
            "sensors": [{"depth": "2000 mm"}, {"t": "57.2 degF"}],
            "fw": "2.1",
        }
    ).encode()
    found = read(
        "json",
        "waste",
        "bins/b1",
        payload,
        "bins/{device}",
        fields={"temperature_c": "sensors.1.t", "fill": "fill"},
        time_in="meta.when",
        time_unit="s",
        device_in="meta.id",
    )
    assert measured(found) == {"sensors.0.depth": 2.0, "sensors.1.t": 14.0, "fw": "2.1"}
    depth = next(r for r in found if r.tags["name"] == "sensors.0.depth")
    assert (depth.tags["unit"], depth.fields["original"]) == ("m", "2000 mm")


def test_each_sample_of_a_list_is_a_reading_at_its_own_time(read: Read) -> None:
    payload = json.dumps({"t": T, "r": [{"t": T - 60_000, "l": "41 %"}, {"l": "42 %"}]}).encode()
    found = read("json", "waste", "b/b1", payload, "b/{device}", samples_in="r", fields={"fill": "l"})
    assert [(r.fields["fill"], r.at_ns // 1_000_000) for r in found] == [(0.41, T - 60_000), (0.42, T)]


def test_lanes_and_classes_of_one_instant_stay_apart(read: Read) -> None:
    lanes = [
        {"lane": lane, "cls": cls, "n": n}
        for n, (lane, cls) in enumerate([(1, "car"), (1, "truck"), (2, "car")])
    ]
    payload = json.dumps({"t": T, "lanes": lanes}).encode()
    fields = {"count_veh": "n", "vehicle_class": "cls"}
    found = read("json", "traffic", "r/r1", payload, "r/{device}", samples_in="lanes", fields=fields)
    assert [(r.tags["lane"], r.tags["vehicle_class"], r.fields["count_veh"]) for r in found] == [
        ("1", "car", 0),
        ("1", "truck", 1),
        ("2", "car", 2),
    ]
    assert len({r.key_ns for r in found}) == 3


def test_json_without_a_time_is_refused_unless_its_arrival_counts(read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        read("json", "water", "w/w1", b'{"volume_m3":1}', "w/{device}", fields={"flow_m3_h": "f"})
    assert caught.value.reason is Reason.BAD_TIME
    (found,) = read("json", "water", "w/w1", b'{"volume_m3":1}', "w/{device}", time_unit="arrival")
    assert found.fields == {"volume_m3": 1.0}


@pytest.mark.parametrize("topic", ["homeassistant/sensor/m1/config", "homeassistant/sensor/n/m1/config"])
@pytest.mark.parametrize("payload", [b"", b'{"name":"Meter","state_topic":"a/b"}'])
def test_discovery_is_taken_in_silence(topic: str, payload: bytes, read: Read) -> None:
    assert read("homeassistant", "measurement", topic, payload) == []


def test_what_is_no_discovery_is_refused(read: Read) -> None:
    with pytest.raises(BadPayload, match="no discovery"):
        read("homeassistant", "measurement", "homeassistant/sensor/m1/config", b"[1]")
