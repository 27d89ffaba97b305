"""How do a city's messages reach the broker, also when it is away for a while?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiomqtt

from simulators.city import Outgoing
from simulators.outbox import Outbox

log = logging.getLogger(__name__)

KEPT = 20_000
"""Messages that wait for the broker at most."""
IN_FLIGHT = 200
"""Messages on their way without an acknowledgement at most."""

_quiet = logging.getLogger("simulators.mqtt")
_quiet.setLevel(logging.CRITICAL)
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.25, 5.0
_ANSWER_S = 20.0

Hear = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker listens, and who we are to it."""

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Broker:
        """`mqtt://user:password@host:port`; raises ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(f"{url!r} is no broker address like mqtt://127.0.0.1:1883")
        user, password = (unquote(x) if x else None for x in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or 1883, user, password)


class Line:
    """A connection that comes back by itself; what is sent meanwhile waits in a bounded outbox."""

    def __init__(self, broker: Broker, client_id: str) -> None:
        self._broker, self._client_id = broker, client_id
        self._outbox = Outbox(KEPT)
        self._news = asyncio.Event()
        self._heard: dict[str, tuple[int, Hear]] = {}
        self._flying = 0
        self._landed = asyncio.Event()
        self._dropped = 0
        self.connected = False

    def on(self, topic_filter: str, qos: int, hear: Hear) -> None:
        """Subscribe on every connect and hand what arrives to `hear`; to be called before `run`."""
        self._heard[topic_filter] = (qos, hear)

    def send(self, message: Outgoing) -> None:
        """Send, or keep until the broker is back; QoS 0 is not kept."""
        if self.connected or message.qos > 0:
            self._outbox.add(message)
            self._news.set()

    async def flush(self, timeout_s: float) -> None:
        """Wait until everything is acknowledged, not longer than `timeout_s`."""
        if self.connected and (self._outbox or self._flying):
            self._landed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._landed.wait(), timeout_s)

    async def run(self) -> None:
        """Connect, carry, and connect again, until cancelled."""
        pause_s, away = _FIRST_PAUSE_S, False
        while True:
            try:
                async with self._client() as client:
                    if away:
                        log.warning("the broker is back; %d messages waited", len(self._outbox))
                    pause_s, away = _FIRST_PAUSE_S, False
                    await self._carry(client)
            except aiomqtt.MqttError as fault:
                self.connected = False
                self._outbox.forget_fleeting()
                if not away:
                    log.warning("no broker at %s:%d: %s", self._broker.host, self._broker.port, fault)
                away = True
            self._tell_drops()
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, _LAST_PAUSE_S)

    def _client(self) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user,
            password=self._broker.password,
            identifier=self._client_id,
            logger=_quiet,
            clean_session=True,
            keepalive=15,
            timeout=5,
            max_inflight_messages=IN_FLIGHT,
        )
        client.pending_calls_threshold = 2 * IN_FLIGHT
        return client

    async def _carry(self, client: aiomqtt.Client) -> None:
        for topic_filter, (qos, _) in self._heard.items():
            await client.subscribe(topic_filter, qos)
        self.connected = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(client), name="listen")
                group.create_task(self._speak(client, group), name="speak")
        except* aiomqtt.MqttError as faults:
            raise aiomqtt.MqttError(str(faults.exceptions[0])) from faults

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            for topic_filter, (_, hear) in self._heard.items():
                if message.topic.matches(topic_filter) and isinstance(message.payload, bytes):
                    hear(str(message.topic), message.payload)

    async def _speak(self, client: aiomqtt.Client, group: asyncio.TaskGroup) -> None:
        room = asyncio.Semaphore(IN_FLIGHT)
        while True:
            await self._news.wait()
            self._news.clear()
            while self._outbox:
                await room.acquire()
                group.create_task(self._deliver(client, room, *self._outbox.take()))

    async def _deliver(
        self, client: aiomqtt.Client, room: asyncio.Semaphore, number: int, message: Outgoing
    ) -> None:
        """Send one message; what is not acknowledged goes back to its place in the outbox."""
        self._flying += 1
        delivered = False
        try:
            await client.publish(*message, timeout=_ANSWER_S)
            delivered = True
        finally:
            self._flying -= 1
            room.release()
            if not delivered and message.qos > 0:
                self._outbox.put_back(number, message)
                self._news.set()
            elif not self._flying and not self._outbox:
                self._landed.set()

    def _tell_drops(self) -> None:
        if self._outbox.dropped > self._dropped:
            log.warning("dropped %d messages while the broker was away", self._outbox.dropped - self._dropped)
            self._dropped = self._outbox.dropped
