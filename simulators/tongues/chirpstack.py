"""How does a LoRaWAN meter sound behind a ChirpStack v4 server?"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

from simulators.fleet import Report
from simulators.foreign import Wire

SOURCE = """\
[[sources]]
format = "chirpstack"
kind = "water"
fields = { volume_m3 = "volume", flow_m3_h = "flow", battery_v = "battery" }
units = { volume = "L", battery = "mV" }
"""
APPLICATION = "17c82e96-be03-4f38-aef3-f83d48582d97"


class LoraMeter:
    """Its server repeats an uplink now and then, and leaves out zeros as older ones do."""

    def __init__(self, number: int, rng: random.Random) -> None:
        self._eui, self._rng, self._f_cnt = f"01010101{number:08x}", rng, -1

    @property
    def id(self) -> str:
        """The device's EUI."""
        return self._eui

    def say(self, report: Report) -> list[Wire]:
        """An uplink; before the first one and after a reset, a join; once a day or so, a status."""
        joins = self._f_cnt < 0 or self._rng.random() < 0.005
        self._f_cnt = 0 if joins else self._f_cnt + 1
        said = [self._event("join", report, {"devAddr": "00189440"})] if joins else []
        volume, flow, battery = (report[name] for name in ("volume_m3", "flow_m3_h", "battery_v"))
        up: dict[str, Any] = {
            "deduplicationId": f"{self._rng.getrandbits(64):016x}",
            "fPort": 1,
            "data": "qg==",
            "object": {
                "volume": round(float(str(volume)) * 1000),
                "flow": flow,
                "battery": round(float(str(battery)) * 1000),
                "alarm": {"leak": False},
            },
            "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": self._rng.randrange(-120, -30), "snr": 9.5}],
        }
        if self._f_cnt:
            up["fCnt"] = self._f_cnt
        uplink = self._event("up", report, up)
        said += [uplink, uplink] if self._rng.random() < 0.02 else [uplink]
        if self._f_cnt % 1440 == 1439:
            said.append(self._event("status", report, {"margin": 10, "batteryLevel": 88.3}))
        return said

    def hear(self, topic: str, payload: bytes) -> None:
        """A meter in a cellar hears nothing."""

    def _event(self, event: str, report: Report, more: dict[str, Any]) -> Wire:
        at = datetime.fromtimestamp(int(str(report["t"])) / 1000, UTC)
        device = {
            "applicationId": APPLICATION,
            "deviceName": "Meter",
            "devEui": self._eui,
            "tags": {"street": "Main"},
        }
        message = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}000+00:00",
            "deviceInfo": device,
            **more,
        }
        topic = f"application/{APPLICATION}/device/{self._eui}/event/{event}"
        return Wire(topic, json.dumps(message, separators=(",", ":")).encode())


def speaker(number: int, rng: random.Random) -> LoraMeter:
    """The meter with this number."""
    return LoraMeter(number, rng)
