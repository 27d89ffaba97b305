"""How does arterial stay connected to an MQTT broker?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, Protocol, Self

from gateway.config.settings import BrokerSettings
from gateway.links import paho_connection
from gateway.links.fast_connection import FastConnection
from gateway.links.link import LinkDown, Message

log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 30.0
PUBLISH_PATIENCE_S: Final = 5.0
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
_STEADY_AFTER_S: Final = 5.0
_RIVAL_S: Final = 45.0
"""Connections that end by themselves within this time, RIVALRY of them in a row, look like a rival's work."""
_RIVALRY: Final = 3
_QUIET: Final = "connected, but nothing arrived"
_BREATH: Final = 2048
"""Messages handed to the reader before other tasks get a turn."""


class Session(Protocol):
    """One session on one socket, used once: a new object for every connect means that nothing of an old one
    can leak into the next, neither an acknowledgement nor a command that has long expired."""

    lost: asyncio.Future[str]
    """Resolves to the reason once the connection has ended."""

    async def open(self) -> None:
        """Return once every topic is subscribed. Raises LinkDown with the reason."""
        ...

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool, patience_s: float) -> None:
        """Send, and with QoS 1 wait for the PUBACK. Raises LinkDown."""
        ...

    def ack(self, mid: int, qos: int) -> None:
        """Send the acknowledgement of one message."""
        ...

    def ack_all(self, mids: Sequence[int]) -> None:
        """Send the acknowledgements of many messages of QoS 1."""
        ...

    def hold(self) -> None:
        """Let the broker wait, though never so long that keepalive and confirmations suffer."""
        ...

    def release(self) -> None:
        """Go on reading."""
        ...

    async def close(self, reason: str) -> None:
        """Say goodbye, and let every publisher know."""
        ...


CONNECTIONS: Final[dict[str, type[FastConnection] | type[paho_connection.Connection]]] = {
    "fast": FastConnection,
    "paho": paho_connection.Connection,
}
"""By the name that `[broker] client` gives: our own reading of the packets, or paho-mqtt."""


class MqttLink:
    """A Link to a real broker.

    QoS 1 is never thrown away: what waits here unread is limited by the broker's in-flight window, and by
    letting the broker wait when more than `window` messages or MAX_WAITING_BYTES are unread. QoS 0
    beyond that is dropped and counted in `overflow`. `topics` should not overlap: some brokers
    deliver twice then.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        topics: Sequence[str] = (),
        *,
        client_id: str = "",
        name: str = "",
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name = name or f"{broker.host}:{broker.port}"
        self.since_ns = now_ns()
        self.fault = "not connected yet"
        self.overflow = 0
        self.connects = 0
        self._broker, self._topics, self._now_ns = broker, tuple(topics), now_ns
        self._client_id = client_id or broker.client_id or "arterial"
        self._connection: Session | None = None
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self._holding = False
        self._heard_s = 0.0
        self._short = 0
        self._news, self._up = asyncio.Event(), asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Connected, and subscribed to every topic."""
        return self._up.is_set()

    @property
    def unread(self) -> int:
        """Messages that have arrived and that the reader has not taken."""
        return len(self._waiting)

    async def run(self) -> None:
        """Keep the connection up until cancelled: quick first retries, then at most LAST_RETRY_S apart."""
        pause_s = FIRST_RETRY_S
        while True:
            began_s = time.monotonic()
            reason = await self._live()
            lived_s = time.monotonic() - began_s
            was_up = not self.fault and not reason.startswith(_QUIET)
            self._short = self._short + 1 if was_up and lived_s < _RIVAL_S else 0
            rival = self._short >= _RIVALRY
            self._note_down(f"{reason}; {self._suspicion()}" if rival else reason)
            pause_s = FIRST_RETRY_S if lived_s > _STEADY_AFTER_S and not rival else pause_s
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, LAST_RETRY_S)

    async def ready(self) -> None:
        """Wait until connected."""
        await self._up.wait()

    async def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Send; with QoS 1 return once the broker has it. Raises LinkDown, at once while disconnected."""
        if self._connection is None or not self.connected:
            raise LinkDown(self.fault)
        await self._connection.publish(topic, payload, qos, retain, PUBLISH_PATIENCE_S)

    async def messages(self) -> AsyncIterator[Message]:
        """Every message in order of arrival, for one reader."""
        taken = 0
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                self._waiting_bytes -= len(message.payload)
                if self._holding:
                    self._make_room()
                yield message
                taken += 1
                if taken % _BREATH == 0:
                    await asyncio.sleep(0)
            self._news.clear()
            await self._news.wait()

    async def batches(self) -> AsyncIterator[list[Message]]:
        """Every message in order of arrival, many at a time, for one reader."""
        while True:
            while self._waiting:
                yield self._taken()
                await asyncio.sleep(0)
            self._news.clear()
            await self._news.wait()

    def ack(self, message: Message) -> None:
        """Tell the broker that `message` is safe; nothing happens when its connection is over."""
        if message.qos and self._connection is not None and message.connection == self.connects:
            self._connection.ack(message.mid, message.qos)

    def ack_all(self, messages: Sequence[Message]) -> None:
        """As `ack`, for many at once."""
        now, connection = self.connects, self._connection
        if connection is None:
            return
        mids = [message.mid for message in messages if message.qos == 1 and message.connection == now]
        if mids:
            connection.ack_all(mids)
        for message in messages:
            if message.qos == 2:
                self.ack(message)

    async def __aenter__(self) -> Self:
        """Run in a task of its own, for programs without a TaskGroup; does not wait for the broker."""
        self._runner = asyncio.create_task(self.run(), name=f"link {self.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner

    async def _live(self) -> str:
        """One connection from beginning to end; returns why it ended."""
        self.connects += 1
        self._holding = False
        connection: Session = CONNECTIONS[self._broker.client](
            self._broker, self._client_id, self._topics, self._arrived, self.connects
        )
        self._connection = connection  # messages may arrive, and be acknowledged, before we are subscribed
        reason = "closed by us"
        try:
            await connection.open()
            self._note_up()
            reason = await self._watch(connection)
        except LinkDown as error:
            reason = str(error)
        finally:
            self._connection = None
            self._up.clear()
            await connection.close(reason)
        return reason

    async def _watch(self, connection: Session) -> str:
        """Wait for the end; a connection on which nothing arrives for too long is ended by us."""
        limit_s = self._broker.silence_s
        while True:
            quiet_s = time.monotonic() - self._heard_s
            if limit_s is not None and quiet_s >= limit_s:
                return f"{_QUIET} for {limit_s:g} s"
            left_s = None if limit_s is None else limit_s - quiet_s
            await asyncio.wait((connection.lost,), timeout=left_s)
            if connection.lost.done():
                return connection.lost.result()

    def _suspicion(self) -> str:
        return (
            f"{self._short} times in a row soon after connecting: does another program use "
            f"the client id '{self._client_id}'?"
        )

    def _note_up(self) -> None:
        self._heard_s = time.monotonic()
        self._up.set()
        self.fault, self.since_ns = "", self._now_ns()
        log.info("connected to the broker %s", self.name)

    def _note_down(self, reason: str) -> None:
        """One warning for each outage, however many attempts it takes."""
        if not self.fault or self.fault == "not connected yet":
            log.warning("no connection to the broker %s: %s; trying again", self.name, reason)
            self.since_ns = self._now_ns()
        self.fault = reason

    def _arrived(self, arrived: list[Message]) -> None:
        """Queue what came in. Unread messages of a lost connection stay: a broker may have forgotten them."""
        self._heard_s = time.monotonic()
        size = sum([len(message.payload) for message in arrived])
        roomy = len(self._waiting) + len(arrived) <= self._broker.window
        if roomy and self._waiting_bytes + size <= MAX_WAITING_BYTES:
            self._waiting.extend(arrived)
            self._waiting_bytes += size
        else:
            self._squeeze(arrived)
        if self._connection is not None and self._crowded() and any(message.qos for message in arrived):
            self._holding = True
            self._connection.hold()
        self._news.set()

    def _taken(self) -> list[Message]:
        """The first messages that wait, at most _BREATH."""
        waiting = self._waiting
        if len(waiting) <= _BREATH:
            taken = list(waiting)
            waiting.clear()
            self._waiting_bytes = 0
        else:
            taken = [waiting.popleft() for _ in range(_BREATH)]
            self._waiting_bytes -= sum([len(message.payload) for message in taken])
        if self._holding:
            self._make_room()
        return taken

    def _squeeze(self, arrived: list[Message]) -> None:
        for message in arrived:
            if message.qos == 0 and self._crowded():
                self.overflow += 1
                continue
            self._waiting.append(message)
            self._waiting_bytes += len(message.payload)

    def _crowded(self) -> bool:
        return len(self._waiting) >= self._broker.window or self._waiting_bytes >= MAX_WAITING_BYTES

    def _make_room(self) -> None:
        """Let the connection read on once there is room."""
        if self._connection is not None and not self._crowded():
            self._holding = False
            self._connection.release()
