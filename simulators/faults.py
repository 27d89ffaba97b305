"""What nonsense may arrive on the topics of a city, and why should it be refused?"""

from __future__ import annotations

import json
from typing import NamedTuple

HUGE = 1_000_000
"""Bytes of the oversized payload."""

_T = 1_760_000_000_000


class Garbage(NamedTuple):
    """A message that is no reading, and the reason under which it should be counted."""

    topic: str
    payload: bytes
    reason: str


def garbage(site: str) -> list[Garbage]:
    """Every kind of bad message, on every kind of topic of `site`."""
    return [
        *(Garbage(f"arterial/{site}/{topic}", payload, reason) for topic, payload, reason in _messages()),
        *_on_every_topic(site),
    ]


def _messages() -> list[tuple[str, bytes, str]]:
    water = {"t": _T, "volume_m3": 12.5, "flow_m3_h": 0.3, "battery_v": 3.6}
    return [
        ("water/w-0001", _json(water)[:-9], "malformed"),
        ("power/p-0001", b'{"t":1760000000000,"energy_kwh":NaN,"power_kw":0.4}', "not_finite"),
        ("gas/g-0001", b'{"t":1760000000000,"volume_m3":1e999}', "not_finite"),
        ("water/w-0002", _json(water | {"note": "x" * HUGE}), "too_large"),
        ("water/w-9999x", _json(water), "unknown_device"),
        ("waste/b-001", _json({"t": _T, "fill": "half"}), "wrong_shape"),
        ("waste/b-002", _json({"t": _T, "fill": 42.0}), "out_of_range"),
        ("waste/b-003", _json({"t": _T, "fill": None}), "wrong_shape"),
        ("gas/g-0002", _json([1, 2, 3]), "wrong_shape"),
        ("gas/g-0003", b'"hello"', "wrong_shape"),
        ("parking/lot-1", _json({"t": _T, "free": 3}), "unknown_topic"),
        ("water/w-0003", _json(water | {"t": -1}), "bad_time"),
        ("water/w-0004", _json(water | {"t": 9 * 10**15}), "bad_time"),
        ("water/w-0005", bytes(range(256)), "malformed"),
        ("water/w-0006", b'{"t":1760000000000,"volume_m3":1,"x":"\xff\xfe"}', "malformed"),
        ("power/p-0002", b"[" * 5_000, "malformed"),
        ("hires/x1", _json({"seq": 1, "events": [[_T, 1]]}), "wrong_shape"),
        ("hires/x1", _json({"seq": 1, "events": "none"}), "wrong_shape"),
        ("signal/x1", _json({"t": _T, "mode": 7}), "wrong_shape"),
    ]


def _on_every_topic(site: str) -> list[Garbage]:
    devices = {
        "hires": "x1",
        "signal": "x1",
        "water": "w-0007",
        "power": "p-0007",
        "gas": "g-0007",
        "waste": "b-007",
        "truth": "x1",
        "street": "main",
    }
    return [
        Garbage(f"arterial/{site}/{kind}/{device}", payload, reason)
        for kind, device in devices.items()
        for payload, reason in ((b"", "empty"), (b"{not json", "malformed"), (b"7", "wrong_shape"))
    ]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
