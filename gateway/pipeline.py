"""How are ingest, spool, writer and store put together, opened and closed?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.registry import Devices
from collectors.source import Source, Sources
from gateway.clock import Clock
from gateway.ingest import Ingest, Listener
from gateway.link import Link
from gateway.settings import Settings
from storage.books import Books
from storage.connect import connect
from storage.refused import Refused
from storage.spool import Spool
from storage.store import Store
from storage.writer import Writer

DRAIN_S: Final = 5.0
"""On the way out the store gets this long to take what the spool holds; the rest waits for the next start."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """From message to store: the parts, and the tasks that keep them going."""

    spool: Spool
    refused: Refused
    ingest: Ingest
    writer: Writer
    store: Store

    def books(self) -> Books:
        """The books as the store sees them; reads the disk."""
        return self.spool.books(self.store.name)

    @asynccontextmanager
    async def moving(self, link: Link) -> AsyncIterator[None]:
        """Commit, acknowledge and write while the block runs; then the store gets DRAIN_S for the rest."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.ingest.run(link), name="ingest"),
                group.create_task(self.writer.run(), name="writer"),
            ]
            try:
                yield
            finally:
                await self.writer.drain(DRAIN_S)
                for task in tasks:
                    task.cancel()


@asynccontextmanager
async def opened(
    settings: Settings, var: Path, clock: Clock, listeners: Iterable[Listener] = ()
) -> AsyncIterator[Pipeline]:
    """A pipeline on the files under `var`, closed when the block is left."""
    spool = Spool(var / "spool.sqlite", settings.spool.max_mb << 20)
    refused = Refused(var / "refused.sqlite", settings.spool.refused_max_mb << 20)
    store = await connect(settings.store.kind, settings.store.settings, var)
    try:
        spool.keep_for([store.name])
        sources = read_sources(settings)
        ingest = Ingest(sources, spool, refused, clock, listeners)
        writer = Writer(store, spool, ingest.reject)
        yield Pipeline(spool, refused, ingest, writer, store)
    finally:
        await store.close()
        spool.close()
        refused.close()


def read_sources(settings: Settings) -> Sources:
    """The sources of the settings, with the devices each of them knows."""
    sources = [Source(s.topic, s.format, s.kind, s.site) for s in settings.sources]
    return Sources(sources, Devices(_known(settings)))


def _known(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The devices of each kind over all its sources; a kind with one open source is open."""
    known: dict[str, tuple[str, ...]] = {}
    for source in settings.sources:
        before = known.get(source.kind)
        open_kind = not source.devices or before == ()
        known[source.kind] = () if open_kind else (*(before or ()), *source.devices)
    return known
