"""How is what is known of the devices kept over a restart?"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from gateway.devices.facts import DeviceFacts

log = logging.getLogger(__name__)

FACTS: Final = "devices.msgpack"
"""The file, beside the spool. It is no account of readings: after a crash it is a minute old."""
EVERY_S: Final = 60.0


def load(facts: DeviceFacts, path: Path) -> None:
    """Begin with what an earlier run has saved; nothing where none is there or can be read."""
    try:
        facts.unpack(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s: %s; the devices are got to know anew", path, error)


def save(facts: DeviceFacts, path: Path) -> None:
    """Keep it for the next run; a disk that takes nothing costs no more than what is known."""
    _write(facts.packed(), path)


async def keep(facts: DeviceFacts, path: Path, every_s: float = EVERY_S) -> NoReturn:
    """Save once a minute, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(_write, facts.packed(), path)


def _write(packed: bytes, path: Path) -> None:
    fresh = path.with_suffix(".new")
    try:
        fresh.write_bytes(packed)
        fresh.replace(path)
    except OSError as error:
        log.warning("%s: %s", path, error)
