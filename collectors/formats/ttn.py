"""What does The Things Stack v3 say about a LoRaWAN device?

Topics: `v3/{application}@{tenant}/devices/{id}/up`. The stack leaves out whatever is zero, false or empty. Of
its times the one of the network server counts: gateways may have no clock.
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
    b'{"end_device_ids":{"device_id":"dev1","application_ids":{"application_id":"app1"},"dev_eui":'
    b'"0004A30B001C0530"},"received_at":"2025-08-01T10:00:00.935284891Z","uplink_message":{"f_cnt":1,"frm_payload":'
    b'"gkHe","decoded_payload":{"temperature":1.0},"rx_metadata":[{"rssi":-35,"snr":5}],'
    b'"received_at":"2025-08-01T10:00:00.789585559Z"}}'
)
TOPIC: Final = "v3/{application}/devices/{device}/{event}"


class _Application(msgspec.Struct, frozen=True, gc=False):
    application_id: str = ""


class _Device(msgspec.Struct, gc=False):
    device_id: str
    application_ids: _Application = _Application()
    dev_eui: str = ""


class _Receiver(msgspec.Struct, gc=False):
    rssi: float = 0.0
    snr: float = 0.0


class _Uplink(msgspec.Struct, gc=False):
    decoded_payload: dict[str, Any] | None = None
    frm_payload: str = ""
    f_port: int = 0
    f_cnt: int = 0
    rx_metadata: list[_Receiver] = []
    received_at: str | None = None


class _Join(msgspec.Struct, gc=False):
    received_at: str | None = None


class _Event(msgspec.Struct, gc=False):
    end_device_ids: _Device
    received_at: str | None = None
    uplink_message: _Uplink | None = None
    join_accept: _Join | None = None
    simulated: bool = False


_decode = msgspec.json.Decoder(_Event).decode


def observations(message: Message, application: str = "") -> list[Observation]:
    """What an uplink or a join says; nothing for other messages. Raises BadPayload.

    Simulated uplinks, which the console can send, are refused: nobody measured them.
    """
    check_size(message.payload, LIMIT_BYTES)
    try:
        event = _decode(message.payload)
    except msgspec.ValidationError as fault:
        raise wrong(f"no message of The Things Stack: {fault}") from fault
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    ids = event.end_device_ids
    told = ids.application_ids.application_id
    if application and told and application.partition("@")[0] != told:
        detail = f"the topic is of application {shown(application)}, the payload of {shown(told)}"
        raise BadPayload(Reason.UNKNOWN_DEVICE, detail)
    if event.simulated:
        raise wrong("a simulated message, which nobody measured")
    if event.join_accept is not None:
        at = event.join_accept.received_at or event.received_at
        return [Observation({"join": ids.dev_eui}, at, ids.device_id)]
    if event.uplink_message is None:
        return []
    return _uplink(event.uplink_message, ids.device_id, event.received_at)


def _uplink(uplink: _Uplink, device: str, received_at: str | None) -> list[Observation]:
    if uplink.decoded_payload is None:
        if uplink.frm_payload:
            raise wrong("no decoded_payload: give the end device a payload formatter")
        return []
    beside: dict[str, Any] = {"f_cnt": uplink.f_cnt, "f_port": uplink.f_port}
    if uplink.rx_metadata:
        best = max(uplink.rx_metadata, key=lambda receiver: receiver.rssi)
        beside["rssi"], beside["snr"] = best.rssi, best.snr
    return [Observation(uplink.decoded_payload, uplink.received_at or received_at, device, {}, beside)]


def _open(topics: Sequence[Pattern]) -> Observe:
    (pattern,) = topics

    def observe(message: Message) -> list[Observation]:
        return observations(message, pattern.word("application", message.levels))

    return observe


DECODER: Final = Decoder((TOPIC,), _open, example_topic="v3/app1@tenant1/devices/dev1/up")
