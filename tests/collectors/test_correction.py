"""A device whose units or sensor are not those of its source is put right, and what it sent is kept."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from collectors.correction import Calibration, Correction
from collectors.declare import declared
from collectors.reading import BadPayload, Reading, Reason
from collectors.registry import Registered
from collectors.source import Sources
from collectors.terms import Terms

T = 1_790_000_000_000
NOW_NS = T * 1_000_000


def city(
    kind: str, units: dict[str, str] | None = None, format_: str = "json", **calibration: Calibration
) -> Sources:
    terms = Terms(fields={"volume_m3": "v"}) if format_ == "ngsi" else Terms()
    topic = "x/all" if format_ == "ngsi" else "x/{device}"
    sources = Sources([declared(topic, format_, kind, "demo", terms, "demo")])
    by = Correction(kind, units or {}, calibration)
    sources.register({("demo", "d"): Registered(kind, correction=by)})
    return sources


def read(sources: Sources, device: str = "d", **values: Any) -> Reading:
    (found,) = sources.read(f"x/{device}", json.dumps({"t": T, **values}).encode(), NOW_NS)
    return found


def test_a_unit_of_its_own_is_converted_and_what_was_sent_kept() -> None:
    found = read(city("water", {"volume_m3": "L", "battery_v": "mV"}), volume_m3=812374, battery_v=3600)
    assert found.fields["volume_m3"] == 812.374
    assert found.fields["battery_v"] == 3.6
    assert found.fields["original"] == "volume_m3=812374 L; battery_v=3600 mV"


def test_other_devices_of_the_source_are_left_alone() -> None:
    found = read(city("water", {"volume_m3": "L"}), "e", volume_m3=812.0)
    assert found.fields == {"volume_m3": 812.0}


def test_a_calibration_is_applied_in_the_unit_of_the_field() -> None:
    found = read(city("waste", temperature_c=(1.02, -0.3), fill=(1.0, 0.0)), fill=0.5, temperature_c=20.0)
    assert found.fields["temperature_c"] == 20.1
    assert found.fields["original"] == "temperature_c=20.0 uncalibrated; fill=0.5 uncalibrated"


def test_a_whole_number_stays_whole() -> None:
    found = read(city("traffic", count_veh=(1.1, 0.0)), count_veh=15)
    assert found.fields["count_veh"] == 16
    assert type(found.fields["count_veh"]) is int


def test_measurements_are_calibrated_by_their_names() -> None:
    found = city("measurement", pm10=(0.5, 1.0)).read("x/d", b'{"t":1790000000000,"pm10":40,"rh":7}', NOW_NS)
    assert {r.tags["name"]: r.fields["value"] for r in found} == {"pm10": 21.0, "rh": 7.0}
    assert [r.fields.get("original") for r in found if r.tags["name"] == "rh"] == [None]


def test_a_device_that_only_the_payload_names_is_corrected_too() -> None:
    sources = city("water", {"v": "L"}, "ngsi", volume_m3=(2.0, 0.0))
    entities = [
        {
            "id": name,
            "type": "X",
            "v": {"type": "Number", "value": 500},
            "dateObserved": "2026-09-21T12:00:00Z",
        }
        for name in ("d", "e")
    ]
    found = sources.read("x/all", json.dumps(entities).encode(), NOW_NS)
    assert {r.device: r.fields["volume_m3"] for r in found if r.kind == "water"} == {"d": 1.0, "e": 500.0}


@pytest.mark.parametrize("offset", [-1.0, 1e300, math.inf])
def test_what_is_impossible_when_calibrated_is_refused(offset: float) -> None:
    with pytest.raises(BadPayload) as refusal:
        read(city("waste", fill=(1.0, offset)), fill=0.5)
    assert refusal.value.reason is Reason.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("kind", "units", "calibration", "text"),
    [
        ("water", {"volume_m3": "kWh"}, {}, "'kWh' is a unit of energy"),
        ("water", {"volume_m3": "cups"}, {}, "no unit 'cups'"),
        ("water", {}, {"volume": (1.0, 0.0)}, "no field named 'volume'; there are: .*volume_m3"),
        ("signal", {}, {"mode": (1.0, 0.0)}, "taken as it is"),
        ("watr", {"volume_m3": "L"}, {}, "no kind named 'watr'"),
    ],
)
def test_a_correction_that_means_nothing_is_refused_with_the_choices(
    kind: str, units: dict[str, str], calibration: dict[str, Calibration], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        Correction(kind, units, calibration)
