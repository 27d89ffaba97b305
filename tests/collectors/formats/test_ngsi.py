"""Do NGSI entities become readings, in all their spellings, and the Smart Data Models' examples too?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.reading import BadPayload, Reading, Reason

NOW_NS = 1_790_000_000_000_000_000

Read = Callable[..., list[Reading]]
Measured = Callable[[list[Reading]], dict[str, Any]]

TRAFFIC = {
    "count_veh": 197,
    "occupancy": 0.76,
    "speed_km_h": 52.6,
    "length_m": 9.87,
    "headway_s": 0.5,
    "interval_s": 300.0,
}
POWER = {"energy_kwh": 150781.96448, "power_kw": 31.700269531, "voltage_v": 234.959605}
MODELS = [
    ("Transportation/TrafficFlowObserved", "traffic", TRAFFIC, "2016-12-07T11:15:00Z"),
    ("Energy/ThreePhaseAcMeasurement", "power", POWER, None),
    ("Device/SmartMeteringObservation", "power", {"energy_kwh": 7.0}, None),
]
SPELLINGS = ("example.json", "example.jsonld", "example-normalized.json", "example-normalized.jsonld")


def typed(readings: list[Reading]) -> Reading:
    (found,) = [reading for reading in readings if reading.kind != "measurement"]
    return found


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("model", "kind", "fields", "at"), MODELS, ids=[model[0] for model in MODELS])
def test_all_spellings_of_an_example_say_the_same(
    model: str, kind: str, fields: dict[str, Any], at: str | None, spelling: str,
    shared_data: Callable[[str], Path], read: Read,
) -> None:  # fmt: skip
    payload = shared_data(f"smart-data-models/{model}/examples/{spelling}").read_bytes()
    found = typed(read("ngsi", kind, "x/y", payload, "x/+"))
    assert {name: found.fields.get(name) for name in fields} == fields
    if at:
        assert found.at_ns == 1_481_109_300_000_000_000


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_flow_of_anything_is_traffic_with_its_class(
    spelling: str, shared_data: Callable[[str], Path], read: Read
) -> None:
    path = shared_data(f"smart-data-models/Transportation/ItemFlowObserved/examples/{spelling}")
    found = typed(read("ngsi", "traffic", "x/y", path.read_bytes(), "x/+"))
    assert (found.fields["count_veh"], found.tags["lane"]) == (12, "1")
    in_knots = spelling == "example-normalized.jsonld"  # the only one with a unitCode: 2.7 KNT
    assert found.fields["speed_km_h"] == (5.0004 if in_knots else 2.7)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_container_without_a_level_is_kept_as_measurements(
    spelling: str, shared_data: Callable[[str], Path], read: Read, measured: Measured
) -> None:
    path = shared_data(f"smart-data-models/WasteManagement/WasteContainer/examples/{spelling}")
    found = read("ngsi", "waste", "x/y", path.read_bytes(), "x/+")
    assert {r.kind for r in found} == {"measurement"}
    assert measured(found)["binFullnessThreshold"] == 0.8
    assert measured(found)["RFID"] == "67855734"


def test_a_container_with_a_level_is_waste(shared_data: Callable[[str], Path], read: Read) -> None:
    path = shared_data(
        "smart-data-models/WasteManagement/WasteContainer/examples/example-geojsonfeature.json"
    )
    found = typed(read("ngsi", "waste", "x/y", path.read_bytes(), "x/+"))
    assert (found.device, found.fields) == ("Fleming:12a", {"fill": 0.4, "temperature_c": 23.0})


def test_the_unit_code_counts_and_cubic_metres_where_there_is_none(
    shared_data: Callable[[str], Path], read: Read
) -> None:
    folder = "smart-data-models/WaterConsumption/WaterConsumptionObserved/examples"
    with_code = shared_data(f"{folder}/example-normalized.jsonld").read_bytes()
    found = typed(read("ngsi", "water", "x/y", with_code, "x/+"))
    assert found.fields == {"volume_m3": 191.051, "original": "volume_m3=191051 LTR"}
    assert found.at_ns == 1_621_811_656_000_000_000
    without = shared_data(f"{folder}/example.json").read_bytes()
    found = typed(read("ngsi", "water", "x/y", without, "x/+"))
    assert (found.fields["volume_m3"], found.at_ns) == (191051.0, NOW_NS)


@pytest.mark.parametrize(
    ("identity", "kind", "device"),
    [
        ("urn:ngsi-ld:WasteContainer:b-17", "WasteContainer", "b-17"),
        ("urn:ngsi-ld:wastecontainer:1021:AAWD", "WasteContainer", "1021:AAWD"),
        ("urn:ngsi-ld:Consumer:Consumer01", "WaterConsumptionObserved", "Consumer:Consumer01"),
        ("b-17", "WasteContainer", "b-17"),
    ],
)
def test_an_id_is_the_device_without_its_urn_and_type(
    identity: str, kind: str, device: str, read: Read
) -> None:
    (found,) = read(
        "ngsi", "measurement", "x/y", json.dumps({"id": identity, "type": kind, "a": 1}).encode(), "x/+"
    )
    assert found.device == device


def entity(**attributes: Any) -> bytes:
    return json.dumps({"id": "urn:ngsi-ld:T:w1", "type": "T", **attributes}).encode()


def test_attributes_of_different_instants_are_readings_of_different_instants(read: Read) -> None:
    payload = entity(
        a={"value": 1, "observedAt": "2025-08-01T10:00:00Z"},
        b={"value": 2, "observedAt": "2025-08-01T10:05:00Z"},
    )
    found = read("ngsi", "measurement", "x/w1", payload, "x/{device}")
    assert [(r.tags["name"], r.at_ns // 1_000_000_000) for r in found] == [
        ("a", 1754042400),
        ("b", 1754042700),
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (5, 5.0),
        ({"value": 5}, 5.0),
        ({"type": "Property", "value": 5}, 5.0),
        ({"type": "Number", "value": 5, "metadata": {}}, 5.0),
        ({"type": "Property", "value": {"@type": "x", "@value": 5}}, 5.0),
        ({"type": "Relationship", "object": "urn:x"}, "urn:x"),
    ],
)
def test_an_attribute_is_what_its_value_is(written: Any, value: Any, read: Read, measured: Measured) -> None:
    assert measured(read("ngsi", "measurement", "x/w1", entity(a=written), "x/{device}")) == {"a": value}


def test_null_is_no_value(read: Read) -> None:
    payload = entity(a={"type": "Property", "value": "urn:ngsi-ld:null"}, b="urn:ngsi-ld:null", c=None)
    assert read("ngsi", "measurement", "x/w1", payload, "x/{device}") == []


def test_a_notification_may_speak_of_several_entities(read: Read) -> None:
    data = [{"id": f"e{i}", "type": "T", "a": i} for i in range(3)]
    payload = json.dumps({"id": "urn:n", "type": "Notification", "data": data}).encode()
    assert [r.device for r in read("ngsi", "measurement", "x/y", payload, "x/+")] == ["e0", "e1", "e2"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (entity(dateObserved="2016-12-07T11:10:00", a=1), Reason.BAD_TIME),
        (entity(dateObserved=1754000000000, a={"value": 1, "observedAt": "soon"}), Reason.BAD_TIME),
        (b'{"id":"x","a":1}', Reason.WRONG_SHAPE),
        (b'{"id":1,"type":"T"}', Reason.WRONG_SHAPE),
        (b"[1]", Reason.WRONG_SHAPE),
        (b'{"id":"x","type":"T",', Reason.MALFORMED),
    ],
)
def test_what_is_no_entity_is_refused(payload: bytes, reason: Reason, read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        read("ngsi", "measurement", "x/y", payload, "x/+")
    assert caught.value.reason is reason


def test_a_gas_meter_is_not_electricity(read: Read) -> None:
    payload = json.dumps(
        {"id": "m", "type": "SmartMeteringObservation", "meterType": "Gas", "totalConsumption": 5}
    ).encode()
    assert typed(read("ngsi", "gas", "x/y", payload, "x/+")).fields == {"volume_m3": 5.0}
    with pytest.raises(BadPayload, match="'m3' is a unit of volume, 'kWh' of energy"):
        read("ngsi", "power", "x/y", payload, "x/+")


def test_a_topic_that_names_another_entity_is_refused(read: Read) -> None:
    with pytest.raises(BadPayload, match="the topic says 'w2', the payload 'w1'"):
        read("ngsi", "measurement", "ngsi/w2", entity(a=1))


def test_of_an_interval_the_end_counts(read: Read) -> None:
    payload = entity(dateObserved="2025-08-01T10:00:00Z/2025-08-01T10:05:00Z", a=1)
    (found,) = read("ngsi", "measurement", "x/w1", payload, "x/{device}")
    assert found.at_ns == 1_754_042_700_000_000_000
