"""How does a constrained meter sound that sends SenML, in JSON or in CBOR?"""

from __future__ import annotations

import json
import random
from typing import Any

import cbor2

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import PlainSpeaker, number

SOURCE = """\
[[sources]]
format = "senml"
kind = "water"
fields = { volume_m3 = "volume", flow_m3_h = "flow", battery_v = "battery" }
"""
_NUMBERS = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2}


def _pack(name: str, report: Report) -> list[dict[str, Any]]:
    base = {"bn": f"urn:dev:mac:{name}:", "bt": number(report, "t") / 1000}
    return [
        {**base, "n": "volume", "u": "l", "v": number(report, "volume_m3") * 1000},
        {"n": "flow", "u": "m3/s", "v": number(report, "flow_m3_h") / 3600},
        {"n": "battery", "u": "mV", "v": round(number(report, "battery_v") * 1000)},
    ]


def _say_json(name: str, report: Report) -> list[Wire]:
    return [Wire(f"senml/{name}", json.dumps(_pack(name, report)).encode())]


def _say_cbor(name: str, report: Report) -> list[Wire]:
    pack = [{_NUMBERS[label]: value for label, value in record.items()} for record in _pack(name, report)]
    return [Wire(f"senml/{name}", cbor2.dumps(pack))]


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number; every other one speaks CBOR."""
    return PlainSpeaker(f"0024befffe{number:06x}", _say_cbor if number % 2 else _say_json)
