"""A message becomes readings that are on disk before it is acknowledged, and the books balance."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.intake.ingest import Ingest
from gateway.links.memory_link import MemoryLink
from storage.books import Account
from storage.refused import Refused
from storage.spool import Spool

NOW_MS = 1_790_000_000_000


@dataclass
class StoppedClock:
    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0

    def now_ns(self) -> int:
        return NOW_MS * 1_000_000


@dataclass
class Bench:
    """An ingest path on a memory link, with the readings that its listener heard."""

    ingest: Ingest
    link: MemoryLink
    spool: Spool
    refused: Refused
    heard: list[Reading] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes) -> None:
        self.link.deliver(topic, payload)

    async def settle(self, received: int) -> Account:
        async with asyncio.timeout(5):
            while (total := self.spool.books("store").total).received < received or self.link.unacknowledged:
                await asyncio.sleep(0.001)
        return total


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    sources = Sources([Source(f"arterial/{{site}}/{k}/{{device}}", "json", k) for k in ("water", "hires")])
    spool, refused = Spool(tmp_path / "spool.sqlite"), Refused(tmp_path / "refused.sqlite")
    heard: list[Reading] = []
    ingest, link = Ingest(sources, spool, refused, StoppedClock(), [heard.append]), MemoryLink()
    spool.position("store")

    async def receive() -> None:
        async for message in link.messages():
            ingest.handle(message)

    tasks = [asyncio.create_task(receive()), asyncio.create_task(ingest.commits.run(link))]
    yield Bench(ingest, link, spool, refused, heard)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    spool.close()
    refused.close()


def water(t: int = NOW_MS, volume: float = 1.0) -> bytes:
    return f'{{"t": {t}, "volume_m3": {volume}, "flow_m3_h": 0.1, "battery_v": 3.6}}'.encode()


async def test_a_reading_is_heard_spooled_and_acknowledged(bench: Bench) -> None:
    bench.publish("arterial/demo/water/w-0001", water())
    total = await bench.settle(1)
    assert [r.device for r in bench.heard] == ["w-0001"]
    assert (total.received, total.refused, bench.spool.waiting("store")) == (1, 0, 1)
    assert bench.link.unacknowledged == 0


async def test_what_is_no_reading_is_kept_counted_and_acknowledged(bench: Bench) -> None:
    bench.publish("arterial/demo/water/w-0001", b"{oops")
    bench.publish("arterial/demo/nothing/x", b"{}")
    total = await bench.settle(2)
    assert (total.received, total.refused) == (2, 2)
    assert bench.refused.counts() == {"malformed": 1, "unknown_topic": 1}
    assert {r.payload for r in bench.refused.recent()} == {b"{oops", b"{}"}
    assert bench.heard == []


async def test_a_message_delivered_twice_is_one_reading_and_one_duplicate(bench: Bench) -> None:
    for _ in range(2):
        bench.publish("arterial/demo/water/w-0001", water())
    total = await bench.settle(2)
    assert (total.received, total.duplicate, bench.spool.waiting("store")) == (2, 1, 1)
    assert len(bench.heard) == 1


async def test_events_that_share_a_time_stay_apart(bench: Bench) -> None:
    same = f'{{"seq": 7, "events": [[{NOW_MS}, 82, 5], [{NOW_MS}, 82, 5], [{NOW_MS}, 1, 2]]}}'.encode()
    bench.publish("arterial/demo/hires/x1", same)
    total = await bench.settle(3)
    assert (total.received, total.duplicate) == (3, 0)
    assert len({r.key_ns for r in bench.heard}) == 3


async def test_the_books_balance_over_a_mixture(bench: Bench) -> None:
    for n in range(200):
        bench.publish(f"arterial/demo/water/w-{n % 20:04}", water(NOW_MS - n // 40) if n % 7 else b"[]")
    total = await bench.settle(200)
    assert total.open == bench.spool.waiting("store")
    assert total.refused == 29
    assert total.duplicate > 0


async def test_nothing_is_acknowledged_while_the_spool_is_full(bench: Bench) -> None:
    bench.spool.max_bytes = 0
    bench.publish("arterial/demo/water/w-0001", water())
    async with asyncio.timeout(5):
        while not bench.ingest.commits.full:
            await asyncio.sleep(0.001)
    assert bench.link.unacknowledged == 1
    bench.spool.max_bytes = 1 << 20
    await bench.settle(1)
    assert bench.link.unacknowledged == 0
