"""How do the cabinets of a simulated street speak NTCIP instead of MQTT?

They answer at their own ports, in tenths of a second of simulated time, while the street itself stands
between two of its steps: whoever asks them ten times a second sees every detector turn on and off.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.city import StreetLike
from simulators.lights import Lights, StreetStep
from simulators.ntcip_agent import Agent
from simulators.ntcip_unit import NtcipUnit
from simulators.ring import GRID_MS

PORTS: Final = "ARTERIAL_NTCIP_PORTS"
COMMUNITY: Final = "ARTERIAL_NTCIP_COMMUNITY"
"""Environment variables: UDP ports of 127.0.0.1, one per intersection in order, and who may ask there."""


@dataclass(frozen=True, slots=True)
class NtcipLine:
    """Where the cabinets listen."""

    ports: tuple[int, ...]
    community: str

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> NtcipLine | None:
        """As the environment says; None when the cabinets speak MQTT. Raises ValueError."""
        if not environment.get(PORTS):
            return None
        ports = tuple(int(port) for port in environment[PORTS].split(","))
        return cls(ports, environment.get(COMMUNITY, "public"))


class NtcipStreet:
    """A street that keeps its cabinets to itself: what they say is only told to those who ask."""

    def __init__(self, street: StreetLike, nodes: Sequence[Intersection], start_ms: int) -> None:
        self._street, self._now_ms = street, start_ms
        self.units = {node.id: NtcipUnit(Cabinet(node, start_ms), start_ms) for node in nodes}
        self._shown: dict[str, Lights] = {}
        self.agents: list[Agent] = []

    async def listen(self, line: NtcipLine) -> None:
        """Open the ports; raises OSError when one is taken, ValueError when there are not enough."""
        for unit, port in zip(self.units.values(), line.ports, strict=True):
            self.agents.append(await Agent.listen(unit, port, line.community))

    def close(self) -> None:
        """Close the ports."""
        for agent in self.agents:
            agent.close()

    def step(self) -> StreetStep:
        """Move the street; its detectors and buttons are wired to the cabinets and to nobody else."""
        moved = self._street.step()
        for seen in moved.detections:
            if seen.intersection in self.units:
                self.units[seen.intersection].cabinet.detection(seen.channel, seen.t_ms, seen.on)
        for press in moved.ped_presses:
            if press.intersection in self.units:
                self.units[press.intersection].cabinet.press(press.phase, press.t_ms)
        return StreetStep(moved.now_ms, [], [])

    async def catch_up(self, now_ms: int, wait_s: float) -> None:
        """Let the cabinets live through what the street has done, evenly spread over the next `wait_s`."""
        steps = max(1, (now_ms - self._now_ms) // GRID_MS)
        began_s = time.monotonic()
        for n in range(1, steps + 1):
            self.advance(now_ms if n == steps else self._now_ms + GRID_MS)
            await asyncio.sleep(max(0.0, began_s + wait_s * n / steps - time.monotonic()))

    def advance(self, now_ms: int) -> None:
        """Step the cabinets to `now_ms`, and turn the heads that changed."""
        self._now_ms = now_ms
        for name, unit in self.units.items():
            lights = unit.step(now_ms).lights
            if self._shown.get(name) is not lights:
                self._shown[name] = lights
                self._street.show(name, lights)

    def show(self, intersection_id: str, lights: Lights) -> None:
        """Only the cabinets turn the heads."""

    def truth(self) -> dict[str, dict[str, int]]:
        """True queues by intersection and lane."""
        return self._street.truth()

    def summary(self) -> dict[str, Any]:
        """The payload of the topic `street`."""
        return self._street.summary()
