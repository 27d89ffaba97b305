"""How are ingest, spool, writers and stores put together, opened and closed?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from collectors.declare import declared
from collectors.registry import Devices
from collectors.source import Sources
from gateway.clock import Clock
from gateway.config.settings import Settings
from gateway.devices.attend import Attendance
from gateway.devices.memory import FACTS, keep, load, save
from gateway.devices.register import Registry, beside
from gateway.intake.asking import ask
from gateway.intake.ingest import Ingest, Listener
from gateway.links.link import Link
from gateway.quality.quality import HISTORY, KEPT, Quality
from gateway.quality.watch import watch
from gateway.refused.pump import pump
from storage.books import Books
from storage.connect import connect
from storage.findings import Findings
from storage.refused import Refused
from storage.spool import Spool
from storage.store import Store
from storage.writer import Writer

RETAINED: Final = "retained.msgpack"
"""The file that remembers which retained messages have been heard."""
DRAIN_S: Final = 5.0
"""On the way out the store gets this long to take what the spool holds; the rest waits for the next start."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """From message to stores: the parts, and the tasks that keep them going.

    Every store has a writer and a position in the spool of its own, so that a dead one delays no other. The
    spool keeps a reading until the slowest store has it.
    """

    spool: Spool
    refused: Refused
    ingest: Ingest
    writers: tuple[Writer, ...]
    watch: Callable[[Link], Coroutine[None, None, None]] | None = None
    """Looks for devices that are silent, where all their messages come here."""
    ask: Callable[[Link], Coroutine[None, None, None]] | None = None
    """Sends what formats want to be sent, where any does."""
    devices: Attendance | None = None
    """The registry, and how its changes take effect."""

    @property
    def writer(self) -> Writer:
        """The first store's; its books are the city's."""
        return self.writers[0]

    @property
    def store(self) -> Store:
        """The store that is asked when something is read back: the first."""
        return self.writer.store

    def books(self) -> Books:
        """The books as the first store sees them; reads the disk."""
        return self.spool.books(self.writer.name)

    @asynccontextmanager
    async def moving(self, link: Link) -> AsyncIterator[None]:
        """Commit, acknowledge and write while the block runs; then the stores get DRAIN_S for the rest."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.ingest.commits.run(link), name="ingest")]
            tasks.append(group.create_task(pump(self.refused, self.ingest), name="refused"))
            facts = self.refused.path.with_name(FACTS)
            kept, log_file = facts.with_name(KEPT), facts.parent / "log" / "judge.log"
            tasks.append(group.create_task(self.ingest.quality.run(kept, log_file), name="quality"))
            tasks.append(group.create_task(keep(self.ingest.facts, facts), name="devices"))
            if self.devices is not None:
                tasks.append(group.create_task(self.devices.run(), name="registry"))
            if self.watch is not None:
                tasks.append(group.create_task(self.watch(link), name="health"))
            if self.ask is not None:
                tasks.append(group.create_task(self.ask(link), name="ask"))
            tasks += [group.create_task(w.run(), name=f"writer {w.name}") for w in self.writers]
            try:
                yield
            finally:
                await asyncio.gather(*(writer.drain(DRAIN_S) for writer in self.writers))
                for task in tasks:
                    task.cancel()


@asynccontextmanager
async def opened(
    settings: Settings, var: Path, clock: Clock, listeners: Iterable[Listener] = (), *, whole: bool = True
) -> AsyncIterator[Pipeline]:
    """A pipeline on the files under `var`, closed when the block is left.

    `whole` is false where other processes get some of the messages of the same devices.
    """
    async with AsyncExitStack() as stack:
        written_ns = _written_ns(var)
        spool = Spool(var / "spool.sqlite", settings.spool.max_mb << 20)
        stack.callback(spool.close)
        refused = Refused(var / "refused.sqlite", settings.spool.refused_max_mb << 20)
        stack.callback(refused.close)
        spool.keep_for([wanted.label for wanted in settings.destinations])
        sources = read_sources(settings)
        history = Findings(var / HISTORY)
        stack.callback(history.close)
        quality = Quality(settings.quality, history, whole=whole)
        ingest = Ingest(sources, spool, refused, clock, listeners, _late_s(settings), quality)
        ingest.times.trust(written_ns)
        ingest.retained.load(var / RETAINED)
        stack.callback(ingest.retained.save, var / RETAINED)
        load(ingest.facts, var / FACTS)
        stack.callback(save, ingest.facts, var / FACTS)
        quality.load(var / KEPT)
        stack.callback(quality.save, var / KEPT)
        devices = _attended(settings, var, refused, ingest, stack)
        writers = []
        for wanted in settings.destinations:
            store = await connect(wanted.kind, wanted.settings, var)
            stack.push_async_callback(store.close)
            writers.append(Writer(store, spool, ingest.aside.reject, name=wanted.label))
        asking = partial(ask, sources, clock) if sources.speaks else None
        watching = partial(watch, ingest, clock, settings.city.site, devices.registry) if whole else None
        yield Pipeline(spool, refused, ingest, tuple(writers), watching, asking, devices)


def read_sources(settings: Settings) -> Sources:
    """The sources of the settings, with the devices each of them knows."""
    home = settings.city.site
    usual = settings.registry.registration
    sources = [
        declared(
            *(s.topic, s.format, s.kind, s.site, s.terms, home),
            register=(s.registration or usual) == "required",
        )
        for s in settings.sources
    ]
    return Sources(sources, Devices(_known(settings)))


def _attended(
    settings: Settings, var: Path, refused: Refused, ingest: Ingest, stack: AsyncExitStack
) -> Attendance:
    """The registry of the city, with what its file declares."""
    registry = Registry(beside(var))
    stack.callback(registry.close)
    registry.declare(settings.devices, settings.city.site, time.time_ns())
    found = Attendance(registry, refused, ingest)
    found.begin()
    return found


def _known(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The devices of each kind over all its sources; a kind with one open source is open."""
    known: dict[str, tuple[str, ...]] = {}
    for source in settings.sources:
        before = known.get(source.kind)
        open_kind = not source.devices or before == ()
        known[source.kind] = () if open_kind else (*(before or ()), *source.devices)
    return known


def _written_ns(var: Path) -> int:
    """When the spool was last written to: it is not earlier now, whatever the computer's clock says."""
    return max([file.stat().st_mtime_ns for file in var.glob("spool.sqlite*")], default=0)


def _late_s(settings: Settings) -> dict[str, float]:
    """From when on a reading of each kind is late: the longest of its sources, where 0 is never."""
    found: dict[str, float] = {}
    for source in settings.sources:
        both = (source.late_s, found.get(source.kind, source.late_s))
        found[source.kind] = max(both) if all(both) else 0.0
    return found
