"""How do commands reach a cabinet that speaks MQTT, and how does its answer come back?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from gateway import topics
from gateway.cabinet import Examined, Outside
from gateway.cabinet_messages import decode_reply, encode
from gateway.links.link import LinkDown
from signal_control.model import Intersection
from signal_control.status import Command

NAME = "mqtt"
DOC = "JSON over MQTT: commands with an id and an expiry out, the cabinet's own state and replies back."

log = logging.getLogger(__name__)


class Settings(BaseModel):
    """Nothing to set: the broker is the city's, the topics are fixed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def connected(wanted: Mapping[str, tuple[Intersection, Any]], outside: Outside) -> MqttCabinets:
    """The cabinets of these intersections."""
    return MqttCabinets(wanted, outside)


class MqttCabinets:
    """Cabinets that speak by themselves: their events and states come in as readings, like all others."""

    def __init__(self, wanted: Iterable[str], outside: Outside) -> None:
        self._wanted, self._outside = tuple(wanted), outside

    async def run(self) -> None:
        """Nothing to do: they report without being asked."""
        await asyncio.Event().wait()

    async def send(self, command: Command) -> None:
        """Publish a command."""
        if not self._outside.link.connected:
            return
        where = topics.of(self._outside.site, "command", command.intersection)
        try:
            await self._outside.link.publish(where, encode(command))
        except LinkDown:
            log.info("command %s not sent: the broker is away", command.id)

    def hear(self, intersection: str, payload: bytes) -> None:
        """Take a cabinet's reply; raises msgspec.DecodeError for anything else."""
        self._outside.reply(intersection, decode_reply(payload))

    def faults(self) -> Mapping[str, str]:
        """None that are not said of the broker already."""
        return {}

    async def examine(self) -> Mapping[str, Examined]:
        """There is nothing to ask: they say by themselves what they show."""
        return dict.fromkeys(self._wanted, Examined(("speaks by MQTT; it is not asked",)))
