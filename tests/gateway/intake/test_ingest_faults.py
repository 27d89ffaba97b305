"""What does ingest do while the spool has no room?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

import pytest

from collectors.source import Source, Sources
from gateway.clock import SystemClock
from gateway.intake.ingest import Ingest
from gateway.links.link import Message
from gateway.links.memory_link import MemoryLink
from storage.refused import Refused
from storage.spool import Spool


def water(mid: int, t: int = 1_790_000_000_000) -> Message:
    return Message(
        "arterial/demo/water/w-1", b'{"t": %d, "volume_m3": 1.5}' % (t + mid), 1, mid=mid, connection=1
    )


async def test_without_room_repeated_deliveries_do_not_pile_up_and_a_stop_is_clean(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    spool, refused = Spool(tmp_path / "spool.sqlite", max_bytes=0), Refused(tmp_path / "refused.sqlite")
    sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
    ingest = Ingest(sources, spool, refused, SystemClock())
    task = asyncio.create_task(ingest.run(MemoryLink()))
    ingest.handle(water(1))
    async with asyncio.timeout(5):
        while not ingest.full:
            await asyncio.sleep(0.001)
    for _ in range(50):
        for mid in range(1, 5):
            ingest.handle(water(mid))
    assert ingest.waiting == 4
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "3 messages are not acknowledged, the broker keeps them" in caplog.text
    assert spool.books("store").total.received == 0
    spool.close()
    refused.close()
