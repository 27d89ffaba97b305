"""What does ingest do while the spool has no room?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from pathlib import Path

import pytest

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.clock import SystemClock
from gateway.intake import commits as commits_module
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
    task = asyncio.create_task(ingest.commits.run(MemoryLink()))
    ingest.handle(water(1))
    async with asyncio.timeout(5):
        while not ingest.commits.full:
            await asyncio.sleep(0.001)
    for _ in range(50):
        for mid in range(1, 5):
            ingest.handle(water(mid))
    assert ingest.commits.waiting == 4
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "3 messages are not acknowledged, the broker keeps them" in caplog.text
    assert spool.books("store").total.received == 0
    spool.close()
    refused.close()


async def test_a_batch_larger_than_the_spool_gets_in_bit_by_bit_and_is_acknowledged_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits_module, "FULL_PAUSE_S", 0.01)
    n, chance = 9000, random.Random(1)
    spool, refused = Spool(tmp_path / "spool.sqlite", max_bytes=150_000), Refused(tmp_path / "refused.sqlite")
    sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
    ingest, link = Ingest(sources, spool, refused, SystemClock()), MemoryLink()
    spool.position("store")
    for i in range(n):  # all of them before the first commit
        link.deliver(
            "arterial/demo/water/w-1",
            b'{"t": %d, "volume_m3": %.9f}' % (1_790_000_000_000 + i, chance.random()),
        )
    stored: list[Reading] = []
    task = asyncio.create_task(ingest.commits.run(link))
    taking = asyncio.create_task(_take(ingest, link))
    try:
        async with asyncio.timeout(60):
            while len(stored) < n:
                if ingest.commits.full:
                    assert link.unacknowledged == n
                rows = spool.read(0, 10**6)
                stored += [reading for _, readings in rows for reading in readings]
                if rows:
                    spool.advance("store", rows[-1][0], [("stored", "water", sum(len(r) for _, r in rows))])
                await asyncio.sleep(0.005)
            while link.unacknowledged:
                await asyncio.sleep(0.005)
        assert len({reading.at_ns for reading in stored}) == len(stored) == n
        books = spool.books("store")
        assert (books.total.received, books.total.duplicate, books.balanced) == (n, 0, True)
    finally:
        for each in (task, taking):
            each.cancel()
        await asyncio.gather(task, taking, return_exceptions=True)
        spool.close()
        refused.close()


async def _take(ingest: Ingest, link: MemoryLink) -> None:
    async for message in link.messages():
        ingest.handle(message)
