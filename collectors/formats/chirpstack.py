"""What does a ChirpStack v4 event say about a LoRaWAN device?

Topics: `application/{id}/device/{devEui}/event/{event}`. Fields as in ChirpStack's integration.proto, JSON
encoding; older servers leave out zeros and empty texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from collectors.observation import Decoder, Message, Observation, Observe, check_size, wrong
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 64 * 1024
EXAMPLE: Final = (
    b'{"deduplicationId":"3ac7e3c4","time":"2025-08-01T10:00:00.775023242+00:00","deviceInfo":{"applicationId":'
    b'"17c82e96","deviceName":"Meter 1","devEui":"0101010101010101"},"fCnt":7,"fPort":1,"data":"qg==",'
    b'"object":{"volume":812374,"battery":3.6},"rxInfo":[{"gatewayId":"0016c001f153a14c","rssi":-36,"snr":10.5}]}'
)
TOPIC: Final = "application/{application}/device/{device}/event/{event}"


class _Device(msgspec.Struct, gc=False):
    dev_eui: str = msgspec.field(name="devEui")
    application: str = msgspec.field(name="applicationId", default="")
    name: str = msgspec.field(name="deviceName", default="")
    tags: dict[str, str] = {}


class _Receiver(msgspec.Struct, gc=False):
    rssi: float = 0.0
    snr: float = 0.0


class _Event(msgspec.Struct, gc=False, rename="camel"):
    device_info: _Device
    time: str | None = None
    object: dict[str, Any] | None = None
    data: str | None = None
    f_cnt: int = 0
    f_port: int = 0
    dr: int = 0
    rx_info: list[_Receiver] = []
    dev_addr: str = ""
    margin: int = 0
    battery_level: float = 0.0
    external_power_source: bool = False
    battery_level_unavailable: bool = False
    level: str = ""
    code: str = ""
    description: str = ""
    location: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Event).decode


def observations(message: Message, application: str = "") -> list[Observation]:
    """What the event says; nothing for those that only concern downlinks. Raises BadPayload."""
    check_size(message.payload, LIMIT_BYTES)
    kind = message.levels[-1]
    if kind in ("ack", "txack", "integration"):
        return []
    try:
        event = _decode(message.payload)
    except msgspec.ValidationError as fault:
        raise wrong(f"no ChirpStack event: {fault}") from fault
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    device = event.device_info
    if application and device.application and application != device.application:
        detail = (
            f"the topic is of application {shown(application)}, the payload of {shown(device.application)}"
        )
        raise BadPayload(Reason.UNKNOWN_DEVICE, detail)
    values, units = _values(kind, event)
    if not values:
        return []
    return [Observation(values, event.time, device.dev_eui, units, _beside(event))]


def _values(kind: str, event: _Event) -> tuple[dict[str, Any], dict[str, str]]:
    match kind:
        case "up":
            if event.object is None and event.data:
                raise wrong("no object: give the device profile a codec, which decodes the data")
            return event.object or {}, {}
        case "status":
            values: dict[str, Any] = {"margin": event.margin, "external_power": event.external_power_source}
            if not (event.external_power_source or event.battery_level_unavailable):
                values["battery"] = event.battery_level
            return values, {"margin": "dB", "battery": "%"}
        case "join":
            return {"join": event.dev_addr}, {}
        case "log":
            return {"log": f"{event.level} {event.code}: {event.description}"[:1000]}, {}
        case "location":
            return {"location": event.location or {}}, {}
    raise wrong(f"event {shown(kind)}; there are: up, join, status, log, location, ack, txack, integration")


def _beside(event: _Event) -> dict[str, Any]:
    beside: dict[str, Any] = {
        "fCnt": event.f_cnt,
        "fPort": event.f_port,
        "dr": event.dr,
        "deviceName": event.device_info.name,
        "tags": event.device_info.tags,
    }
    if event.rx_info:
        best = max(event.rx_info, key=lambda receiver: receiver.rssi)
        beside["rssi"], beside["snr"] = best.rssi, best.snr
    return beside


def _open(topics: Sequence[Pattern]) -> Observe:
    (pattern,) = topics

    def observe(message: Message) -> list[Observation]:
        return observations(message, pattern.word("application", message.levels))

    return observe


DECODER: Final = Decoder(
    (TOPIC,), _open, example_topic="application/17c82e96/device/0101010101010101/event/up"
)
