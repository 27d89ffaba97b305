"""What do arterial and a cabinet that speaks MQTT write to each other? (docs/cabinet-protocol.md)"""

from __future__ import annotations

from typing import Final

import msgspec

from gateway.cabinet import Reply
from signal_control.status import Command

_MS: Final = 1_000_000


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
