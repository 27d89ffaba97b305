"""What does a message of each format cost, beside plain JSON of the same size?

Run it: `python tests/bench/bench_formats.py`. Microseconds of CPU per message from payload to readings, best
of several rounds, and the ratio to two baselines of the same run: one flat JSON record of this many bytes
(what it has beyond the kind's fields becomes measurements), and a list of flat records of this many bytes.
"""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.declare import declared
from collectors.formats.sparkplug.schema import Payload
from collectors.source import Source, Sources
from collectors.terms import Terms

NOW_NS = 1_790_000_000_000_000_000
T = 1_754_000_000_000
ROUNDS, CALLS = 7, 2_000
RECORD: dict[str, Any] = {"t": T, "volume_m3": 812.374, "flow_m3_h": 0.31, "battery_v": 3.6}
PLAIN = Sources([Source("x/{device}", "json", "water", "demo")])
METER = {"volume_m3": "volume", "flow_m3_h": "flow", "battery_v": "battery"}
LITRES = {"volume": "L"}


class Case(NamedTuple):
    """A message of one format, and the source that reads it."""

    name: str
    sources: Sources
    topic: str
    payload: bytes


def case(
    name: str, format_: str, kind: str, topic: str, payload: bytes, shape: str = "", **terms: Any
) -> Case:
    return Case(name, Sources([declared(shape, format_, kind, "", Terms(**terms), "demo")]), topic, payload)


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def chirpstack() -> bytes:
    gateway = {
        "gatewayId": "0016c001f153a14c",
        "uplinkId": 4217106255,
        "rssi": -36,
        "snr": 10.5,
        "context": "E3OWOQ==",
    }
    return compact(
        {
            "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
            "time": "2025-08-01T10:00:00.775023242+00:00",
            "deviceInfo": {
                "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
                "tenantName": "ChirpStack",
                "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97",
                "applicationName": "Water",
                "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad",
                "deviceProfileName": "Meter",
                "deviceName": "Meter 17",
                "devEui": "0101010101010101",
                "tags": {"key": "value"},
            },
            "devAddr": "00189440",
            "adr": True,
            "dr": 1,
            "fCnt": 4711,
            "fPort": 1,
            "confirmed": False,
            "data": "qg==",
            "object": {"volume": 812374, "flow": 0.31, "battery": 3.6},
            "rxInfo": [gateway, gateway],
            "txInfo": {
                "frequency": 867100000,
                "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11}},
            },
        }
    )


def senml(names: int, instants: int) -> bytes:
    units = (("volume", "l", 812374.0), ("flow", "m3/h", 0.31), ("battery", "V", 3.6))
    pack: list[dict[str, Any]] = [
        {"n": name, "u": unit, "v": value, **({"t": -60 * i} if i else {})}
        for i in range(instants)
        for name, unit, value in units[:names]
    ]
    pack[0] = {"bn": "urn:dev:mac:w1:", "bt": T / 1000, **pack[0]}
    return compact(pack)


def senml_cbor() -> bytes:
    def item(name: bytes, unit: bytes, value: float) -> bytes:
        return (
            bytes((0, 0x60 + len(name)))
            + name
            + bytes((1, 0x60 + len(unit)))
            + unit
            + b"\x02\xfb"
            + struct.pack(">d", value)
        )

    base = b"\x21\x6eurn:dev:mac:w1\x22\xfb" + struct.pack(">d", T / 1000)
    return (
        b"\x83\xa5"
        + base
        + item(b"volume", b"l", 812374.0)
        + b"\xa3"
        + item(b"flow", b"m3/h", 0.31)
        + b"\xa3"
        + item(b"battery", b"V", 3.6)
    )


def sparkplug(kind: str, metrics: int, name: str) -> Case:
    """A source that has seen the births, and data of so many metrics."""
    terms: dict[str, Any] = {"fields": METER, "units": LITRES} if kind == "water" else {}
    made = case(name, "sparkplug", kind, "spBv1.0/G/DDATA/n/d", b"", "spBv1.0/G/#", **terms)
    names = ["volume", "flow", "battery", *(f"metric {i}" for i in range(metrics))][:metrics]
    birth, data = Payload(timestamp=T, seq=0), Payload(timestamp=T, seq=1)
    for alias, word in enumerate(names, 1):
        birth.metrics.add(name=word.encode(), alias=alias, timestamp=T, datatype=10, double_value=1.0)
        data.metrics.add(alias=alias, timestamp=T, double_value=3.6)
    made.sources.read("spBv1.0/G/NBIRTH/n", Payload(timestamp=T, seq=0).SerializeToString(), NOW_NS)
    made.sources.read("spBv1.0/G/DBIRTH/n/d", birth.SerializeToString(), NOW_NS)
    return made._replace(payload=data.SerializeToString())


def cases() -> list[Case]:
    """What is measured (long: one table)."""
    ngsi = {
        "id": "urn:ngsi-ld:WaterConsumptionObserved:w1",
        "type": "WaterConsumptionObserved",
        "waterConsumption": {
            "type": "Property",
            "value": 812374,
            "unitCode": "LTR",
            "observedAt": "2025-08-01T10:00:00Z",
        },
    }
    ttn = {
        "end_device_ids": {
            "device_id": "w1",
            "application_ids": {"application_id": "app1"},
            "dev_eui": "0004A30B001C0530",
        },
        "received_at": "2025-08-01T10:00:00.935284891Z",
        "uplink_message": {
            "f_port": 1,
            "f_cnt": 4711,
            "decoded_payload": {"volume": 812374, "flow": 0.31, "battery": 3.6},
            "rx_metadata": [{"gateway_ids": {"gateway_id": "gtw1"}, "rssi": -35, "snr": 5}],
            "received_at": "2025-08-01T10:00:00.789585559Z",
        },
    }
    wmbus = {
        "media": "cold water",
        "meter": "multical21",
        "name": "w1",
        "id": "76348799",
        "status": "OK",
        "total_m3": 6.408,
        "timestamp": "2025-08-01T10:00:00Z",
        "device": "im871a[12345678]",
        "rssi_dbm": -79,
    }
    nested = {"t": T, "meter": {"volume": "812374 L", "flow": 0.31}, "battery": 3.6}
    paths = {"volume_m3": "meter.volume", "flow_m3_h": "meter.flow", "battery_v": "battery"}
    up = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up"
    return [
        case("chirpstack, water", "chirpstack", "water", up, chirpstack(), fields=METER, units=LITRES),
        case("chirpstack, measurements", "chirpstack", "measurement", up, chirpstack()),
        sparkplug("water", 3, "sparkplug, water, 3 metrics"),
        sparkplug("measurement", 3, "sparkplug, 3 measurements"),
        sparkplug("measurement", 30, "sparkplug, 30 measurements"),
        case("senml, water", "senml", "water", "senml/w1", senml(3, 1), fields=METER),
        case("senml, water, 10 instants", "senml", "water", "senml/w1", senml(3, 10), fields=METER),
        case("senml, 30 measurements", "senml", "measurement", "senml/w1", senml(3, 10)),
        case("senml cbor, water", "senml", "water", "senml/w1", senml_cbor(), fields=METER),
        case(
            "ttn, water", "ttn", "water", "v3/app1@t/devices/w1/up", compact(ttn), fields=METER, units=LITRES
        ),
        case("wmbus, water", "wmbus", "water", "wmbusmeters/76348799", compact(wmbus)),
        case("ngsi, water", "ngsi", "water", "ngsi/w1", compact(ngsi)),
        case("json, nested water", "json", "water", "x/w1", compact(nested), "x/{device}", fields=paths),
        case(
            "line protocol, water",
            "line_protocol",
            "water",
            "telegraf/w1",
            b"water,device=w1 volume_m3=812.374,flow_m3_h=0.31,battery_v=3.6 1754000000000000000",
        ),
    ]


def flat(size: int) -> bytes:
    """One flat record of about `size` bytes; numbers that nobody declared fill it up."""
    more = max(0, (size - len(compact(RECORD))) // len(',"value_10":123.456'))
    return compact({**RECORD, **{f"value_{i:02}": 123.456 for i in range(more)}})


def listed(size: int) -> bytes:
    """As many whole flat records as fit into `size` bytes, at least one; a single one stands alone."""
    count = max(1, round(size / (len(compact(RECORD)) + 1)))
    return compact([{**RECORD, "t": T + i} for i in range(count)]) if count > 1 else compact(RECORD)


def cost_us(call: Callable[[], object]) -> float:
    """CPU of one call, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for _ in range(CALLS):
            call()
        best = min(best, time.process_time() - begin)
    return best / CALLS * 1e6


def main() -> None:
    columns = ("bytes", "readings", "us", "flat json us", "ratio", "json list us", "ratio")
    print(f"{'message':<28}" + "".join(f"{column:>14}" for column in columns))
    for made in cases():
        show(made)


def show(made: Case) -> None:
    """One row of the table."""
    name, sources, topic, payload = made
    readings = sources.read(topic, payload, NOW_NS)
    ours = cost_us(lambda: sources.read(topic, payload, NOW_NS))
    plain, several = flat(len(payload)), listed(len(payload))
    one = cost_us(lambda: PLAIN.read("x/w1", plain, NOW_NS))
    many = cost_us(lambda: PLAIN.read("x/w1", several, NOW_NS))
    figures = (ours, one, ours / one, many, ours / many)
    row = [str(len(payload)), str(len(readings)), *(f"{figure:.1f}" for figure in figures)]
    print(f"{name:<28}" + "".join(f"{text:>14}" for text in row), flush=True)


if __name__ == "__main__":
    main()
