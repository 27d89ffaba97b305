"""How does a wireless M-Bus meter sound behind wmbusmeters?"""

from __future__ import annotations

import json
import random

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import PlainSpeaker, rfc3339

SOURCE = """\
[[sources]]
format = "wmbus"
kind = "water"
"""


def _say(name: str, report: Report) -> list[Wire]:
    """Each telegram is heard twice: these meters repeat themselves."""
    message = {
        "_": "telegram",
        "media": "cold water",
        "meter": "multical21",
        "name": "cellar",
        "id": name,
        "status": "OK",
        "total_m3": report["volume_m3"],
        "flow_m3h": report["flow_m3_h"],
        "flow_temperature_c": 8,
        "timestamp": rfc3339(report),
        "device": "im871a[12345678]",
        "rssi_dbm": -79,
    }
    return [Wire(f"wmbusmeters/{name}", json.dumps(message).encode())] * 2


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number."""
    return PlainSpeaker(f"{76_000_000 + number}", _say)
