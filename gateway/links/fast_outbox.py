"""Which published messages has the broker not confirmed yet?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.links import fast_packets as packets
from gateway.links.link import LinkDown

IN_FLIGHT: Final = 1000
UNCONFIRMED: Final = 10_000
"""Messages that may wait for their turn or their confirmation; the next one is LinkDown."""


class Outbox:
    """The sending side of one connection; make it inside a running loop. `send` hands bytes to the socket."""

    def __init__(self, send: Callable[[bytes], None], v5: bool) -> None:
        self.writable = asyncio.Event()
        """Cleared by the connection while the socket takes no more."""
        self.writable.set()
        self._send, self._v5 = send, v5
        self._unconfirmed: dict[int, asyncio.Future[None]] = {}
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._queued = self._mid = 0
        self._over = ""

    def limit(self, receive_maximum: int) -> None:
        """Let no more messages be in flight than the broker takes."""
        self._slots = asyncio.Semaphore(min(IN_FLIGHT, receive_maximum))

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool, patience_s: float) -> None:
        """Send, and with QoS 1 or 2 wait until the broker has it. Raises LinkDown."""
        if self._queued >= UNCONFIRMED:
            raise LinkDown(f"{UNCONFIRMED} messages are not confirmed yet")
        self._queued += 1
        try:
            async with asyncio.timeout(patience_s):
                await self.writable.wait()
                if qos == 0:
                    self._send(packets.publish(topic, payload, 0, retain, 0, self._v5))
                    return
                async with self._slots:
                    await self._confirmed(topic, payload, qos, retain)
        except TimeoutError as error:
            raise LinkDown(f"not confirmed within {patience_s:g} s") from error
        finally:
            self._queued -= 1

    def confirm(self, first: int, mid: int, code: int) -> None:
        """Take a PUBACK, PUBREC or PUBCOMP."""
        if first == packets.PUBREC and code < packets.FAILURE:
            self._send(packets.answer(packets.PUBREL, mid))
            return
        confirmed = self._unconfirmed.get(mid)
        if confirmed is None or confirmed.done():
            return
        if code >= packets.FAILURE:
            confirmed.set_exception(LinkDown(f"the broker refuses the message: {packets.reason(code)}"))
        else:
            confirmed.set_result(None)

    def next_mid(self) -> int:
        """A packet identifier that is not in use."""
        while True:
            self._mid = self._mid % 65_535 + 1
            if self._mid not in self._unconfirmed:
                return self._mid

    def fail(self, reason: str) -> None:
        """Let every publisher know that the connection is over."""
        self._over = reason
        for confirmed in self._unconfirmed.values():
            if not confirmed.done():
                confirmed.set_exception(LinkDown(reason))

    async def _confirmed(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        if self._over:
            raise LinkDown(self._over)
        mid = self.next_mid()
        confirmed = self._unconfirmed[mid] = asyncio.get_running_loop().create_future()
        try:
            self._send(packets.publish(topic, payload, qos, retain, mid, self._v5))
            await confirmed
        finally:
            self._unconfirmed.pop(mid, None)
