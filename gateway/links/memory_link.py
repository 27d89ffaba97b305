"""How do tests and evaluations connect without a broker?"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from gateway.links.link import LinkDown, Message, matches

Listener = Callable[[str, bytes], None]


class MemoryLink:
    """A Link inside the process, with a broker's memory of what has not been acknowledged.

    `deliver` is the street's side. `sent` holds what arterial published; `listener`, when given, hears it
    too. At most `window` messages of QoS 1 are handed out unacknowledged; the rest waits.
    """

    def __init__(
        self,
        topics: Sequence[str] = ("#",),
        *,
        window: int = 10_000,
        listener: Listener | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name = "memory"
        self.connected = True
        self.since_ns = now_ns()
        self.fault = ""
        self.overflow = 0
        self.sent: list[Message] = []
        self._topics, self._window, self._listener, self._now_ns = tuple(topics), window, listener, now_ns
        self._retained: dict[str, bytes] = {}
        self._waiting: deque[Message] = deque()
        self._unacked: dict[int, Message] = {}
        self._ready: deque[Message] = deque()
        self._news = asyncio.Event()
        self._up = asyncio.Event()
        self._up.set()
        self._mid = 0
        self._connection = 1

    @property
    def unacknowledged(self) -> int:
        """Messages of QoS 1 handed out and not acknowledged."""
        return len(self._unacked)

    def deliver(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """A device publishes: queued for the reader, kept while disconnected when QoS is 1."""
        if retain:
            self._retained[topic] = payload
        if not any(matches(pattern, topic) for pattern in self._topics):
            return
        if qos == 0:
            self._offer_unsafe(Message(topic, payload))
            return
        self._mid += 1
        self._waiting.append(Message(topic, payload, 1, False, self._mid))
        self._fill()

    def disconnect(self, fault: str = "disconnected") -> None:
        """The broker is gone: publish raises LinkDown and nothing arrives."""
        self._change(False, fault)

    def reconnect(self) -> None:
        """The broker is back: retained values come first, then everything unacknowledged, again."""
        self._connection += 1
        self._change(True, "")
        again = list(self._unacked.values())
        self._unacked.clear()
        self._waiting.extendleft(reversed(again))
        for topic, payload in self._retained.items():
            if any(matches(pattern, topic) for pattern in self._topics):
                self._offer_unsafe(Message(topic, payload, 0, True))
        self._fill()

    async def run(self) -> None:
        """There is nothing to keep up; waits to be cancelled, as a real link does."""
        await asyncio.Event().wait()

    async def ready(self) -> None:
        """Return once connected."""
        await self._up.wait()

    async def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Note what is sent, and tell the listener; raises LinkDown while disconnected."""
        if not self.connected:
            raise LinkDown(self.fault)
        self.sent.append(Message(topic, payload, qos, retain, 0, self._now_ns()))
        if self._listener is not None:
            self._listener(topic, payload)

    async def messages(self) -> AsyncIterator[Message]:
        """Every message in order of arrival."""
        while True:
            while self._ready:
                yield self._ready.popleft()
            self._news.clear()
            await self._news.wait()

    async def batches(self) -> AsyncIterator[list[Message]]:
        """Every message in order of arrival, as many as are there."""
        while True:
            while self._ready:
                yield self.take()
            self._news.clear()
            await self._news.wait()

    def take(self) -> list[Message]:
        """Everything that is ready now, without waiting (for evaluations that step by themselves)."""
        taken = list(self._ready)
        self._ready.clear()
        return taken

    def ack(self, message: Message) -> None:
        """Forget the message, and hand out the next one."""
        if message.qos and message.connection == self._connection and self.connected:
            self._unacked.pop(message.mid, None)
            self._fill()

    def ack_all(self, messages: Sequence[Message]) -> None:
        """As `ack`, for many."""
        for message in messages:
            self.ack(message)

    def _change(self, connected: bool, fault: str) -> None:
        self.connected, self.fault, self.since_ns = connected, fault, self._now_ns()
        if connected:
            self._up.set()
        else:
            self._up.clear()

    def _offer_unsafe(self, message: Message) -> None:
        """QoS 0: lost while disconnected, counted when the reader is too slow."""
        if not self.connected:
            return
        if len(self._ready) >= self._window:
            self.overflow += 1
            return
        self._push(message)

    def _fill(self) -> None:
        while self.connected and self._waiting and len(self._unacked) < self._window:
            message = msgspec.structs.replace(self._waiting.popleft(), connection=self._connection)
            self._unacked[message.mid] = message
            self._push(message)

    def _push(self, message: Message) -> None:
        self._ready.append(
            msgspec.structs.replace(message, received_ns=self._now_ns(), connection=self._connection)
        )
        self._news.set()
