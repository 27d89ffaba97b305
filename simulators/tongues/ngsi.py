"""How does a meter sound behind a FIWARE context broker? In NGSI-LD, NGSI-v2 or key-values."""

from __future__ import annotations

import json
import random
from typing import Any

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import PlainSpeaker, number, rfc3339

SOURCE = """\
[[sources]]
format = "ngsi"
kind = "water"
"""


def _say_ld(name: str, report: Report) -> list[Wire]:
    volume = {
        "value": round(number(report, "volume_m3") * 1000),
        "unitCode": "LTR",
        "observedAt": rfc3339(report),
    }
    return _entity(
        f"urn:ngsi-ld:WaterConsumptionObserved:{name}", name, waterConsumption={"type": "Property", **volume}
    )


def _say_v2(name: str, report: Report) -> list[Wire]:
    at = {"timestamp": {"type": "DateTime", "value": rfc3339(report)}}
    volume = {"type": "Number", "value": report["volume_m3"], "metadata": at}
    return _entity(name, name, waterConsumption=volume)


def _say_key_values(name: str, report: Report) -> list[Wire]:
    return _entity(name, name, waterConsumption=report["volume_m3"], dateObserved=rfc3339(report))


def _entity(identity: str, name: str, **attributes: Any) -> list[Wire]:
    entity = {"id": identity, "type": "WaterConsumptionObserved", "alarmTamper": 0, **attributes}
    return [Wire(f"ngsi/{name}", json.dumps(entity).encode())]


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number."""
    return PlainSpeaker(f"fiware-{number}", (_say_ld, _say_v2, _say_key_values)[number % 3])
