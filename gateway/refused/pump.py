"""How do refused payloads that were handed to the running arterial go through its ingest once more?"""

from __future__ import annotations

import asyncio
from typing import Final, NoReturn

import msgspec

from collectors.reading import BadPayload, Reading, Reason
from gateway.intake.aside import NOBODY
from gateway.intake.ingest import Ingest
from gateway.links.link import Message
from storage.refused import REJECTED, Entry, Refused

LOOK_S: Final = 1.0
BATCH: Final = 500
"""Payloads given to ingest before those before them are answered."""

_readings = msgspec.json.Decoder(Reading).decode


async def pump(refused: Refused, ingest: Ingest, look_s: float = LOOK_S) -> NoReturn:
    """Give ingest what was handed over, each once per handing, until cancelled.

    What a stop interrupts is still marked in `refused`, and is given again by the next run.
    """
    given: set[tuple[int, int]] = set()
    while True:
        found = await asyncio.to_thread(refused.handed, BATCH)
        new = [(entry, payload) for entry, payload in found if (entry.id, entry.sent_ns) not in given]
        given = {(entry.id, entry.sent_ns) for entry, _ in found}
        for entry, payload in new:
            give(ingest, entry, payload)
        await asyncio.sleep(look_s / 10 if new else look_s)


def give(ingest: Ingest, entry: Entry, payload: bytes) -> None:
    """One payload on the way of every message; what is kept as a reading goes on from where it was."""
    message = Message(entry.topic, payload, 1, received_ns=entry.received_ns, connection=NOBODY)
    if not entry.is_reading:
        ingest.handle(message)
        return
    try:
        take = ingest.aside.again if entry.reason == REJECTED else ingest.aside.restore
        take(message, [_readings(payload)])
    except msgspec.DecodeError as error:
        ingest.aside.refuse(message, BadPayload(Reason.MALFORMED, f"no reading of ours: {error}"))
    except BadPayload as bad:
        ingest.aside.refuse(message, bad)
