"""How do alarms outlive a restart? One JSON file, written whole or not at all."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import msgspec

from gateway.alarms.engine import Kept
from gateway.alarms.notice import Notice

log = logging.getLogger(__name__)


class State(msgspec.Struct, frozen=True):
    """Tracks, alarms, suspensions and history; and by address the notices that nobody has got yet."""

    kept: Kept = Kept()
    outbox: dict[str, list[Notice]] = {}


def load(path: Path) -> State:
    """What an earlier run left; nothing where there is none. An illegible file is moved aside, and said."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        aside = path.with_name(f"{path.name}-broken-{time.time_ns()}")
        log.error("alarms of the run before cannot be read (%s); what was there is now %s", error, aside.name)
        try:
            path.rename(aside)
        except OSError as stays:
            log.error("nor moved aside: %s", stays)
        return State()


def save(path: Path, state: bytes) -> None:
    """Write `state` (JSON) so that it is there after a power cut, or the one before is. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spare = path.with_suffix(".new")
    with spare.open("wb") as file:
        file.write(state)
        file.flush()
        os.fsync(file.fileno())
    spare.replace(path)
