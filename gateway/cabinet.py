"""What must a cabinet protocol be able to do, and which are there?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol, cast

import msgspec
from pydantic import BaseModel

from collectors.plugins import choose, load_folder
from collectors.reading import Reading
from gateway import cabinets
from gateway.clock import Clock
from gateway.links.link import Link
from signal_control.model import Intersection
from signal_control.status import CabinetMode, Command, SignalState

DEFAULT: Final = "mqtt"


class Reply(msgspec.Struct, frozen=True):
    """The cabinet's answer to one command; `t` is its own time in milliseconds since the epoch."""

    t: int
    id: str
    accepted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """What a protocol is lent: the city's word, its clock, the door to MQTT, and who wants to know.

    `offer` takes readings of kinds `hires` and `signal` that the protocol has made itself; `reply` takes the
    answer of an intersection's cabinet.
    """

    site: str
    clock: Clock
    link: Link
    offer: Callable[[Sequence[Reading]], None]
    reply: Callable[[str, Reply], None]


class Examined(msgspec.Struct, frozen=True):
    """What a cabinet has been found to be: in plain words, and what forbids commands."""

    found: tuple[str, ...]
    obstacles: tuple[str, ...] = ()


class Cabinets(Protocol):
    """All cabinets of a city that speak one protocol."""

    async def run(self) -> None:
        """Whatever the protocol does by itself, asking the cabinets, say, until cancelled."""
        ...

    async def send(self, command: Command) -> None:
        """Pass a command on; must not wait for the cabinet. The answer goes to `Outside.reply`."""
        ...

    def hear(self, intersection: str, payload: bytes) -> None:
        """A message on the intersection's reply topic; raises msgspec.DecodeError when it is no reply."""
        ...

    def faults(self) -> Mapping[str, str]:
        """What is wrong, by intersection, in plain words; those with nothing wrong are left out."""
        ...

    async def examine(self) -> Mapping[str, Examined]:
        """Ask every cabinet once what it can do, and change nothing; by intersection."""
        ...


class CabinetProtocol(Protocol):
    """How Commands reach the street and the true state comes back: a file in gateway/cabinets.

    The file has NAME, DOC, Settings (what [cabinets.ID] may say beside `protocol`) and `connected`;
    tests/contracts/test_cabinets.py runs over every one.
    """

    NAME: str
    DOC: str
    Settings: type[BaseModel]

    def connected(self, wanted: Mapping[str, tuple[Intersection, Any]], outside: Outside) -> Cabinets:
        """The cabinets of these intersections, by id, each with its Settings. Does no I/O yet."""
        ...


def protocols() -> dict[str, CabinetProtocol]:
    """Every cabinet protocol by name."""
    return {m.NAME: cast(CabinetProtocol, m) for m in load_folder(cabinets).values()}


def protocol(name: str = DEFAULT) -> CabinetProtocol:
    """The protocol called `name`; raises ValueError with the choices when there is none."""
    return cast(CabinetProtocol, choose("cabinet protocol", name, protocols()))


_MODES: Final[dict[str, CabinetMode]] = {"remote": "remote", "local": "local", "flash": "flash"}
_SETS: Final = (
    *("greens", "yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls"),
    *("overlap_greens", "overlap_yellows", "overlap_red_clears"),
)


def state_of(reading: Reading) -> SignalState:
    """The cabinet's report of its lights, from a reading of kind `signal` (phase p is bit p - 1)."""
    fields = reading.fields
    return SignalState(
        at_ns=reading.at_ns,
        mode=_MODES.get(str(fields.get("mode")), "offline"),
        plan=int(fields.get("plan", 0)),
        command=str(fields.get("command", "")),
        **{name: _phases(int(mask)) for name in _SETS if (mask := fields.get(name))},
    )


@lru_cache(maxsize=4096)
def _phases(mask: int) -> tuple[int, ...]:
    """Bits as numbers, ascending; every cabinet repeats the same few, second after second."""
    return tuple([bit + 1 for bit in range(mask.bit_length()) if mask >> bit & 1])
