"""What does wmbusmeters print about a wireless M-Bus meter? One flat JSON object; units end the names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from collectors.observation import Decoder, Fields, Message, Observation, Observe, check_size, wrong
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 64 * 1024
EXAMPLE: Final = (
    b'{"_":"telegram","media":"cold water","meter":"multical21","name":"MyTapWater","id":"76348799",'
    b'"status":"OK","total_m3":6.408,"target_m3":6.408,"flow_temperature_c":8,"timestamp":"2025-08-01T10:00:00Z",'
    b'"device":"im871a[12345678]","rssi_dbm":-79}'
)
FIELDS: Final[dict[str, Fields]] = {
    "water": {"volume_m3": ("total_m3",), "flow_m3_h": ("current_flow_m3h", "flow_m3h", "volume_flow_m3h")},
    "gas": {"volume_m3": ("total_m3",), "flow_m3_h": ("current_flow_m3h", "flow_m3h", "volume_flow_m3h")},
    "power": {
        "energy_kwh": ("total_energy_consumption_kwh", "total_kwh"),
        "power_kw": ("current_power_consumption_kw", "power_kw"),
        "voltage_v": ("voltage_at_phase_1_v",),
    },
    "heat": {
        "energy_kwh": ("total_energy_consumption_kwh", "total_kwh"),
        "volume_m3": ("total_volume_m3", "total_m3"),
        "power_kw": ("current_power_consumption_kw", "power_kw"),
        "flow_m3_h": ("volume_flow_m3h", "flow_m3h"),
        "supply_c": ("flow_temperature_c", "t1_temperature_c"),
        "return_c": ("return_temperature_c", "t2_temperature_c"),
    },
}

_UNITS: Final[dict[str, str]] = {
    "m3": "m3", "l": "L", "m3h": "m3/h", "lh": "L/h", "kwh": "kWh", "wh": "Wh", "mj": "MJ", "gj": "GJ",
    "kw": "kW", "w": "W", "kvarh": "kvarh", "kvar": "kvar", "kvah": "kVAh", "kva": "kVA", "v": "V", "a": "A",
    "hz": "Hz", "c": "degC", "k": "K", "f": "degF", "bar": "bar", "pa": "Pa", "rh": "%RH", "pct": "%",
    "s": "s", "min": "min", "h": "h", "d": "d", "m": "m", "kg": "kg", "dbm": "dBm", "deg": "deg",
}  # fmt: skip
"""What the last word of a name says about its unit."""
_ABOUT: Final = ("_", "media", "meter", "name", "id", "device", "rssi_dbm", "timestamp")
"""What tells of the meter and the receiver, not of what was metered."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def observe(message: Message) -> list[Observation]:
    """What the telegram says. Raises BadPayload."""
    check_size(message.payload, LIMIT_BYTES)
    try:
        values = _decode(message.payload)
    except msgspec.ValidationError as fault:
        raise wrong(f"no object of wmbusmeters: {fault}") from fault
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    about: dict[str, Any] = {name: values.pop(name) for name in _ABOUT if name in values}
    meter, at = about.get("id"), about.get("timestamp")
    if not isinstance(meter, str) or not meter:
        raise wrong(f"id: {shown(meter)}; allowed: the meter's number as text")
    if at is not None and not isinstance(at, str):
        raise BadPayload(Reason.BAD_TIME, f"timestamp: {shown(at)}; allowed: RFC 3339 text")
    units = {name: unit for name in values if (unit := _unit(name))}
    return [Observation(values, at, meter, units, about)]


@lru_cache(maxsize=4096)
def _unit(name: str) -> str:
    return _UNITS.get(name.rpartition("_")[2], "")


def _open(topics: Sequence[Pattern]) -> Observe:
    return observe


DECODER: Final = Decoder(
    ("wmbusmeters/{device}",), _open, fields=FIELDS, example_topic="wmbusmeters/76348799"
)
