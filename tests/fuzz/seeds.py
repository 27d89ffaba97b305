"""Which messages does fuzzing start from, and on which sources are they read?"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from collectors.device_source import DeviceSource
from collectors.formats.sparkplug.schema import Payload
from collectors.plugins import decoders, load_folder
from collectors.source import Source
from collectors.terms import Terms

T = 1_754_000_000_000
ISO = "2025-08-01T10:00:00.775023242+00:00"
METER = {"volume_m3": "volume", "battery_v": "battery"}
UNITS = {"volume": "L"}


class Target(NamedTuple):
    """A source, a topic of it, and whole messages for it."""

    source: DeviceSource | Source
    topic: str
    seeds: tuple[bytes, ...]


def targets() -> dict[str, Target]:
    """One or more targets for every format."""
    return {
        "json, plain": Target(Source("x/{device}", "json", "water", "demo"), "x/w1", PLAIN),
        "json": _target("json", "water", "x/{device}", "x/w1", JSON, Terms(METER, UNITS)),
        "json, samples": _target(
            "json",
            "waste",
            "x/{device}",
            "x/b1",
            (SAMPLES,),
            Terms(
                {"fill": "level"}, time_in="meta.ts", time_unit="auto", device_in="meta.id", samples_in="data"
            ),
        ),
        "cbor": _target("cbor", "water", "x/{device}", "x/w1", CBOR, Terms(METER, UNITS)),
        "senml": _target("senml", "measurement", "x/+", "x/gw", _senml(), Terms()),
        "sparkplug": _target(
            "sparkplug", "water", "spBv1.0/G/#", "spBv1.0/G/DDATA/n/d", (), Terms(METER, UNITS)
        ),
        "chirpstack": _target("chirpstack", "water", "", "", CHIRPSTACK, Terms(METER, UNITS)),
        "ttn": _target("ttn", "water", "", "", TTN, Terms(METER, UNITS)),
        "wmbus": _target("wmbus", "heat", "", "", (), Terms()),
        "ngsi": _target("ngsi", "traffic", "x/+", "x/y", NGSI, Terms()),
        "ngsi, power": _target("ngsi", "power", "x/+", "x/y", NGSI, Terms()),
        "line_protocol": _target("line_protocol", "water", "", "", LINES, Terms(METER, UNITS)),
        "homeassistant": _target("homeassistant", "measurement", "", "", (), Terms()),
    }


def _target(format_: str, kind: str, topic: str, at: str, seeds: tuple[bytes, ...], terms: Terms) -> Target:
    decoder = decoders()[format_]
    source = DeviceSource(topic or decoder.topics[0], format_, kind, "demo", terms)
    module: Any = load_folder("collectors.formats")[format_]
    found = (module.EXAMPLE, *seeds, *_published(format_))
    if format_ == "sparkplug":
        found = tuple(_sparkplug())
    return Target(source, at or decoder.example_topic, found)


def _published(format_: str) -> Iterator[bytes]:
    """What makers publish, where the shared test material lies on this machine."""
    shared = Path(os.environ.get("ARTERIAL_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
    patterns = {
        "senml": ("senml-spec/ex*.json", "senml-spec/*.cbor"),
        "chirpstack": ("chirpstack-events/*.json",),
        "ttn": ("ttn-v3/*.json",),
        "ngsi": ("smart-data-models/*/*/examples/*.json*",),
    }
    for pattern in patterns.get(format_, ()):
        for path in sorted(shared.glob(pattern)):
            if path.suffix != ".csv":
                yield path.read_bytes()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


PLAIN = (
    _json({"t": T, "volume_m3": 812.374, "flow_m3_h": 0.31, "battery_v": 3.6}),
    _json([{"t": T, "volume_m3": 1}, {"t": T, "volume_m3": 2, "x": [1]}]),
)
JSON = (
    _json({"t": T, "volume": "812374 L", "battery": "3600 mV", "deep": {"a": [1, 2.5, None, True, "x"]}}),
    _json([{"t": T, "volume": 1}, {"t": T, "volume": 1e300, "battery": -1}]),
)
SAMPLES = _json({"meta": {"ts": T // 1000, "id": "b1"}, "data": [{"level": "42 %"}, {"level": 0.5, "t": T}]})
CBOR = (
    bytes.fromhex(
        "a361741b0000019862b5dc0066766f6c756d65c4822019 3039 67626174746572796433 2e36 20".replace(" ", "")
    ),
    b"\x82" + bytes.fromhex("a261741b0000019862b5dc006176fb3ff8000000000000") * 2,
)
CHIRPSTACK = (
    _json(
        {
            "deduplicationId": "3a",
            "time": ISO,
            "deviceInfo": {"devEui": "0101010101010101", "tags": {"a": "b"}},
            "fCnt": 7,
            "fPort": 2,
            "object": {"volume": 812374, "battery": "3600 mV", "x": {"y": [1, 2]}},
            "rxInfo": [{"rssi": -36, "snr": 10.5}, {"rssi": -90}],
        }
    ),
)
TTN = (
    _json(
        {
            "end_device_ids": {"device_id": "dev1", "application_ids": {"application_id": "app1"}},
            "uplink_message": {"decoded_payload": {"volume": 1.5, "battery": 3}, "received_at": ISO},
        }
    ),
)
NGSI = (
    _json(
        {
            "id": "urn:ngsi-ld:TrafficFlowObserved:x1",
            "type": "TrafficFlowObserved",
            "laneId": 1,
            "dateObserved": "2016-12-07T11:10:00/2016-12-07T11:15:00",
            "dateObservedFrom": "2016-12-07T11:10:00Z",
            "dateObservedTo": "2016-12-07T11:15:00Z",
            "intensity": 197,
            "occupancy": 0.76,
            "averageVehicleSpeed": 52.6,
        }
    ),
    _json({"subscriptionId": "a", "data": [{"id": "w", "type": "W", "x": {"value": 3, "unitCode": "KWH"}}]}),
)
LINES = (
    b'cpu,host=h,cpu=cpu\\ 0 usage=1.5,n=3i,u=4u,s="a \\"b\\" c",o=t\n# note\n'
    b"mem,host=h free=2 1754000000000000000\n",
)


def _senml() -> tuple[bytes, ...]:
    return (
        _json(
            [
                {
                    "bn": "urn:dev:ow:1:",
                    "bt": T / 1000,
                    "bu": "W",
                    "bver": 10,
                    "bv": 1,
                    "bs": 2,
                    "n": "a",
                    "v": 1,
                    "s": 3,
                }
            ]
        ),
        _json(
            [
                {"n": "urn:dev:mac:1_temp", "t": -5, "vs": "x"},
                {"n": "b/c", "vb": True, "ut": 5},
                {"n": "d", "vd": "aGk"},
            ]
        ),
        b"\x81\xa4\x21ddev:\x22\xfb" + struct.pack(">d", T / 1000) + b"\x00at\x02\xc4\x82\x20\x19\x01\x02",
    )


def _sparkplug() -> Iterator[bytes]:
    """A birth of each kind of value, and data of it; metrics 1 and 2 are what the field map asks for."""
    birth, data = Payload(timestamp=T, seq=1), Payload(timestamp=T, seq=2)
    values: tuple[tuple[str, int, str, Any], ...] = (
        ("volume", 10, "double_value", 1.5),
        ("battery", 9, "float_value", 3.6),
        ("i8", 1, "int_value", 255),
        ("i64", 4, "long_value", 2**64 - 1),
        ("ok", 11, "boolean_value", True),
        ("s", 12, "string_value", b"x"),
        ("b", 17, "bytes_value", b"\x00\xff"),
        ("at", 13, "long_value", T),
        ("u32", 7, "long_value", 7),
    )
    for alias, (name, datatype, place, value) in enumerate(values, 1):
        metric = birth.metrics.add(name=name.encode(), alias=alias, timestamp=T, datatype=datatype)
        setattr(metric, place, value)
        setattr(data.metrics.add(alias=alias, timestamp=T), place, value)
    birth.metrics[0].properties.keys.append(b"engUnit")
    birth.metrics[0].properties.values.add(type=12, string_value=b"L")
    late = data.metrics.add(alias=1, timestamp=T - 5, is_historical=True, double_value=1.0)
    late.properties.keys.append(b"Quality")
    late.properties.values.add(type=3, int_value=500)
    data.metrics.add(alias=2, is_null=True)
    yield birth.SerializeToString()
    yield data.SerializeToString()


SPARKPLUG_TYPES = ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH", "NCMD", "XDATA")
"""A stateful format is read on all its topics, births more often than they come."""
