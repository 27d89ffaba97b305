"""What does a whole simulated city send in its next step, and what happens to the commands it gets?

The street, its cabinets and its devices, wired together without any I/O: a broker, a test or an evaluation
carries the messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from simulators.cabinet import Cabinet
from simulators.faulty import Faulty
from simulators.fleet import Device, Fleet, Report
from simulators.foreign import ForeignMeter, Wire
from simulators.lights import Lights, StreetStep
from simulators.ring import HiresEvent

LONGEST_COMMAND = 65_536
"""Bytes; longer payloads are refused without being read."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Outgoing(NamedTuple):
    """A message on its way to the broker."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class StreetLike(Protocol):
    """What a city needs of its street; `simulators.street.Street` is one."""

    def step(self) -> StreetStep:
        """Move on by one step."""

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Turn the heads of an intersection."""

    def truth(self) -> dict[str, dict[str, int]]:
        """True queues by intersection and lane."""

    def summary(self) -> dict[str, Any]:
        """The payload of the topic `street`."""


class City:
    """A street with its cabinets and devices; a `twin` obeys nobody and tells only its street's summary.

    A `terse` city leaves out what no controller hears: clock, summary and true queues.

    `speed` is what the clock message says of the pace; whoever paces the city keeps it true.
    """

    def __init__(
        self,
        street: StreetLike,
        cabinets: Mapping[str, Cabinet],
        fleets: Sequence[Fleet],
        site: str,
        *,
        twin: bool = False,
        terse: bool = False,
    ) -> None:
        self._street, self._cabinets, self._fleets = street, cabinets, fleets
        self._topic, self._twin, self._terse = f"arterial/{site}", twin, terse
        self._seq = dict.fromkeys(cabinets, 0)
        self._lights: dict[str, Lights] = {}
        self._told: dict[str, dict[str, object]] = {}
        self._replies: list[Outgoing] = []
        self._second = -1
        self._day_s = 0.0
        self.now_ms = 0
        self.speed = 1.0

    @property
    def commands(self) -> str:
        """The topic filter of the commands that this city obeys."""
        return f"{self._topic}/command/+"

    def receive(self, topic: str, payload: bytes) -> None:
        """Hand a command to its cabinet; the reply goes out with the next step. Any payload is survived."""
        device = topic.removeprefix(f"{self._topic}/command/")
        if self._twin or device == topic or device not in self._cabinets:
            return
        reply = self._cabinets[device].command(_command(payload))
        self._replies.append(self._message("reply", device, reply))
        self._turn(device, self._cabinets[device].lights)

    def step(self) -> list[Outgoing]:
        """Move the street and everything on it one step on; returns what they have to say."""
        moved = self._street.step()
        self.now_ms = moved.now_ms
        full_second = moved.now_ms // 1000 != self._second
        self._second = moved.now_ms // 1000
        found = self._second_messages() if full_second and not self._terse else []
        found += self._replies
        self._replies = []
        for device, events in self._move_cabinets(moved).items():
            found += self._cabinet_messages(device, events, full_second)
        for fleet in self._fleets:
            for reporter, report in fleet.due(moved.now_ms, self._day_s):
                found += self._device_messages(reporter, report)
        return [m for m in found if not self._twin or m.topic.endswith("/street/twin")]

    def hear(self, topic: str, payload: bytes) -> None:
        """Hand a command of a foreign format to every device that might take it."""
        for fleet in self._fleets:
            for device in fleet.devices:
                foreign = device.device if isinstance(device, Faulty) else device
                if isinstance(foreign, ForeignMeter):
                    foreign.hear(topic, payload)

    def kept(self) -> dict[str, float]:
        """What of the devices outlives a restart."""
        return {name: value for fleet in self._fleets for name, value in fleet.kept().items()}

    def _move_cabinets(self, moved: StreetStep) -> dict[str, list[HiresEvent]]:
        for seen in moved.detections:
            if seen.intersection in self._cabinets:
                self._cabinets[seen.intersection].detection(seen.channel, seen.t_ms, seen.on)
        for press in moved.ped_presses:
            if press.intersection in self._cabinets:
                self._cabinets[press.intersection].press(press.phase, press.t_ms)
        for zone in moved.counts:
            if zone.intersection in self._cabinets:
                self._cabinets[zone.intersection].count(*zone[1:])
        logs = {}
        for device, cabinet in self._cabinets.items():
            logs[device], lights = cabinet.step(moved.now_ms)
            self._turn(device, lights)
        return logs

    def _turn(self, device: str, lights: Lights) -> None:
        if self._lights.get(device) is not lights:
            self._lights[device] = lights
            self._street.show(device, lights)

    def _cabinet_messages(self, device: str, events: list[HiresEvent], full_second: bool) -> list[Outgoing]:
        found = []
        if events:
            found.append(self._message("hires", device, {"seq": self._seq[device], "events": events}))
            self._seq[device] += len(events)
        state = self._cabinets[device].state()
        told = {key: value for key, value in state.items() if key != "t"}
        if full_second or told != self._told.get(device):
            self._told[device] = told
            found.append(self._message("signal", device, state)._replace(retain=True))
        return found

    def _device_messages(self, device: Device, report: Report) -> list[Outgoing]:
        found = self._wires(device.device if isinstance(device, Faulty) else device, report)
        if isinstance(device, Faulty):
            found = device.send(found)
        return [Outgoing(wire.topic, wire.payload, 1, wire.retain) for wire in found]

    def _wires(self, device: Device, report: Report) -> list[Wire]:
        if isinstance(device, ForeignMeter):
            return list(device.wire(report))
        return [Wire(f"{self._topic}/{device.kind}/{device.id}", _encode(report))]

    def _second_messages(self) -> list[Outgoing]:
        summary = self._street.summary()
        self._day_s = float(summary["profile_s"])
        clock = {"t": self.now_ms, "speed": round(self.speed, 2), "profile_s": summary["profile_s"]}
        truths = [] if self._twin else self._street.truth().items()
        return [
            self._message("clock", "street", clock, qos=0),
            self._message("street", "twin" if self._twin else "main", summary, qos=0),
            *(self._message("truth", name, {"t": self.now_ms, "lanes": q}, qos=0) for name, q in truths),
        ]

    def _message(self, kind: str, device: str, value: object, qos: int = 1) -> Outgoing:
        return Outgoing(f"{self._topic}/{kind}/{device}", _encode(value), qos, False)


def _command(payload: bytes) -> object:
    """What the payload says, or None when it says nothing legible."""
    if len(payload) > LONGEST_COMMAND:
        return None
    try:
        return _decode(payload)
    except (ValueError, RecursionError):
        return None
