"""How does a message become readings that are safe on disk before it is acknowledged?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from collectors.reading import BadPayload, Reading
from collectors.source import Sources
from gateway.clock import Clock
from gateway.links.link import Link, Message
from storage.books import Column, Entry
from storage.refused import REJECTED, Refused, RefusedPayload
from storage.spool import Spool, SpoolFull

log = logging.getLogger(__name__)

Listener = Callable[[Reading], None]

REMEMBERED: Final = 65_536
"""Readings remembered at least, to recognise what the broker delivers twice; stores recognise older ones.
MQTT knows no more unacknowledged messages than that."""
GATHER_S: Final = 0.05
GATHER_FROM: Final = 50
"""Where so many messages come between two commits, the next one waits GATHER_S for more to share its
fsync. A broker that hands out only few at a time (mosquitto's default is 20) is answered at once."""
STAGED_LIMIT: Final = 200_000
"""Readings that may wait for the disk. Beyond it QoS 0 messages are thrown away and counted as overrun; QoS 1
and 2 are always taken, since the broker's window of unacknowledged messages bounds them."""
FULL_PAUSE_S: Final = 1.0


class Stage:
    """What has been taken and waits for the disk: readings, refusals, and messages to acknowledge then."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.read: list[Message] = []
        """Those of `messages` that were readings."""
        self.readings: list[Reading] = []
        self.refusals: list[RefusedPayload] = []
        self._entries: Counter[tuple[Column, str]] = Counter()

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.messages or self.read or self.readings or self.refusals or self._entries)

    def refuse(self, refusal: RefusedPayload, kind: str) -> None:
        """Keep a payload that is no reading; it counts as one received and one refused."""
        self.refusals.append(refusal)
        self._entries["received", kind] += 1
        self._entries["refused", kind] += 1

    def repeat(self, kind: str) -> None:
        """Count a reading that came before."""
        self._entries["received", kind] += 1
        self._entries["duplicate", kind] += 1

    def entries(self) -> list[Entry]:
        """For the books, beyond the readings themselves."""
        return [(column, kind, n) for (column, kind), n in self._entries.items()]


Key = tuple[str, int, str, str]
"""Device, instant, kind and site of a reading."""


class Recent:
    """The last `size` keys and up to as many more, whatever the number of devices; two sets take turns."""

    __slots__ = ("_older", "_size", "_younger")

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._younger: set[Key] = set()
        self._older: set[Key] = set()

    def __len__(self) -> int:
        return len(self._younger) + len(self._older)

    def add(self, key: Key) -> bool:
        """Remember `key`; False when it was there already."""
        if key in self._younger or key in self._older:
            return False
        self._younger.add(key)
        if len(self._younger) >= self._size:
            self._older, self._younger = self._younger, set()
        return True


class Ingest:
    """The one way in: decode, recognise duplicates, tell the listeners, commit, acknowledge.

    `handle` and `offer` are synchronous and never wait; listeners hear a reading before it is on disk, so
    neither a slow disk nor a dead store reaches control. `run` commits what is staged, many messages in one
    transaction, and acknowledges them afterwards.
    """

    def __init__(
        self,
        sources: Sources,
        spool: Spool,
        refused: Refused,
        clock: Clock,
        listeners: Iterable[Listener] = (),
    ) -> None:
        self._sources, self._spool, self._refused, self._clock = sources, spool, refused, clock
        self._listeners = tuple(listeners)
        self._staged = Stage()
        self._committing = 0
        self._wake = asyncio.Event()
        self._recent = Recent()
        self._open: set[tuple[int, int]] = set()
        self.overrun = 0
        self.full = ""
        """Why the spool takes nothing at present; empty while it does."""

    def handle(self, message: Message) -> None:
        """Take one message from the link; it is acknowledged once what it said is safe."""
        if message.qos == 0 and len(self._staged.readings) > STAGED_LIMIT:
            self.overrun += 1
            return
        if self._known(message):
            return
        now_ns = self._clock.now_ns() or message.received_ns
        try:
            readings = self._sources.read(message.topic, message.payload, now_ns)
        except BadPayload as bad:
            self.refuse(message, bad)
            return
        self._take(readings)
        if message.qos:
            self._staged.messages.append(message)
        self._staged.read.append(message)
        self._wake.set()

    def _known(self, message: Message) -> bool:
        """Whether this is a delivery that waits for its acknowledgement already: some brokers ask again."""
        if not message.mid:  # QoS 0, or nobody to acknowledge it to
            return False
        delivery = (message.connection, message.mid)
        known = delivery in self._open
        self._open.add(delivery)
        return known

    def again(self, message: Message, readings: Sequence[Reading]) -> None:
        """Take readings that a store has rejected once more; `message` is what the refused payloads keep."""
        self._staged.readings += readings
        self._staged.read.append(message)
        self._wake.set()

    def refuse(self, message: Message, bad: BadPayload) -> None:
        """Keep a message that says nothing we can use; it is acknowledged once it is kept."""
        at_ns = self._clock.now_ns() or message.received_ns
        refusal = RefusedPayload(message.topic, message.payload, bad.reason, bad.detail, at_ns)
        self._staged.refuse(refusal, self._sources.kind_of(message.topic))
        self._staged.messages.append(message)
        self._wake.set()

    def offer(self, readings: Sequence[Reading]) -> None:
        """Take arterial's own readings (estimates, decisions, books); they go the same way."""
        if len(self._staged.readings) > STAGED_LIMIT:
            self.overrun += len(readings)
            return
        self._take(readings)
        self._wake.set()

    async def reject(self, readings: Sequence[Reading], why: str) -> None:
        """Keep readings that a store will never take; on disk on return. The writer does the books."""
        now_ns = self._clock.now_ns()
        payloads = [
            RefusedPayload(f"{r.kind}/{r.device}", msgspec.json.encode(r), REJECTED, why, now_ns)
            for r in readings
        ]
        await asyncio.to_thread(self._refused.keep_all, payloads)

    @property
    def waiting(self) -> int:
        """Readings taken and not yet on disk."""
        return len(self._staged.readings) + self._committing

    async def run(self, link: Link) -> None:
        """Commit and acknowledge until cancelled; what is staged at that moment is committed first."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                acknowledged = await self._commit(link)
                if not acknowledged or acknowledged >= GATHER_FROM:  # nobody waits, or many come
                    await asyncio.sleep(GATHER_S)
        finally:
            if not self._staged.empty:
                batch, self._staged = self._staged, Stage()
                self._last(batch, link)

    def _last(self, batch: Stage, link: Link) -> None:
        try:
            self._write(batch)
        except SpoolFull as full:
            log.warning(
                "%d messages are not acknowledged, the broker keeps them: %s", len(batch.messages), full
            )
        else:
            self._acknowledge(batch, link)

    def _acknowledge(self, batch: Stage, link: Link) -> None:
        for message in batch.messages:
            self._open.discard((message.connection, message.mid))
            link.ack(message)

    async def _commit(self, link: Link) -> int:
        """Returns how many messages have been acknowledged."""
        batch, self._staged = self._staged, Stage()
        self._committing = len(batch.readings)
        while True:
            try:
                await asyncio.to_thread(self._write, batch)
            except SpoolFull as full:
                if not self.full:
                    log.warning("no acknowledgements until there is room: %s", full)
                self.full = str(full)
                await asyncio.sleep(FULL_PAUSE_S)
            else:
                break
        if self.full:
            log.warning("there is room again, acknowledging")
        self.full = ""
        self._committing = 0
        self._acknowledge(batch, link)
        return len(batch.messages)

    def _write(self, batch: Stage) -> None:
        if batch.refusals:
            self._refused.keep_all(batch.refusals)
            batch.refusals.clear()
        self._spool.append(batch.readings, batch.entries())
        with contextlib.suppress(SpoolFull):  # then it stays, and is a duplicate when it is sent again
            self._refused.accept((message.topic, message.payload) for message in batch.read)

    def _take(self, readings: Sequence[Reading]) -> None:
        new, keep = self._recent.add, self._staged.readings.append
        for reading in readings:
            if not new((reading.device, reading.at_ns + reading.tie, reading.kind, reading.site)):
                self._staged.repeat(reading.kind)
                continue
            keep(reading)
            for listener in self._listeners:
                listener(reading)
