"""How does a message become readings that are safe on disk before it is acknowledged?"""

from __future__ import annotations

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
from gateway.intake.aside import NOBODY, Aside
from gateway.intake.commits import Commits
from gateway.intake.recent import Recent
from gateway.intake.retained import Retained
from gateway.intake.times import Times
from gateway.links.link import Message
from gateway.quality.quality import Quality
from storage.refused import Refused
from storage.spool import Spool

Listener = Callable[[Reading], None]

STAGED_LIMIT: Final = 200_000
"""Readings that may wait for the disk. Beyond it QoS 0 messages are thrown away and counted as overrun; QoS 1
and 2 are always taken, since the broker's window of unacknowledged messages bounds them."""


class Ingest:
    """The one way in: decode, recognise duplicates, tell the listeners, commit, acknowledge.

    `take`, `handle` and `offer` are synchronous and never wait; listeners hear a reading before it is on
    disk, so neither a slow disk nor a dead store reaches control. `commits` puts what is staged on disk, many
    messages in one transaction, and acknowledges them afterwards; `aside` is for what is no reading.
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
        self._sources, self._clock = sources, clock
        self._listeners = tuple(listeners)
        self._recent = Recent()
        self._routes: dict[str, Route] = {}
        self.retained = Retained()
        self.times = Times(clock, late_s)
        self.facts = DeviceFacts(self._routes)
        self.quality = quality or Quality()
        self.commits = Commits(spool, refused, self.times, self.quality, self._tell)
        self.aside = Aside(sources, refused, self.facts, self.commits, clock, self._keep)
        self.overrun = 0

    def take(self, messages: Sequence[Message], otherwise: Callable[[Message], None] | None = None) -> None:
        """Take many messages in order of arrival.

        `otherwise` (mostly `handle`) gets those that are not simply the next record of a known plain sensor.
        """
        otherwise = otherwise or self.handle
        if len(self.commits.staged) > STAGED_LIMIT:
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
        self.commits.staged.take(messages)
        self.commits.staged.records(routes, records, now_ns, marked)
        self.times.measure(routes, records, now_ns)
        self.facts.learn(chosen)
        self.retained.note(messages)
        if self._listeners:
            for place, (route, record) in enumerate(zip(routes, records, strict=True)):
                self._tell(route.reading(record, now_ns, marked.get(place, 0)))
        self.commits.wake()

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
        route_of, opened = self._routes.get, self.commits.open
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
                self.commits.staged.ahead = len(records)
                otherwise(message)
                younger, older = self._recent.younger, self._recent.older
                continue
            if delivery:
                opened.add(delivery)
            key = route.mark + record.t * 1_000_000
            if key in younger or key in older:
                self.commits.staged.repeat(route.typed.kind)
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
        if message.qos == 0 and len(self.commits.staged) > STAGED_LIMIT:
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
            self.aside.refuse(message, bad)
            return
        self.aside.withhold(now_ns)
        route = self._route(message)
        if self.retained.known(message):
            self.commits.staged.repeats(readings)
        else:
            self._keep(self.times.marked(readings, message.retain), route)
            if not message.retain:
                self.facts.readings(readings)
                for promise in self._sources.promised():
                    self.facts.promise(*promise)
        self.commits.staged.take([message])
        self.commits.wake()

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
        known = delivery in self.commits.open
        self.commits.open.add(delivery)
        return known

    def register(self, registered: Mapping[tuple[str, str], Registered]) -> None:
        """From now on these are the registered devices, by site and device."""
        self._forget_routes()
        self._sources.register(registered)

    def offer(self, readings: Sequence[Reading]) -> None:
        """Take arterial's own readings (estimates, decisions, books); they go the same way."""
        if len(self.commits.staged) > STAGED_LIMIT:
            self.overrun += len(readings)
            return
        self._keep(readings)
        self.commits.wake()

    def _keep(self, readings: Sequence[Reading], route: Route | None = None) -> None:
        new, keep = self._recent.add, self.commits.staged.keep
        for reading in readings:
            key = (reading.device, reading.key_ns, reading.kind, reading.site)
            if not new(route.mark + reading.key_ns if route else key):
                self.commits.staged.repeat(reading.kind)
                continue
            keep(reading)
            if reading.quality:
                self.commits.staged.flag(reading)
            self._tell(reading)

    def _tell(self, reading: Reading) -> None:
        for listener in self._listeners:
            listener(reading)
