"""What passes between an MQTT client and its broker, and how much of it is unacknowledged at once?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

CONNECT: Final = 1
CONNACK: Final = 2
PUBLISH: Final = 3
PUBACK: Final = 4
PUBREC: Final = 5
PUBCOMP: Final = 7


@dataclass
class Way:
    """One direction: which messages of QoS 1 or 2 are under way."""

    open: set[int] = field(default_factory=set)
    most: int = 0
    """The largest number that was open at once."""
    seen: int = 0
    """How many have passed, those sent again included."""
    strange: list[tuple[int, int]] = field(default_factory=list)
    """Answers (packet type, identifier) to messages that were not open."""


@dataclass
class Tap:
    """A TCP relay before a broker that reads along; one client at a time."""

    port: int = 0
    hello: bytes = b""
    """The client's CONNECT, without its fixed header."""
    welcome: bytes = b""
    """The broker's CONNACK, without its fixed header."""
    down: Way = field(default_factory=Way)
    """From the broker to the client."""
    up: Way = field(default_factory=Way)

    def packet(self, first: int, body: bytes, sent: Way, answered: Way) -> None:
        """Note one packet that `sent` carries; its answers belong to messages of the other way."""
        kind = first >> 4
        if kind == CONNECT:
            self.hello = body
        elif kind == CONNACK:
            self.welcome = body
        elif kind == PUBLISH and first & 6:
            place = 2 + int.from_bytes(body[:2], "big")
            sent.open.add(int.from_bytes(body[place : place + 2], "big"))
            sent.seen += 1
            sent.most = max(sent.most, len(sent.open))
        elif kind in (PUBACK, PUBCOMP):
            mid = int.from_bytes(body[:2], "big")
            if mid not in answered.open:
                answered.strange.append((kind, mid))
            answered.open.discard(mid)


@asynccontextmanager
async def tapped(port: int) -> AsyncIterator[Tap]:
    """A relay to the broker on `port` of 127.0.0.1; connect to `tap.port` instead."""
    tap, tasks = Tap(), set[asyncio.Task[None]]()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        ways = (_pass(tap, reader, back, tap.up, tap.down), _pass(tap, there, writer, tap.down, tap.up))
        for way in ways:
            tasks.add(asyncio.create_task(way))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(
    tap: Tap, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: Way, answered: Way
) -> None:
    """Hand on what comes; answers are noted before they leave, messages as well."""
    pending = bytearray()
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            pending += data
            for first, body in _packets(pending):
                tap.packet(first, body, sent, answered)
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


def _packets(pending: bytearray) -> Iterator[tuple[int, bytes]]:
    """Whole packets as (first byte, body), taken out of `pending` (MQTT 3.1.1, 2.2)."""
    while True:
        size, shift, at = 0, 0, 1
        while at < len(pending):
            size |= (pending[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if pending[at - 1] < 128:
                break
        else:
            return
        if len(pending) < at + size:
            return
        yield pending[0], bytes(pending[at : at + size])
        del pending[: at + size]
