"""How does a meter sound whose maker nests everything, lists its samples, and announces it to a home?"""

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
topic = "maker/{device}/json"
kind = "water"
samples_in = "data.samples"
fields = { volume_m3 = "counter.total", flow_m3_h = "flow", battery_v = "power.battery" }
device_in = "meta.serial"
time_in = "ts"
time_unit = "s"

[[sources]]
topic = "maker/{device}/cbor"
format = "cbor"
kind = "water"
fields = { volume_m3 = "counter.total", flow_m3_h = "flow", battery_v = "power.battery" }
time_in = "ts"
time_unit = "s"

[[sources]]
format = "homeassistant"
kind = "measurement"
"""


def _sample(report: Report) -> dict[str, Any]:
    litres = round(number(report, "volume_m3") * 1000)
    battery = round(number(report, "battery_v") * 1000)
    at_s = number(report, "t") / 1000
    return {
        "ts": at_s,
        "counter": {"total": f"{litres} L"},
        "flow": report["flow_m3_h"],
        "power": {"battery": f"{battery} mV"},
    }


def _say_json(name: str, report: Report) -> list[Wire]:
    message = {"meta": {"serial": name, "fw": "2.1"}, "data": {"samples": [_sample(report)]}}
    config = {"name": "Meter", "state_topic": f"maker/{name}/json", "unique_id": name}
    return [
        Wire(f"homeassistant/sensor/{name}/config", json.dumps(config).encode(), retain=True),
        Wire(f"maker/{name}/json", json.dumps(message).encode()),
    ]


def _say_cbor(name: str, report: Report) -> list[Wire]:
    return [Wire(f"maker/{name}/cbor", cbor2.dumps(_sample(report)))]


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number; every other one speaks CBOR."""
    return PlainSpeaker(f"maker-{number}", _say_cbor if number % 2 else _say_json)
