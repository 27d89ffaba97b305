"""How does a message become readings that are safe on disk before it is acknowledged?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from collectors.kind import SHORT_BYTES
from collectors.reading import BadPayload, Reading
from collectors.registry import Registered
from collectors.source import TOPICS, Sources
from collectors.typed import Route
from gateway.clock import Clock
from gateway.devices.facts import DeviceFacts
from gateway.intake.recent import Recent
from gateway.intake.retained import Retained
from gateway.intake.stage import Stage, append
from gateway.intake.times import Times
from gateway.links.link import Link, Message
from gateway.quality.quality import Quality
from storage.refused import READING, REJECTED, Refused, RefusedPayload
from storage.spool import Spool, SpoolFull

log = logging.getLogger(__name__)

Listener = Callable[[Reading], None]

NOBODY: Final = -1
"""The connection of a message that no broker waits for."""
GATHER_S: Final = 0.1
GATHER_STEP_S: Final = 0.02
GATHER_FROM: Final = 50
GATHER_MESSAGES: Final = 1_500
"""Where at least GATHER_FROM messages come between two commits, the next one waits for more to share its
fsync: at most GATHER_S, not beyond GATHER_MESSAGES, and not while none come. A broker that hands out only few
at a time (mosquitto's default is 20) is answered at once."""
STAGED_LIMIT: Final = 200_000
"""Readings that may wait for the disk. Beyond it QoS 0 messages are thrown away and counted as overrun; QoS 1
and 2 are always taken, since the broker's window of unacknowledged messages bounds them."""
FULL_PAUSE_S: Final = 1.0


class Ingest:
    """The one way in: decode, recognise duplicates, tell the listeners, commit, acknowledge.

    `take`, `handle` and `offer` are synchronous and never wait; listeners hear a reading before it is on
    disk, so neither a slow disk nor a dead store reaches control. `run` commits what is staged, many messages
    in one transaction, and acknowledges them afterwards.
    """

    def __init__(
        self,
        sources: Sources,
        spool: Spool,
        refused: Refused,
        clock: Clock,
        listeners: Iterable[Listener] = (),
        late_s: Mapping[str, float] | None = None,
        quality: Quality | None = None,
    ) -> None:
        self._sources, self._spool, self._refused, self._clock = sources, spool, refused, clock
        self._listeners = tuple(listeners)
        self._staged = Stage()
        self._committing = 0
        self._wake = asyncio.Event()
        self._recent = Recent()
        self._open: set[int] = set()
        self._routes: dict[str, Route] = {}
        self.retained = Retained()
        self.times = Times(clock, late_s)
        self.facts = DeviceFacts(self._routes)
        self.quality = quality or Quality()
        self.overrun = 0
        self.full = ""
        """Why the spool takes nothing at present; empty while it does."""

    def take(self, messages: Sequence[Message], otherwise: Callable[[Message], None] | None = None) -> None:
        """Take many messages in order of arrival.

        `otherwise` (mostly `handle`) gets those that are not simply the next record of a known plain sensor.
        """
        otherwise = otherwise or self.handle
        if len(self._staged) > STAGED_LIMIT:
            for message in messages:
                otherwise(message)
            return
        now_ns = self._clock.now_ns() or messages[0].received_ns
        routes: list[Route] = []
        records: list[Any] = []
        marked: dict[int, int] = {}
        chosen = self.facts.chosen(messages)
        missed = self._records(messages, now_ns, otherwise, routes, records, marked)
        if missed:
            messages = [message for message in messages if id(message) not in missed]
        self._recent.turn()
        self._staged.take(messages)
        self._staged.records(routes, records, now_ns, marked)
        self.times.measure(routes, records, now_ns)
        self.facts.learn(chosen)
        self.retained.note(messages)
        if self._listeners:
            for place, (route, record) in enumerate(zip(routes, records, strict=True)):
                self._tell(route.reading(record, now_ns, marked.get(place, 0)))
        self._wake.set()

    def _records(
        self,
        messages: Sequence[Message],
        now_ns: int,
        otherwise: Callable[[Message], None],
        routes: list[Route],
        records: list[Any],
        marked: dict[int, int],
    ) -> set[int]:
        """Add the records of plain sensors to `routes` and `records`, and to `marked` the flags of those that
        are late or early, by place; returns the ids of what was given to `otherwise`. The hot loop."""
        missed: set[int] = set()
        route_of, opened = self._routes.get, self._open
        younger, older = self._recent.younger, self._recent.older
        add_route, add_record = routes.append, records.append
        first, last = self.times.possible_ms(now_ns)
        earliest, latest = self.times.ordinary_ms(now_ns)
        for message in messages:
            route, record = route_of(message.topic), None
            delivery = message.connection << 16 | message.mid if message.mid else 0
            if route is not None and not message.retain and len(message.payload) <= SHORT_BYTES:
                try:  # noqa: SIM105 - a context manager costs as much as the decoding
                    record = route.decode(message.payload)
                except (msgspec.DecodeError, ValueError):
                    pass
            if route is None or record is None or not first <= record.t <= last or delivery in opened:
                missed.add(id(message))
                self._staged.ahead = len(records)
                otherwise(message)
                younger, older = self._recent.younger, self._recent.older
                continue
            if delivery:
                opened.add(delivery)
            key = route.mark + record.t * 1_000_000
            if key in younger or key in older:
                self._staged.repeat(route.typed.kind)
                continue
            younger.add(key)
            if not earliest <= record.t <= latest:
                flags = self.times.clocks.flags(route.typed.kind, record.t * 1_000_000, now_ns)
                if flags:
                    marked[len(records)] = flags
            add_route(route)
            add_record(record)
            route.count += 1
            route.last, route.last_ns = record, now_ns
        return missed

    def handle(self, message: Message) -> None:
        """Take one message from the link; it is acknowledged once what it said is safe."""
        if message.qos == 0 and len(self._staged) > STAGED_LIMIT:
            self.overrun += 1
            return
        if self._known(message):
            return
        now_ns = self._clock.now_ns() or message.received_ns
        try:
            again = message.connection == NOBODY  # of a payload that was kept, and came when it came
            came_ns = message.received_ns if again else now_ns
            readings = self.times.read(self._sources, message, came_ns or now_ns)
        except BadPayload as bad:
            self.refuse(message, bad)
            return
        self._withhold(now_ns)
        route = self._route(message)
        if self.retained.known(message):
            self._staged.repeats(readings)
        else:
            self._keep(self.times.marked(readings, message.retain), route)
            if not message.retain:
                self.facts.readings(readings)
                for promise in self._sources.promised():
                    self.facts.promise(*promise)
        self._staged.take([message])
        self._wake.set()

    def _route(self, message: Message) -> Route | None:
        """The route of a plain sensor, remembered for `take`; None for other topics."""
        found = self._routes.get(message.topic) or self._sources.route(message.topic)
        if found is not None and message.connection != NOBODY:
            if len(self._routes) >= TOPICS:
                self._forget_routes()
            self._routes[message.topic] = found
        return found

    def _forget_routes(self) -> None:
        self.facts.settle()
        self._routes.clear()

    def _known(self, message: Message) -> bool:
        """Whether this is a delivery that waits for its acknowledgement already: some brokers ask again."""
        if not message.mid:  # QoS 0, or nobody to acknowledge it to
            return False
        delivery = message.connection << 16 | message.mid
        known = delivery in self._open
        self._open.add(delivery)
        return known

    def register(self, registered: Mapping[tuple[str, str], Registered]) -> None:
        """From now on these are the registered devices, by site and device."""
        self._forget_routes()
        self._sources.register(registered)

    def restore(self, message: Message, readings: Sequence[Reading]) -> None:
        """Take readings that were withheld until their devices were approved; raises BadPayload."""
        for reading in readings:
            self._sources.admits(reading)
        self._keep(readings)
        self._staged.read.append(message)
        self._wake.set()

    def again(self, message: Message, readings: Sequence[Reading]) -> None:
        """Take readings that a store has rejected once more; `message` is what the refused payloads keep."""
        for reading in readings:
            self._staged.keep(reading)
        self._staged.read.append(message)
        self._wake.set()

    def refuse(self, message: Message, bad: BadPayload) -> None:
        """Keep a message that says nothing we can use; it is acknowledged once it is kept."""
        at_ns = self._clock.now_ns() or message.received_ns
        named = self._sources.named(message.topic)
        if named is not None:
            self.facts.refused(*named, at_ns)
        refusal = RefusedPayload(
            message.topic, message.payload, bad.reason, bad.detail, at_ns, subject=bad.subject
        )
        self._staged.refuse(refusal, self._sources.kind_of(message.topic))
        self._staged.messages.append(message)
        self._wake.set()

    def _withhold(self, now_ns: int) -> None:
        """Keep the readings of devices in quarantine whose messages mean nothing by themselves."""
        for reading, bad in self._sources.withheld():
            topic = f"{READING}{reading.kind}/{reading.device}"
            payload, subject = msgspec.json.encode(reading), bad.subject
            refusal = RefusedPayload(topic, payload, bad.reason, bad.detail, now_ns, subject=subject)
            self._staged.refuse(refusal, reading.kind)

    def offer(self, readings: Sequence[Reading]) -> None:
        """Take arterial's own readings (estimates, decisions, books); they go the same way."""
        if len(self._staged) > STAGED_LIMIT:
            self.overrun += len(readings)
            return
        self._keep(readings)
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
        return len(self._staged) + self._committing

    async def run(self, link: Link) -> None:
        """Commit and acknowledge until cancelled; what is staged at that moment is committed first."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                acknowledged = await self._commit(link)
                if not acknowledged or acknowledged >= GATHER_FROM:  # nobody waits, or many come
                    await self._gather()
        finally:
            if not self._staged.empty:
                batch, self._staged = self._staged, Stage()
                self._last(batch, link)

    async def _gather(self) -> None:
        """Let more messages come for one commit, as long as they do and those who wait need not wait long."""
        loop, before = asyncio.get_running_loop(), 0
        until_s = loop.time() + GATHER_S
        while loop.time() < until_s:
            await asyncio.sleep(GATHER_STEP_S)
            now = len(self._staged.messages)
            if now >= GATHER_MESSAGES or 0 < now == before:
                return
            before = now

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
        messages = batch.messages
        self._open.difference_update([message.connection << 16 | message.mid for message in messages])
        link.ack_all(messages)

    async def _commit(self, link: Link) -> int:
        """Returns how many messages have been acknowledged."""
        self.times.look()
        batch, self._staged = self._staged, Stage()
        self._committing = len(batch)
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
        for reading in batch.worth_telling:
            self._tell(reading)
        return len(batch.messages)

    def _write(self, batch: Stage) -> None:
        if batch.refusals:
            self._refused.keep_all(batch.refusals)
            batch.refusals.clear()
        self.quality.judge(batch)
        append(self._spool, batch)
        with contextlib.suppress(SpoolFull):  # then it stays, and is a duplicate when it is sent again
            self._refused.accept((message.topic, message.payload) for message in batch.read)

    def _keep(self, readings: Sequence[Reading], route: Route | None = None) -> None:
        new, keep = self._recent.add, self._staged.keep
        for reading in readings:
            key = (reading.device, reading.key_ns, reading.kind, reading.site)
            if not new(route.mark + reading.key_ns if route else key):
                self._staged.repeat(reading.kind)
                continue
            keep(reading)
            if reading.quality:
                self._staged.flag(reading)
            self._tell(reading)

    def _tell(self, reading: Reading) -> None:
        for listener in self._listeners:
            listener(reading)
