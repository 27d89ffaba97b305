"""How does a recorded high-resolution log reach the store as if its cabinets spoke now?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import msgspec

from gateway.intake.backlog import PATIENCE_S, Backlog, BacklogError
from gateway.links.link import LinkDown
from gateway.replay.hires_log import HiresLog, LoggedEvent
from storage.store import Store, StoreUnavailable

IN_FLIGHT: Final = 256
"""Messages sent and not yet acknowledged by the broker."""
BATCH_LIMIT: Final = 50
"""Events in one message."""

Publish = Callable[[str, bytes], Awaitable[None]]
Progress = Callable[[int], None]


class Pipeline(Protocol):
    """The running ingest: its books and its store."""

    @property
    def store(self) -> Store: ...
    def books(self) -> Mapping[str, int]: ...


class ReplayError(Exception):
    """The replay cannot go on; the text says what it waited for. Run it again to finish it."""


class Batch(NamedTuple):
    """The events of one message: the running number of the first, and (t_ms, code, parameter) each."""

    device: str
    seq: int
    events: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a log: the books of this run, and how many of its events the store gives back."""

    events: int
    found: int
    books: Mapping[str, int]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether the store holds every event of the log."""
        return self.found == self.events


@dataclass(slots=True)
class Replay:
    """One run of a log through MQTT. `speed` is log seconds per second; None is as fast as it goes.

    An event is numbered by its row among the rows of its device, so its key in the store is the same every
    time: a second run of the same file keeps nothing twice, and a run after an interrupted one completes it.
    """

    log: HiresLog
    pipeline: Pipeline
    publish: Publish
    site: str
    speed: float | None = None
    progress: Progress = lambda _: None
    _sent: int = field(default=0, init=False)
    _started: float = field(default=0.0, init=False)

    async def run(self) -> Outcome:
        """Send, wait until the books balance with nothing waiting, look in the store. Raises ReplayError."""
        started = time.monotonic()
        backlog = Backlog(self.pipeline.books)
        try:
            await backlog.settle()
            async with asyncio.TaskGroup() as tasks:
                await self._send_all(tasks, backlog)
            await backlog.settle()
            seconds = time.monotonic() - started
            return Outcome(self.log.events, await self._read_back(), backlog.since(), seconds)
        except* (BacklogError, LinkDown, StoreUnavailable) as group:
            raise ReplayError(str(_first(group))) from None

    async def _send_all(self, tasks: asyncio.TaskGroup, backlog: Backlog) -> None:
        self._started = time.monotonic()
        room = asyncio.Semaphore(IN_FLIGHT)
        next_seq: Counter[str] = Counter()
        chunks = self.log.chunks()
        while chunk := await asyncio.to_thread(next, chunks, None):
            for batch in batches(chunk, next_seq, span_ms=100 if self.speed else 1000):
                await backlog.room()
                await self._due(batch)
                await room.acquire()
                tasks.create_task(self._send(batch, room), name="replay-send")
                backlog.sent(len(batch.events))
                self._sent += len(batch.events)
                self.progress(self._sent)

    async def _send(self, batch: Batch, room: asyncio.Semaphore) -> None:
        """Publish, again and again while the broker is away: the key makes a second copy harmless."""
        topic = f"arterial/{self.site}/hires/{batch.device}"
        payload = msgspec.json.encode({"seq": batch.seq, "events": batch.events})
        give_up = time.monotonic() + PATIENCE_S
        try:
            while True:
                try:
                    return await self.publish(topic, payload)
                except LinkDown:
                    if time.monotonic() > give_up:
                        raise
                    await asyncio.sleep(0.25)
        finally:
            room.release()

    async def _due(self, batch: Batch) -> None:
        if self.speed:
            due = self._started + (batch.events[-1][0] - self.log.first_ms) / 1000 / self.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _read_back(self) -> int:
        found, chunks = 0, self.log.chunks()
        while chunk := await asyncio.to_thread(next, chunks, None):
            found += (Counter(chunk) & await self._stored(chunk)).total()
        return found

    async def _stored(self, chunk: list[LoggedEvent]) -> Counter[LoggedEvent]:
        """What the store holds of the chunk's devices in the chunk's time."""
        start_ns, end_ns = chunk[0].at_ms * 1_000_000, (chunk[-1].at_ms + 1) * 1_000_000
        stored: Counter[LoggedEvent] = Counter()
        for device in {event.device for event in chunk}:
            found = await self.pipeline.store.events(device, start_ns, end_ns)
            columns = ((found.at_ns // 1_000_000).tolist(), found.code.tolist(), found.param.tolist())
            stored.update(
                LoggedEvent(at, device, code, param) for at, code, param in zip(*columns, strict=True)
            )
        return stored


def batches(
    events: Iterable[LoggedEvent], next_seq: Counter[str], span_ms: int, limit: int = BATCH_LIMIT
) -> Iterator[Batch]:
    """Group events of one device and one `span_ms` into messages of at most `limit`, in order of time.

    Events are numbered per device, counting on in `next_seq`.
    """
    open_: dict[str, Batch] = {}
    span = None
    for event in events:
        if event.at_ms // span_ms != span:
            yield from open_.values()
            open_, span = {}, event.at_ms // span_ms
        if event.device in open_ and len(open_[event.device].events) >= limit:
            yield open_.pop(event.device)
        batch = open_.setdefault(event.device, Batch(event.device, next_seq[event.device], []))
        batch.events.append((event.at_ms, event.code, event.param))
        next_seq[event.device] += 1
    yield from open_.values()


def _first(group: BaseException) -> BaseException:
    """The first single error in a group of groups."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
