"""How do the parts become one running program?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.reading import BadPayload, Reading, Reason, Value
from gateway import topics
from gateway.access.journal import Journal, keep_record
from gateway.alarms.looking import cabinets, program
from gateway.alarms.room import AlarmRoom
from gateway.alarms.settings import tables
from gateway.all_cabinets import AllCabinets
from gateway.audit.city_trail import begun, changes, lights, registry_change
from gateway.audit.recorder import Recorder
from gateway.cabinet import Outside, Reply
from gateway.cityview import describe
from gateway.clock import BadClock, Clock, FollowedClock, SystemClock
from gateway.config.settings import Settings
from gateway.desk.desk import Desk
from gateway.desk.roller import Roller
from gateway.desk.workbench import Workbench
from gateway.explain.why import ExplainError, Why, why
from gateway.intake.ingest import Listener
from gateway.intake.ingest_only import ingest_only
from gateway.intake.pipeline import Pipeline, opened, read_sources
from gateway.links.link import Link, Message
from gateway.live import LiveCity
from gateway.messages.desk import Messages
from gateway.metrics import CityCollector, Exposition
from gateway.moments import moment_ns
from gateway.operate.operation import operation
from gateway.operate.route import Wish
from gateway.panels.pipeline import PipelinePanel
from gateway.quality.quality import Quality
from gateway.signals import Signals
from gateway.warm import compile_beside
from signal_control.operation.modes import Order
from signal_control.status import Command

__all__ = ["App", "ingest_only", "make_clock", "running", "subscriptions"]

log = logging.getLogger(__name__)

REFRESH_S: Final = 1.0
BOOKS_S: Final = 10.0
OUTBOX: Final = 256


class App:
    """One city: readings in, greens out. Also the board's view of it."""

    def __init__(
        self,
        settings: Settings,
        link: Link,
        pipeline: Pipeline,
        live: LiveCity,
        clock: Clock,
        geometry: Mapping[str, object] | None,
        alarms: AlarmRoom,
        audit: Recorder | None = None,
    ) -> None:
        self._settings, self._link, self._pipeline = settings, link, pipeline
        self._live, self._clock = live, clock
        self._signals = live.signals
        self._geometry, self._audit, self.alarms = geometry, audit, alarms
        outside = Outside(settings.city.site, clock, link, pipeline.ingest.offer, self._reply)
        city, name = settings.city, settings.city.name or settings.city.site
        self.messages = Messages(city.site, name, city.timezone, settings.feed, alarms.var, clock)
        alarms.listen(lambda h: self.messages.heard(h, alarms))
        self._cabinets = AllCabinets(settings.intersections, settings.cabinets, outside)
        self._panel = PipelinePanel(pipeline.spool, pipeline.refused, pipeline.ingest, pipeline.writers, link)
        self._exposition = Exposition(
            CityCollector(pipeline, link, live.signals, clock, self._cabinets.faults)
        )
        self.devices = pipeline.devices
        if self.devices is not None and audit is not None:
            self.devices.hear = registry_change(audit)
        self._outbox: asyncio.Queue[Command] = asyncio.Queue(OUTBOX)
        self._next_tick_ns = 0
        self.desk = Desk(settings.intersections, pipeline.store)
        self.roller = Roller(self.desk, settings.city.site, pipeline.ingest.offer, clock.now_ns)

    def receive(self, message: Message) -> None:
        """Take one message: the control plane is answered here, readings and garbage go to ingest."""
        found = topics.control(message.topic, self._settings.city.site)
        if found is None:
            self._pipeline.ingest.handle(message)
            return
        try:
            self._control(found, message.payload)
        except (BadClock, msgspec.DecodeError) as error:
            bad = BadPayload(Reason.WRONG_SHAPE, f"{found.plane}: {error}")
            self._pipeline.ingest.aside.refuse(message, bad)
        else:
            self._link.ack(message)

    def tick(self, now_ns: int) -> None:
        """Decide at every intersection and queue what must be sent; nothing here waits."""
        ticked = self._signals.tick(now_ns)
        self._pipeline.ingest.offer(ticked.readings)
        self._live.control(now_ns)
        if self._audit is not None:
            self._audit.commanded(ticked.decisions)
            self._audit.operated(self._signals.operation.changes(), now_ns)
        for command in ticked.commands:
            if self._outbox.full():
                self._outbox.get_nowait()
            self._outbox.put_nowait(command)
        if now_ns:
            found = cabinets(self._signals, self._cabinets.faults(), now_ns, self._clock.speed)
            overrun = self._pipeline.ingest.overrun + self._link.overflow
            findings = self.quality.findings
            health = program(self._panel, self._link, overrun)._replace(cabinets=found, findings=findings)
            self.alarms.tick(now_ns, health)

    def city(self) -> dict[str, Any]:
        """What does not change: names, geometry, intersections, strategies."""
        settings = self._settings
        city, strategy = settings.city, settings.control.strategy
        name = city.name or city.site
        return describe(name, city.site, settings.intersections, self._geometry, strategy, city.timezone)

    def live(self) -> dict[str, Any]:
        """What is so now."""
        alarms = self.alarms.view()
        return {**self._live.view(self._clock), "pipeline": self._panel.view(), "alarms": alarms}

    @property
    def quality(self) -> Quality:
        """Who judges readings and knows how devices are."""
        return self._pipeline.ingest.quality

    def workbench(self, var: Path, config: Path | None, street: Path | None) -> Workbench:
        """What the engineer's desk works with."""
        return Workbench(
            self._settings,
            self._pipeline.store,
            self._signals,
            self._clock.now_ns,
            self.live,
            var,
            config,
            self._geometry,
            street,
            self.desk.work,
        )

    async def explain(self, intersection: str, time: str = "") -> Why:
        """The decision in force at `time` (as a person writes it). Raises ExplainError, StoreUnavailable."""
        now = datetime.fromtimestamp(self._clock.now_ns() / 1e9, UTC)
        try:
            at_ns = moment_ns(time, now) if time else self._clock.now_ns()
        except ValueError as error:
            raise ExplainError(str(error)) from error
        return await why(self._pipeline.store, self._settings.intersections, intersection, at_ns)

    async def operate(self, wish: Wish, who: str) -> None:
        """Put an operator's order in force. Raises KeyError and ValueError, which name the choices."""
        until_ns = self._clock.now_ns() + round(wish.seconds * 1e9)
        order = Order(wish.kind, who, until_ns, tuple(sorted(set(wish.serve))), wish.mode)
        self._signals.operation.order(wish.intersection, order)
        log.info("%s at %s for %g s by %s", wish.kind, wish.intersection, wish.seconds, who)

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """For monitoring: the exposition and its content type. Reads the disk, so call it in a thread."""
        return self._exposition.text(accept)

    async def use(self, strategy: str, intersection: str | None, who: str = "operator") -> None:
        """Switch one intersection or all; raises KeyError with the choices for a name that does not exist."""
        before = self._signals.strategies
        self._signals.use(strategy, intersection)
        log.info("strategy %s at %s by %s", strategy, intersection or "every intersection", who)
        if self._audit is not None:
            for name in [intersection] if intersection else before:
                was = before[name]
                self._audit.changed(self._clock.now_ns(), who, "strategy", name, was, strategy, "Asked for.")

    def start(self, group: asyncio.TaskGroup, drive: bool = True) -> list[asyncio.Task[None]]:
        """Start sending and, with `drive`, listening and deciding; each task runs until cancelled."""
        works = [("link", self._link.run), ("send", self._send), ("refresh", self._refresh)]
        works.append(("messages", self.messages.run))
        if self._audit is not None:
            works.append(("audit", self._audit.run))
            self.messages.record(self._audit.note)
        if drive:
            works += [("receive", self._receive), ("tick", self._tick), ("bins", self.roller.run)]
        tasks = [group.create_task(work(), name=name) for name, work in works]
        note = self._audit.note if self._audit is not None else None
        tasks += self.alarms.start(group, self._link, self._pipeline.ingest.offer, note)
        return [*tasks, *self._cabinets.start(group)] if drive else tasks

    def _control(self, found: topics.Control, payload: bytes) -> None:
        if found.plane == "reply":
            self._cabinets.hear(found.device, payload)
        elif found.plane == "clock" and isinstance(self._clock, FollowedClock):
            self._clock.hear(payload)
        elif found.plane == "alarm":
            self.alarms.heard(found.device, payload)

    def _reply(self, intersection: str, reply: Reply) -> None:
        self._signals.reply(intersection, reply)
        if self._audit is not None:
            self._audit.replied(intersection, reply)

    async def keep_record(self, journal: Journal) -> None:
        """Bring changes of users, logins and tokens into the audit trail, until cancelled."""
        if self._audit is not None:
            await keep_record(journal, self._audit, self._clock.now_ns)

    async def _receive(self) -> None:
        async for batch in self._link.batches():
            self._pipeline.ingest.take(batch, self.receive)

    async def _tick(self) -> None:
        period_ns = int(self._settings.control.tick_s * 1e9)
        while True:
            now_ns = self._clock.now_ns()
            if tick_due(now_ns, self._next_tick_ns, period_ns):
                self._next_tick_ns = now_ns - now_ns % period_ns + period_ns
                self.tick(now_ns)
            pause_s = period_ns / 1e9 / self._clock.speed / 8
            await asyncio.sleep(min(0.25, max(0.005, pause_s)))

    async def _send(self) -> None:
        while True:
            command = await self._outbox.get()
            if command.expires_ns > self._clock.now_ns():
                await self._cabinets.send(command)

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        entered = loop.time()
        while True:
            self._panel.take(await asyncio.to_thread(self._panel.read))
            if self._audit is not None and self._clock.now_ns():
                self._pipeline.ingest.offer(changes(self._audit, self._settings.city.site))
            if loop.time() - entered >= BOOKS_S and self._clock.now_ns():
                entered = loop.time()
                self._pipeline.ingest.offer([self._books_reading(), *self._audit_readings()])
            await asyncio.sleep(REFRESH_S)

    def _audit_readings(self) -> list[Reading]:
        """The head of the trail, for the store: whoever rewrites the trail would have to rewrite that too."""
        if self._audit is None or not self._audit.head.number:
            return []
        fields: dict[str, Value] = {"number": self._audit.head.number, "hash": self._audit.head.hash}
        return [Reading("audit", self._settings.city.site, "arterial", self._clock.now_ns(), fields)]

    def _books_reading(self) -> Reading:
        fields: dict[str, Value] = dict(self._panel.books.totals())
        return Reading("pipeline", self._settings.city.site, "arterial", self._clock.now_ns(), fields)


@asynccontextmanager
async def running(
    settings: Settings,
    link: Link,
    var: Path,
    geometry: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    *,
    drive: bool = True,
) -> AsyncIterator[App]:
    """The city without its board: ingest, control and store, until the block is left.

    With `drive` false nothing listens or ticks by itself: the caller calls `receive` and `tick`.
    """
    clock = clock or make_clock(settings)
    live = LiveCity(_signals(settings), settings.intersections)
    audit = begun(settings, var / "audit") if drive else None
    city = settings.city
    alarms = AlarmRoom(
        city.site, city.name or city.site, city.timezone, tables(settings), settings.intersections, var, clock
    )
    listeners: list[Listener] = [live.signals.observe, live.observe, alarms.observe]
    listeners += [lights(audit)] if audit is not None else []
    async with AsyncExitStack() as stack:
        if audit is not None:
            stack.callback(audit.flush)
        pipeline = await stack.enter_async_context(opened(settings, var, clock, listeners))
        app = App(settings, link, pipeline, live, clock, geometry, alarms, audit)
        async with pipeline.moving(link), asyncio.TaskGroup() as group:
            tasks = app.start(group, drive)
            if drive and settings.intersections:
                tasks.append(group.create_task(compile_beside(var / "log" / "warm.log"), name="warm"))
            yield app
            app.desk.close()
            for task in tasks:
                task.cancel()


def tick_due(now_ns: int, next_ns: int, period_ns: int) -> bool:
    """Whether to decide now: when it is time, and at once when the clock was set back."""
    return now_ns >= next_ns or now_ns < next_ns - 2 * period_ns


def make_clock(settings: Settings) -> Clock:
    """The clock that the settings ask for."""
    return FollowedClock() if settings.clock.source == "street" else SystemClock()


def subscriptions(settings: Settings) -> tuple[str, ...]:
    """The MQTT filters the city needs."""
    return topics.filters(settings.city.site, read_sources(settings).subscriptions)


def _signals(settings: Settings) -> Signals:
    control = settings.control
    return Signals(
        settings.city.site,
        settings.intersections,
        control.strategy,
        control.strategies,
        control.lifetime_s,
        operation(control, settings.intersections, settings.city.timezone),
    )
