"""Which protocol leads to which intersection's cabinet?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.cabinet import Cabinets, Examined, Outside, protocol, protocols
from gateway.config.settings import CabinetSettings
from signal_control.model import Intersection
from signal_control.status import Command


class AllCabinets:
    """The cabinets of a city, whatever they speak."""

    def __init__(
        self,
        intersections: tuple[Intersection, ...],
        settings: Mapping[str, CabinetSettings],
        outside: Outside,
    ) -> None:
        """Intersections without settings speak the default protocol. Raises ValueError for unknown ones."""
        self._order = tuple(node.id for node in intersections)
        by_protocol: dict[str, dict[str, tuple[Intersection, Any]]] = {}
        for node in intersections:
            chosen = settings.get(node.id, CabinetSettings())
            model = protocol(chosen.protocol).Settings
            by_protocol.setdefault(chosen.protocol, {})[node.id] = (
                node,
                model.model_validate(chosen.settings),
            )
        self._cabinets: dict[str, Cabinets] = {
            name: protocols()[name].connected(wanted, outside) for name, wanted in by_protocol.items()
        }
        self._of = {node: self._cabinets[name] for name, wanted in by_protocol.items() for node in wanted}

    def start(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start what the protocols do by themselves; each task runs until cancelled."""
        return [
            group.create_task(cabinets.run(), name=f"cabinets {name}")
            for name, cabinets in self._cabinets.items()
        ]

    async def send(self, command: Command) -> None:
        """Pass a command on to its cabinet."""
        await self._of[command.intersection].send(command)

    def hear(self, intersection: str, payload: bytes) -> None:
        """A message on the reply topic of an intersection; raises msgspec.DecodeError for no reply."""
        if intersection not in self._of:
            raise msgspec.DecodeError(f"no intersection '{intersection}'")
        self._of[intersection].hear(intersection, payload)

    async def examine(self) -> dict[str, Examined]:
        """What every cabinet can do, by intersection in the order of the city file; nothing is changed."""
        parts = await asyncio.gather(*(cabinets.examine() for cabinets in self._cabinets.values()))
        found = {name: seen for part in parts for name, seen in part.items()}
        return {name: found[name] for name in self._order}

    def faults(self) -> dict[str, str]:
        """What is wrong with single cabinets, by intersection."""
        return {
            name: text for cabinets in self._cabinets.values() for name, text in cabinets.faults().items()
        }
