"""How does a Sparkplug B edge node sound: born, speaking by alias, sometimes unheard, sometimes dead?"""

from __future__ import annotations

import random
import struct

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import number

SOURCE = """\
[[sources]]
format = "sparkplug"
topic = "spBv1.0/Water/#"
kind = "water"
fields = { volume_m3 = "Meter/Volume", flow_m3_h = "Meter/Flow", battery_v = "Meter/Battery" }
units = { "Meter/Volume" = "L" }
"""
_INT64, _DOUBLE, _BOOLEAN = 4, 10, 11
_METRICS = (
    ("Meter/Volume", "volume_m3", 1000.0),
    ("Meter/Flow", "flow_m3_h", 1.0),
    ("Meter/Battery", "battery_v", 1.0),
)


class EdgeNode:
    """A node with one device. One message in fifty is lost, and it dies and comes back about twice a day."""

    def __init__(self, number_: int, rng: random.Random) -> None:
        self._node, self._rng = f"node{number_}", rng
        self._seq, self._bd_seq, self._alive = -1, -1, False
        self._wanted = False
        self._last: dict[str, float] = {}

    @property
    def id(self) -> str:
        """node:device."""
        return f"{self._node}:meter"

    def say(self, report: Report) -> list[Wire]:
        """Births first, then only what changed."""
        t = round(number(report, "t"))
        if self._alive and self._rng.random() < 0.0015:
            self._alive = False
            return [self._send("NDEATH", t, [_metric(t, name="bdSeq", long=self._bd_seq)], numbered=False)]
        values = {name: number(report, key) * factor for name, key, factor in _METRICS}
        if not self._alive or self._wanted:
            return self._births(t, values)
        changed = [
            _metric(t, alias=alias, double=values[name])
            for alias, (name, _, _) in enumerate(_METRICS, 1)
            if values[name] != self._last.get(name)
        ]
        self._last = values
        message = self._send("DDATA", t, changed)
        return [] if self._rng.random() < 0.02 else [message]

    def hear(self, topic: str, payload: bytes) -> None:
        """Any NCMD to this node is taken for the only one it knows: be born again."""
        self._wanted = self._wanted or topic == f"spBv1.0/Water/NCMD/{self._node}"

    def _births(self, t: int, values: dict[str, float]) -> list[Wire]:
        if not self._alive:
            self._bd_seq = (self._bd_seq + 1) % 256
        self._alive, self._wanted, self._seq, self._last = True, False, -1, values
        node = [
            _metric(t, name="bdSeq", datatype=_INT64, long=self._bd_seq),
            _metric(t, name="Node Control/Rebirth", datatype=_BOOLEAN, boolean=False),
        ]
        meter = [
            _metric(t, name=name, alias=alias, datatype=_DOUBLE, double=values[name])
            for alias, (name, _, _) in enumerate(_METRICS, 1)
        ]
        return [self._send("NBIRTH", t, node), self._send("DBIRTH", t, meter)]

    def _send(self, kind: str, t: int, metrics: list[bytes], numbered: bool = True) -> Wire:
        payload = _whole(1, t) + b"".join(_part(2, metric) for metric in metrics)
        if numbered:
            self._seq = (self._seq + 1) % 256
            payload += _whole(3, self._seq)
        device = "/meter" if kind[0] == "D" else ""
        return Wire(f"spBv1.0/Water/{kind}/{self._node}{device}", payload)


def speaker(number: int, rng: random.Random) -> EdgeNode:
    """The node with this number."""
    return EdgeNode(number, rng)


def _metric(
    t: int, name: str = "", alias: int = 0, datatype: int = 0,
    long: int | None = None, double: float | None = None, boolean: bool | None = None,
) -> bytes:  # fmt: skip
    """A metric in protobuf, field numbers of Sparkplug B's Payload.Metric."""
    parts = [_part(1, name.encode()) if name else b"", _whole(2, alias) if alias else b"", _whole(3, t)]
    parts.append(_whole(4, datatype) if datatype else b"")
    parts.append(_whole(11, long) if long is not None else b"")
    parts.append(_varint(13 << 3 | 1) + struct.pack("<d", double) if double is not None else b"")
    parts.append(_whole(14, int(boolean)) if boolean is not None else b"")
    return b"".join(parts)


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Base 128, least significant group first (protobuf's encoding document)."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
