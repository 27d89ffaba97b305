"""Which messages are small enough to be taken and built to be slow, deep or huge?"""

from __future__ import annotations

import json
import struct

from collectors.formats.sparkplug.schema import Payload

T = 1_754_000_000_000
ISO = '"2025-08-01T10:00:00Z"'


def traps(format_: str) -> dict[str, bytes]:
    """Messages of a format, each just below its limits, by what they are."""
    makers = {
        "json": _json, "cbor": _cbor, "senml": _senml, "sparkplug": _sparkplug, "chirpstack": _chirpstack,
        "ttn": _ttn, "wmbus": _wmbus, "ngsi": _ngsi, "line_protocol": _lines, "homeassistant": _plain,
    }  # fmt: skip
    return makers[format_]()


def _many(names: int, value: str = "1") -> str:
    return ",".join(f'"n{i}":{value}' for i in range(names))


def _nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def _values() -> dict[str, str]:
    """Objects that stand where a device's own words are."""
    return {
        "2990 values": "{" + _many(2990) + "}",
        "10000 values": "{" + _many(10_000) + "}",
        "nested 7": _nested(7),
        "nested 900": _nested(900),
        "an array of 2990": '{"a":[' + ",".join(["1"] * 2990) + "]}",
        "huge whole number": '{"volume":' + "9" * 300 + "}",
        "huge number": '{"volume":1e308,"battery":-1e308}',
        "a text of digits": '{"volume":"' + "9" * 60_000 + '"}',
        "a text of blanks": '{"volume":"' + " " * 60_000 + '1"}',
        "one long name": '{"' + "n" * 60_000 + '":1}',
        "2990 long texts": "{" + _many(2990, '"xxxxxxx"') + "}",
        "units in texts": "{" + _many(2990, '"2 mm"') + "}",
        "nulls": "{" + _many(5000, "null") + "}",
    }


def _json() -> dict[str, bytes]:
    found = {name: f'{{"t":{T},"x":{text}}}'.encode() for name, text in _values().items()}
    found |= {f"{name}, on top": f'{{"t":{T},{text[1:]}'.encode() for name, text in _values().items()}
    found["1990 records"] = json.dumps([{"t": T + i, "volume": 1} for i in range(1990)]).encode()
    plain = [{"t": T + i, "volume_m3": 1} for i in range(4000)]
    found["4000 plain records"] = json.dumps(plain).encode()
    data = [{"level": 0.5, "t": T + i} for i in range(1990)]
    found["1990 samples"] = json.dumps({"meta": {"ts": T, "id": "b1"}, "data": data}).encode()
    found["1990 of one instant"] = json.dumps([{"t": T, "volume": i} for i in range(1990)]).encode()
    return found


def _plain() -> dict[str, bytes]:
    return {name: text.encode() for name, text in _values().items()}


def _chirpstack() -> dict[str, bytes]:
    head = f'{{"time":{ISO},"deviceInfo":{{"devEui":"0101010101010101"}},"rxInfo":[{{"rssi":1}}],"object":'
    found = {name: f"{head}{text}}}".encode() for name, text in _values().items()}
    found["3000 receivers"] = (
        head.replace('[{"rssi":1}]', "[" + ",".join(['{"rssi":-1}'] * 3000) + "]") + '{"volume":1}}'
    ).encode()
    return found


def _ttn() -> dict[str, bytes]:
    head = (
        f'{{"end_device_ids":{{"device_id":"dev1"}},"uplink_message":{{"received_at":{ISO},"decoded_payload":'
    )
    return {name: f"{head}{text}}}}}".encode() for name, text in _values().items()}


def _wmbus() -> dict[str, bytes]:
    return {
        name: f'{{"id":"76348799","timestamp":{ISO},{text[1:]}'.encode() for name, text in _values().items()
    }


def _ngsi() -> dict[str, bytes]:
    head = f'{{"id":"urn:ngsi-ld:T:x","type":"T","dateObserved":{ISO},"x":'
    found = {name: f"{head}{text}}}".encode() for name, text in _values().items()}
    entity = '{"id":"e%d","type":"T","a":{"value":1,"observedAt":"2025-08-01T10:00:00Z","unitCode":"KWH"}}'
    found["1000 entities"] = ("[" + ",".join(entity % i for i in range(1000)) + "]").encode()
    found["id of prefixes"] = ('{"id":"' + "T:" * 60_000 + 'x","type":"T","a":1}').encode()
    times = ",".join(
        f'"a{i}":{{"value":1,"observedAt":"2025-08-01T10:{i // 60 % 60:02}:{i % 60:02}Z"}}'
        for i in range(1990)
    )
    found["1990 instants"] = f'{{"id":"x","type":"T",{times}}}'.encode()
    return found


def _lines() -> dict[str, bytes]:
    return {
        "990 lines": b"m,device=w-0001 a=1 1754000000000000000\n" * 990,
        "2990 fields": b"m,device=w-0001 " + b",".join(b"f%d=1" % i for i in range(2990)),
        "backslashes": b"m" + b"\\" * 100_000 + b" a=1",
        "2000 names of backslashes": b"m,device=w-0001 "
        + b",".join(b"\\" * 44 + b"%d=1" % i for i in range(1990)),
        "an open text": b'm,device=w-0001 a="' + b"\\x" * 100_000,
        "a long text": b'm,device=w-0001 a="' + b'\\"' * 8_000 + b'"',
        "blanks": b" " * 200_000 + b"m a=1",
        "comments": b"#\n" * 100_000,
        "a long number": b"m,device=w-0001 a=" + b"9" * 100_000,
        "3000 tags": b"m," + b",".join(b"t%d=x" % i for i in range(3000)) + b",device=w-0001 a=1",
    }


def _cbor() -> dict[str, bytes]:
    names = b"".join(b"\x65" + b"%05d" % i + b"\x01" for i in range(2990))
    head = b"\xa2\x61t\x1b" + T.to_bytes(8, "big") + b"\x61x"
    return {
        "nested 15": head + b"\x81" * 14 + b"\x01",
        "nested 60000": b"\x81" * 60_000,
        "8000 empty maps": b"\x9f" + b"\xa0" * 60_000 + b"\xff",
        "a list of 2^32": b"\x9a\xff\xff\xff\xff",
        "a text of 2^60": b"\x7b\x0f" + b"\xff" * 7,
        "a map of chunks": head + b"\xbf" + b"\x7f\x61a\x61b\xff\x01" * 9000 + b"\xff",
        "a text of chunks": head + b"\x7f" + b"\x61a" * 30_000 + b"\xff",
        "2990 values": head + b"\xbf" + names + b"\xff",
        "keys that are lists": head + b"\xbf" + b"\x82\x01\x02\x01" * 9000 + b"\xff",
        "decimal of 400 zeros": head[:-1] + b"v\xc4\x82\x39\x01\x8f\x01",
        "decimal bomb": head[:-1] + b"v\xc4\x82\x1a\x3b\x9a\xc9\xff\x01",
        "a big number": head[:-1] + b"v\xc2\x59\xea\x60" + b"\xff" * 60_000,
        "a pattern": head[:-1] + b"v\xd8\x23\x78\x20" + b"(a+)+" * 6 + b"$x",
        "shared references": head[:-1] + b"v" + b"\xd8\x1c\x82\xd8\x1d\x00" * 3000 + b"\x01",
    }  # fmt: skip


def _senml() -> dict[str, bytes]:
    pack = [{"bn": "urn:dev:ow:1:", "bt": T / 1000, "n": "a", "v": 1}]
    floats = b"".join(b"\xfb" + struct.pack(">d", i * 2.0**61) + b"\x01" for i in range(6500))
    return {
        "1990 records": json.dumps(pack + [{"t": i, "v": 1} for i in range(1990)]).encode(),
        "2500 values of one instant": json.dumps(
            pack + [{"n": f"n{i}", "v": 1} for i in range(2500)]
        ).encode(),
        "2000 values of one name": json.dumps(pack + [{"n": "n", "v": 1}] * 2000).encode(),
        "a long name": json.dumps([{"n": "a" * 60_000, "v": 1}]).encode(),
        "2000 base names": json.dumps([{"bn": f"d{i}:", "n": "a", "v": 1} for i in range(2000)]).encode(),
        "floats for keys": b"\x81\xbf" + floats + b"\xff",
        "nested": b"[" * 60_000,
        "10000 empty records": b"[" + b"{}," * 10_000 + b"{}]",
        "huge times": json.dumps([{"n": "a", "v": 1, "t": 1e308}, {"n": "a", "v": 1, "t": -1e308}]).encode(),
    }


def _sparkplug() -> dict[str, bytes]:
    many = Payload(timestamp=T, seq=3)
    for _ in range(2990):
        many.metrics.add(alias=1, timestamp=T, double_value=1.5)
    spread = Payload(timestamp=T, seq=3)
    for i in range(1990):
        spread.metrics.add(alias=1, timestamp=T + i, double_value=1.5)
    named = Payload(timestamp=T, seq=3)
    for i in range(2990):
        named.metrics.add(name=b"metric %d" % i, alias=i, timestamp=T, datatype=10, double_value=1.5)
    return {
        "2990 metrics": many.SerializeToString(),
        "1990 instants": spread.SerializeToString(),
        "a birth of 2990": named.SerializeToString(),
        "100000 empty metrics": b"\x12\x00" * 100_000,
        "nested groups": b"\x0b" * 100_000,
        "a length of 2^62": b"\x12" + b"\xff" * 8 + b"\x3f",
    }
