"""Do ChirpStack's and The Things Stack's messages become readings, and their omissions zeros?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.formats import chirpstack, ttn
from collectors.observation import Message
from collectors.reading import BadPayload, Reading, Reason

NOW_NS = 1_790_000_000_000_000_000
APPLICATION = "17c82e96-be03-4f38-aef3-f83d48582d97"

Read = Callable[..., list[Reading]]
Measured = Callable[[list[Reading]], dict[str, Any]]


def uplink(**changes: Any) -> bytes:
    event = {
        "deduplicationId": "3ac7e3c4",
        "time": "2025-08-01T10:00:00.775023242+00:00",
        "deviceInfo": {"applicationId": "a1", "deviceName": "Meter 1", "devEui": "0101010101010101"},
        "object": {"volume": 812374, "battery": 3.6, "alarm": {"leak": False}},
    }
    return json.dumps({**event, **changes}).encode()


def topic(event: str = "up", application: str = "a1", eui: str = "0101010101010101") -> str:
    return f"application/{application}/device/{eui}/event/{event}"


def test_an_uplink_is_a_reading_at_the_servers_time_to_the_nanosecond(read: Read, measured: Measured) -> None:
    found = read(
        "chirpstack", "water", topic(), uplink(), fields={"volume_m3": "volume"}, units={"volume": "L"}
    )
    assert found[0].fields == {"volume_m3": 812.374, "original": "volume_m3=812374 L"}
    assert found[0].at_ns == 1_754_042_400_775_023_242
    assert measured(found) == {"battery": 3.6, "alarm.leak": False}


def test_the_same_uplink_twice_is_the_same_reading_for_it_has_the_same_time(read: Read) -> None:
    assert read("chirpstack", "measurement", topic(), uplink()) == read(
        "chirpstack", "measurement", topic(), uplink(fCnt=0, confirmed=False, adr=False)
    )


def test_what_a_server_omits_is_zero() -> None:
    (said,) = chirpstack.observations(Message(tuple(topic().split("/")), uplink(), NOW_NS))
    assert (said.beside["fCnt"], said.beside["fPort"], said.beside["dr"]) == (0, 0, 0)


def test_the_best_receiver_can_be_a_field(read: Read) -> None:
    received = [{"rssi": -110, "snr": -3}, {"rssi": -36, "snr": 10.5}, {"snr": 1, "rssi": -90}]
    (said,) = chirpstack.observations(Message(tuple(topic().split("/")), uplink(rxInfo=received), NOW_NS))
    assert (said.beside["rssi"], said.beside["snr"]) == (-36, 10.5)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("join", {"join": "00189440"}),
        ("status", {"margin": 10.0, "external_power": False, "battery": 0.883}),
        ("log", {"log": "ERROR UPLINK_MIC: MIC of join-request is invalid, make sure keys are correct"}),
        ("ack", {}),
        ("txack", {}),
        ("integration", {}),
    ],
)
def test_every_documented_event_is_understood(
    name: str, values: dict[str, Any], shared_data: Callable[[str], Path], read: Read, measured: Measured
) -> None:
    payload = shared_data(f"chirpstack-events/{name}.json").read_bytes()
    assert measured(read("chirpstack", "water", topic(name, APPLICATION), payload)) == values


def test_the_documented_uplink_without_a_codec_says_what_to_do(
    shared_data: Callable[[str], Path], read: Read
) -> None:
    payload = shared_data("chirpstack-events/up.json").read_bytes()
    with pytest.raises(BadPayload, match="give the device profile a codec"):
        read("chirpstack", "water", topic("up", APPLICATION), payload)


def test_a_device_on_mains_reports_no_battery(read: Read, measured: Measured) -> None:
    event = json.loads(uplink())
    del event["object"]
    for word in ("externalPowerSource", "batteryLevelUnavailable"):
        payload = json.dumps({**event, word: True, "margin": 5}).encode()
        assert "battery" not in measured(read("chirpstack", "water", topic("status"), payload))


@pytest.mark.parametrize("of", [topic(eui="0202020202020202"), topic(application="other")])
def test_a_topic_that_contradicts_the_payload_is_refused(of: str, read: Read) -> None:
    with pytest.raises(BadPayload) as caught:
        read("chirpstack", "measurement", of, uplink())
    assert caught.value.reason is Reason.UNKNOWN_DEVICE


def test_letter_case_of_an_eui_does_not_matter(read: Read) -> None:
    payload = uplink(deviceInfo={"devEui": "ABCDEF0101010101"})
    (found, *_) = read("chirpstack", "measurement", topic(eui="abcdef0101010101"), payload)
    assert found.device == "abcdef0101010101"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("00_join_accept.json", {"join": "0004A30B001C0530"}),
        ("01_uplink_message.json", {"temperature": 1.0, "luminosity": 0.64}),
        ("02_downlink_ack.json", {}),
        ("03_downlink_failed.json", {}),
        ("04_join_accept.json", {"join": "4200000000000000"}),
        ("06_downlink_ack.json", {}),
    ],
)
def test_every_documented_message_of_the_things_stack_is_understood(
    name: str, values: dict[str, Any], shared_data: Callable[[str], Path], read: Read, measured: Measured
) -> None:
    payload = shared_data(f"ttn-v3/{name}").read_bytes()
    assert measured(read("ttn", "measurement", "v3/app1@tenant1/devices/dev1/up", payload)) == values


def test_the_network_servers_time_counts_not_the_gateways(
    shared_data: Callable[[str], Path], read: Read
) -> None:
    payload = shared_data("ttn-v3/01_uplink_message.json").read_bytes()
    (found, _) = read("ttn", "measurement", "v3/app1/devices/dev1/up", payload)
    assert found.at_ns == 1_581_520_545_789_000_000  # 15:15:45.789, whole milliseconds


def test_a_time_in_the_payload_counts_where_the_source_says_so(read: Read) -> None:
    payload = ttn.EXAMPLE.replace(b'{"temperature":1.0}', b'{"volume":5,"timestamp_unix":1754000000}')
    (found,) = read(
        "ttn", "water", "v3/app1/devices/dev1/up", payload,
        fields={"volume_m3": "volume"}, time_in="timestamp_unix", time_unit="s",
    )  # fmt: skip
    assert found.at_ns == 1_754_000_000_000_000_000


def test_an_absent_counter_is_zero() -> None:
    payload = ttn.EXAMPLE.replace(b'"f_cnt":1,', b"")
    (said,) = ttn.observations(Message(("v3", "app1", "devices", "dev1", "up"), payload, NOW_NS))
    assert (said.beside["f_cnt"], said.beside["f_port"]) == (0, 0)


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        (ttn.EXAMPLE[:-1] + b',"simulated":true}', "simulated"),
        (ttn.EXAMPLE.replace(b'"decoded_payload":{"temperature":1.0},', b""), "payload formatter"),
        (ttn.EXAMPLE.replace(b'"app1"', b'"app2"'), "of application 'app1@t'"),
        (b'{"uplink_message":{}}', "end_device_ids"),
    ],
)
def test_what_nobody_measured_is_refused(payload: bytes, detail: str, read: Read) -> None:
    with pytest.raises(BadPayload, match=detail):
        read("ttn", "measurement", "v3/app1@t/devices/dev1/up", payload)
