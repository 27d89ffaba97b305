"""How are controllers asked and commanded that speak NTCIP 1202 over SNMP? (docs/ntcip.md)"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gateway.cabinet import Examined, Outside
from gateway.ntcip.keeper import Address, Keeper
from gateway.snmp.message import Community
from signal_control.model import Intersection
from signal_control.status import Command

NAME = "ntcip"
DOC = "NTCIP 1202 over SNMP version 1: status groups polled, phases by hold, force-off, omit and call."


class Settings(BaseModel):
    """Where one controller listens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 161
    community: SecretStr
    """The word that may read and write. It travels in the clear: keep the network closed."""
    community_file: Path | None = None
    """A file that holds nothing but the community, instead of `community`."""
    version: Literal["1"] = "1"
    polls_hz: Annotated[float, Field(ge=1, le=10)] = 10.0
    """How often the status groups are read, per second of city time."""
    backup_s: Annotated[int, Field(ge=5, le=300)] = 10
    """Written to unitBackupTime: without a word from us for so long the controller follows its own plan."""

    reservice: bool = True
    """Whether the controller lets a ring go back within its barrier group (no backup protection)."""

    pattern: Annotated[int, Field(ge=1, le=253)] | None = None
    """Lead by the splits of this pattern, which is set up for us alone; left out: by holding phases."""


def connected(wanted: Mapping[str, tuple[Intersection, Any]], outside: Outside) -> NtcipCabinets:
    """The controllers of these intersections."""
    return NtcipCabinets(
        {name: Keeper(node, _address(settings), outside) for name, (node, settings) in wanted.items()}
    )


class NtcipCabinets:
    """Controllers that have to be asked."""

    def __init__(self, keepers: Mapping[str, Keeper]) -> None:
        self.keepers: Final = dict(keepers)

    async def run(self) -> None:
        """Ask all of them, each at its own pace, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, keeper in self.keepers.items():
                group.create_task(keeper.run(), name=f"ntcip {name}")

    async def send(self, command: Command) -> None:
        """Have a controller serve phases."""
        self.keepers[command.intersection].send(command)

    def hear(self, intersection: str, payload: bytes) -> None:
        """These do not speak MQTT; whoever does so in their name is refused."""
        raise msgspec.DecodeError(f"{intersection} is asked by SNMP and does not reply by MQTT")

    async def examine(self) -> Mapping[str, Examined]:
        """Ask each controller for every object that is used."""
        found = await asyncio.gather(*(keeper.examine() for keeper in self.keepers.values()))
        return dict(zip(self.keepers, found, strict=True))

    def faults(self) -> Mapping[str, str]:
        """Why a controller is not connected, or not commanded."""
        return {name: text for name, keeper in self.keepers.items() if (text := keeper.trouble)}


def _address(settings: Settings) -> Address:
    community = settings.community.get_secret_value().encode()
    return Address(
        host=settings.host,
        port=settings.port,
        security=Community(community),
        period_s=1 / settings.polls_hz,
        backup_s=settings.backup_s,
        reservice=settings.reservice,
        pattern=settings.pattern,
    )
