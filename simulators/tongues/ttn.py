"""How does a LoRaWAN meter sound behind The Things Stack v3?"""

from __future__ import annotations

import json
import random
from typing import Any

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import PlainSpeaker, number, rfc3339

SOURCE = """\
[[sources]]
format = "ttn"
kind = "water"
fields = { volume_m3 = "volume", flow_m3_h = "flow", battery_v = "battery" }
units = { volume = "L" }
"""


def _say(name: str, report: Report) -> list[Wire]:
    """What is zero is left out; the gateway's clock stands in the eighties, the server's is right."""
    decoded: dict[str, Any] = {
        "volume": round(number(report, "volume_m3") * 1000),
        "battery": report["battery_v"],
    }
    if number(report, "flow_m3_h"):
        decoded["flow"] = report["flow_m3_h"]
    message = {
        "end_device_ids": {
            "device_id": name,
            "application_ids": {"application_id": "water"},
            "dev_eui": "0004A30B001C0530",
        },
        "received_at": rfc3339(report),
        "uplink_message": {
            "f_port": 1,
            "frm_payload": "gkHe",
            "decoded_payload": decoded,
            "rx_metadata": [
                {"gateway_ids": {"gateway_id": "g1"}, "time": "1980-01-06T00:00:00Z", "rssi": -35, "snr": 5}
            ],
            "received_at": rfc3339(report),
        },
    }
    return [Wire(f"v3/water@city/devices/{name}/up", json.dumps(message).encode())]


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number."""
    return PlainSpeaker(f"ttn-{number}", _say)
