"""What must a cabinet protocol be able to do, and which are there?"""

from __future__ import annotations

from typing import Protocol, cast

import msgspec

from collectors.plugins import choose, load_folder
from collectors.reading import Reading
from gateway import cabinets
from signal_control.status import Command, SignalState


class Reply(msgspec.Struct, frozen=True):
    """The cabinet's answer to one command; `t` is its own time in milliseconds since the epoch."""

    t: int
    id: str
    accepted: bool
    reason: str = ""


class CabinetProtocol(Protocol):
    """How a Command reaches the street and the true state comes back: a file in gateway/cabinets.

    The file has NAME, DOC and these functions; tests/contracts/test_cabinets.py runs over every one.
    """

    NAME: str
    DOC: str

    def encode(self, command: Command) -> bytes:
        """The command as the cabinet reads it."""
        ...

    def decode_reply(self, payload: bytes) -> Reply:
        """The cabinet's answer; raises msgspec.DecodeError for anything else."""
        ...

    def state_of(self, reading: Reading) -> SignalState:
        """The cabinet's report of its lights, from a reading of kind `signal`."""
        ...


def protocols() -> dict[str, CabinetProtocol]:
    """Every cabinet protocol by name."""
    return {m.NAME: cast(CabinetProtocol, m) for m in load_folder(cabinets).values()}


def protocol(name: str = "mqtt") -> CabinetProtocol:
    """The protocol called `name`; raises ValueError with the choices when there is none."""
    return cast(CabinetProtocol, choose("cabinet protocol", name, protocols()))
