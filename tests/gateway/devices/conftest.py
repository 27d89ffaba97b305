"""An ingest path with a registry, as a city has it, on a memory link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collectors.declare import declared
from collectors.reading import Reading
from collectors.source import Sources
from collectors.terms import Terms
from gateway.devices.attend import Attendance
from gateway.devices.desk import Desk
from gateway.devices.register import Change, Registry
from gateway.intake.ingest import Ingest
from gateway.links.memory_link import MemoryLink
from gateway.refused.pump import pump
from storage.books import Account
from storage.refused import Refused
from storage.spool import Spool

NOW_MS = 1_790_000_000_000


class SettableClock:
    """Stands still until it is told otherwise."""

    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0
    ms = NOW_MS

    def now_ns(self) -> int:
        return self.ms * 1_000_000


@dataclass
class Bench:
    """A city's way in: what its listener heard, what its trail was told."""

    ingest: Ingest
    link: MemoryLink
    spool: Spool
    refused: Refused
    attendance: Attendance
    clock: SettableClock
    heard: list[Reading] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        return self.attendance.registry

    @property
    def desk(self) -> Desk:
        return Desk(self.registry, self.refused, self.ingest.facts.every, self.ingest.times.clocks)

    async def say(self, topic: str, payload: bytes) -> None:
        """Publish, and wait until it is acknowledged."""
        self.link.deliver(topic, payload)
        await self.until(lambda: not self.link.unacknowledged)

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not so():
                await asyncio.sleep(0.002)

    def books(self) -> Account:
        return self.spool.books("store").total


SOURCES = (
    ("arterial/{site}/water/{device}", "json", "water", Terms()),
    ("ngsi/all", "ngsi", "water", Terms(time_unit="arrival")),
    ("spBv1.0/G/#", "sparkplug", "water", Terms(fields={"volume_m3": "volume"})),
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Water meters of three formats, of which only registered ones may speak; power meters are open."""
    sources = [declared(t, f, k, "", terms, "demo", register=True) for t, f, k, terms in SOURCES]
    sources.append(declared("senml/{device}", "senml", "measurement", "", Terms(), "demo"))
    sources.append(declared("arterial/{site}/power/{device}", "json", "power", "", Terms(), "demo"))
    spool, refused = Spool(tmp_path / "spool.sqlite"), Refused(tmp_path / "refused.sqlite")
    heard: list[Reading] = []
    clock = SettableClock()
    ingest, link = Ingest(Sources(sources), spool, refused, clock, [heard.append]), MemoryLink()
    spool.position("store")
    registry = Registry(tmp_path / "registry.sqlite")
    registry.declare([], "demo", 1)
    attendance = Attendance(registry, refused, ingest)
    attendance.begin()
    made = Bench(ingest, link, spool, refused, attendance, clock, heard)
    attendance.hear = made.changes.append

    async def receive() -> None:
        async for batch in link.batches():
            ingest.take(batch)

    works = (receive(), ingest.commits.run(link), pump(refused, ingest, 0.01), attendance.run(0.01))
    tasks = [asyncio.create_task(work) for work in works]
    yield made
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    spool.close()
    refused.close()
    registry.close()
