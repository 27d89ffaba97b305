"""How do commands reach a cabinet that speaks MQTT, and how does its true state come back?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from collectors.reading import Reading
from gateway.cabinet import Reply
from signal_control.status import CabinetMode, Command, SignalState

NAME = "mqtt"
DOC = "JSON over MQTT: commands with an id and an expiry out, the cabinet's own state and replies back."

_MS: Final = 1_000_000
_MODES: Final[dict[str, CabinetMode]] = {"remote": "remote", "local": "local", "flash": "flash"}


def encode(command: Command) -> bytes:
    """The command as the cabinet reads it; times in milliseconds since the epoch."""
    return msgspec.json.encode(
        {
            "id": command.id,
            "serve": command.serve,
            "t": command.issued_ns // _MS,
            "expires": command.expires_ns // _MS,
            "strategy": command.strategy,
            "reason": command.reason,
        }
    )


def decode_reply(payload: bytes) -> Reply:
    """The cabinet's reply; raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(payload, type=Reply)


def state_of(reading: Reading) -> SignalState:
    """The cabinet's report of its lights, from a reading of kind `signal` (phase p is bit p - 1)."""
    fields = reading.fields
    sets = {
        name: tuple(_bits(int(fields.get(name, 0))))
        for name in ("greens", "yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls")
    }
    return SignalState(
        at_ns=reading.at_ns,
        mode=_MODES.get(str(fields.get("mode")), "offline"),
        plan=int(fields.get("plan", 0)),
        command=str(fields.get("command", "")),
        **sets,
    )


def _bits(mask: int) -> Iterator[int]:
    phase = 1
    while mask:
        if mask & 1:
            yield phase
        mask >>= 1
        phase += 1
