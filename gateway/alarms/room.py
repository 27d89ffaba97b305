"""How do alarms live in a running city: watched, kept, and told to store, trail, broker and people?

What happened is first on the disk, then told: so after a crash nothing is raised twice, and no end is missed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from collectors.reading import Reading
from gateway.alarms import words
from gateway.alarms.alarm import Happening
from gateway.alarms.delivery import Delivery, Send, by_apprise
from gateway.alarms.health import Health
from gateway.alarms.keep import State, load, save
from gateway.alarms.notice import Notice, kind_of
from gateway.alarms.rule import Known
from gateway.alarms.settings import AlarmTables
from gateway.alarms.watching import Watching
from gateway.audit.entry import Fact
from gateway.clock import Clock
from gateway.links.link import Link, LinkDown
from signal_control.model import Intersection

log = logging.getLogger(__name__)

SAVE_S: Final = 0.5
PUBLISH_AGAIN_S: Final = 2.0
UNTOLD: Final = 50_000
"""Happenings that wait to be told; more are lost, and said."""

Offer = Callable[[Sequence[Reading]], None]
Note = Callable[[Fact], None]
Heard = Callable[[Happening], None]


class AlarmRoom:
    """The alarms of one city. `observe`, `tick` and `view` never wait; `start` does what takes time."""

    def __init__(
        self,
        site: str,
        name: str,
        timezone: str,
        tables: AlarmTables,
        intersections: tuple[Intersection, ...],
        folder: Path,
        clock: Clock,
        send: Send = by_apprise,
    ) -> None:
        self._site, self._name, self._zone, self._clock = site, name, ZoneInfo(timezone), clock
        self.var = folder
        self._path = folder / "alarms" / "state.json"
        state = load(self._path)
        self.watching = Watching(tables, Known(intersections), self._zone, state.kept)
        self.delivery = Delivery(tables.notify, state.outbox, send, self._touch)
        self._offer: Offer = lambda readings: None
        self._note: Note = lambda fact: None
        self._untold: list[Happening] = []
        self._packed: list[Happening] = []
        self._writing = threading.Lock()
        self._touched = asyncio.Event()
        self._listeners: list[Heard] = []
        self._topics: dict[str, tuple[bytes, bool]] = {}
        self._published = asyncio.Event()

    @property
    def observe(self) -> Callable[[Reading], None]:
        """The listener of ingest."""
        return self.watching.observe

    def listen(self, heard: Heard) -> None:
        """Tell `heard` of everything that happens, once it is kept."""
        self._listeners.append(heard)

    def tick(self, now_ns: int, health: Health) -> None:
        """Once a second of city time."""
        self._take(self.watching.tick(now_ns, health))

    def view(self) -> dict[str, Any]:
        """What the board shows: the active alarms, the most urgent first."""
        now_ns, there = self._clock.now_ns(), self.watching.engine.alarms()
        rows = [words.as_row(a, self.watching.rules.get(a.rule), now_ns) for a in there]
        return {"active": rows, "overflow": self.watching.engine.overflow}

    @property
    def waiting(self) -> int:
        """Events that are not kept and told yet, and states that the broker does not have."""
        return len(self._untold) + len(self._packed) + len(self._topics)

    def history(self) -> list[dict[str, Any]]:
        """Alarms that are over, the newest first."""
        now_ns, over = self._clock.now_ns(), reversed(self.watching.engine.history)
        return [words.as_row(a, self.watching.rules.get(a.rule), now_ns) for a in over]

    def acknowledge(self, id: str, who: str) -> None:
        """Somebody cares for it. Raises KeyError with the choices."""
        self._take(self.watching.engine.acknowledge(id, who, self._clock.now_ns()))

    def suspend(self, rule: str, subject: str, seconds: float, who: str, why: str) -> None:
        """Nobody wants to hear of it for so long; 0 ends that. Raises KeyError for an unknown rule."""
        there = self.watching.rules
        if rule != "*" and rule not in there:
            raise KeyError(f"no rule named '{rule}'; there are: {', '.join(there)}")
        now_ns = self._clock.now_ns()
        until_ns = now_ns + round(seconds * 1e9)
        self.watching.engine.suspend(rule, subject, until_ns, who, why, now_ns)
        self._note(
            Fact(now_ns, who, "alarm snooze", subject, after={"rule": rule, "seconds": seconds}, why=why)
        )
        self._touch()

    async def test(self, who: str) -> dict[str, bool]:
        """Send a letter to everybody who is told of alarms; whether each address took it."""
        text = f"{who} wants to know whether notices arrive. They do."
        return await self.delivery.test(Notice("info", f"{self._name}: a test", text))

    def start(
        self, group: asyncio.TaskGroup, link: Link, offer: Offer, note: Note | None = None
    ) -> list[asyncio.Task[None]]:
        """Keep and tell; each task runs until cancelled."""
        self._offer = offer
        if note is not None:
            self._note = note
        now_ns = self._clock.now_ns()
        for alarm in self.watching.engine.alarms():
            self._publish(Happening("raised", now_ns or alarm.raised_ns, alarm))
        tasks = [
            group.create_task(self._run(), name="alarms"),
            group.create_task(self._publishing(link), name="alarm topics"),
        ]
        return [*tasks, *self.delivery.start(group)]

    def heard(self, name: str, payload: bytes) -> None:
        """The broker has the state of an alarm: one that is not active is taken away from there."""
        topic = f"arterial/{self._site}/alarm/{name}"
        there = {words.topic(self._site, alarm) for alarm in self.watching.engine.alarms()}
        if payload and topic not in there and topic not in self._topics:
            self._topics[topic] = (b"", False)
            self._published.set()

    def _touch(self) -> None:
        self._touched.set()

    def _take(self, happened: list[Happening]) -> None:
        if happened:
            room = max(0, UNTOLD - len(self._untold))
            if len(happened) > room:
                log.error("%d events of alarms are lost: the disk takes none", len(happened) - room)
            self._untold += happened[:room]
            self._touch()

    async def _run(self) -> None:
        try:
            while True:
                await self._touched.wait()
                self._touched.clear()
                await asyncio.to_thread(self._write, self._packed_state())
                self._tell()
                await asyncio.sleep(SAVE_S)
        finally:
            self._write(self._packed_state())
            self._tell()

    def _packed_state(self) -> bytes:
        """What is to be kept, with letters for what has happened since; that is told once it is kept."""
        for h in self._untold:
            self.delivery.tell(h, lambda h=h: self._letter(h))  # type: ignore[misc]
        self._packed += self._untold
        self._untold = []
        return msgspec.json.encode(State(self.watching.engine.kept(), self.delivery.outbox()))

    def _write(self, state: bytes) -> None:
        try:
            with self._writing:
                save(self._path, state)
        except OSError as error:
            log.error("alarms cannot be kept, a restart may tell them again: %s", error)

    def _tell(self) -> None:
        happened, self._packed = self._packed, []
        self._offer(words.readings(self._site, happened))
        for h in happened:
            self._note(words.fact(h))
            self._publish(h)
            for heard in self._listeners:
                heard(h)

    def _letter(self, h: Happening) -> Notice:
        rule = self.watching.rules.get(h.alarm.rule)
        return Notice(kind_of(h), words.headline(h, self._name), words.letter(h, rule, self._zone))

    def _publish(self, h: Happening) -> None:
        """The newest state of an alarm is to be at the broker."""
        self._topics[words.topic(self._site, h.alarm)] = (words.rsmp(h), h.alarm.active)
        self._published.set()

    async def _publishing(self, link: Link) -> None:
        """Retained while active; when over once more, not retained, and the retained one is taken away."""
        while True:
            await self._published.wait()
            self._published.clear()
            while self._topics:
                topic, (payload, active) = next(iter(self._topics.items()))
                try:
                    if payload:
                        await link.publish(topic, payload, 1, active)
                    if not active:
                        await link.publish(topic, b"", 1, True)
                except LinkDown:
                    await asyncio.sleep(PUBLISH_AGAIN_S)
                    continue
                if self._topics.get(topic) == (payload, active):
                    del self._topics[topic]
