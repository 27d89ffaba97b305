"""How does one run the ingest path alone, without control and board?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.clock import SystemClock
from gateway.config.settings import Settings
from gateway.intake.pipeline import Pipeline, opened
from gateway.links.link import Link, Message
from gateway.topics import control
from storage.store import Store


@dataclass(frozen=True, slots=True)
class IngestOnly:
    """A running ingest path: its books and its store."""

    pipeline: Pipeline

    @property
    def store(self) -> Store:
        """Where its readings come to rest."""
        return self.pipeline.store

    def books(self) -> dict[str, int]:
        """Readings received, stored, refused, duplicate and waiting, over all kinds; reads the disk."""
        return self.pipeline.books().totals()


@asynccontextmanager
async def ingest_only(
    settings: Settings, link: Link, var: Path, *, whole: bool = True
) -> AsyncIterator[IngestOnly]:
    """Messages of `link` through ingest into the store while the block runs; no cabinet is commanded.

    `whole` is false where other processes get some of the messages of the same devices.
    """
    async with (
        opened(settings, var, SystemClock(), whole=whole) as pipeline,
        pipeline.moving(link),
        asyncio.TaskGroup() as group,
    ):
        tasks = [
            group.create_task(link.run(), name="link"),
            group.create_task(_receive(link, pipeline, settings.city.site), name="receive"),
        ]
        yield IngestOnly(pipeline)
        for task in tasks:
            task.cancel()


async def _receive(link: Link, pipeline: Pipeline, site: str) -> None:
    """Commands, replies and the clock are for those who control: no readings, and nothing to refuse."""
    ingest = pipeline.ingest

    def one(message: Message) -> None:
        if control(message.topic, site) is None:
            ingest.handle(message)
        else:
            link.ack(message)

    async for batch in link.batches():
        ingest.take(batch, one)
