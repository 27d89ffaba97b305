"""Publish numbered water readings, ten thousand a second if asked to, and keep each until it is acknowledged.

A program of its own with nothing but the standard library, so that it is never what limits a test. What a
broker that went away has not acknowledged is sent again. It ends once everything is acknowledged; its last
line is JSON with sent, acknowledged, slowest_s and seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Final

BEHIND_MS: Final = 6 * 3_600_000
"""Device times begin so long before now, one millisecond per number: every key is unique and plausible."""
PATIENCE_S: Final = 90.0
"""After the last message so long is waited for acknowledgements."""
SILENCE_S: Final = 15.0
"""A connection that owes us acknowledgements and says nothing for so long is given up for a new one."""
CHUNK: Final = 500
_CONNACK, _PUBACK, _PUBREC, _PUBCOMP = 0x20, 0x40, 0x50, 0x70
_PING, _BYE = b"\xc0\x00", b"\xe0\x00"
GARBAGE: Final = (
    b"",
    b'{"t": 17',
    b"\xff\xfe\x00",
    b'{"t": "yesterday", "volume_m3": 1}',
    b"[" * 40,
    b"null",
)


@dataclass(slots=True)
class Open:
    """A message that is not acknowledged yet (MQTT 3.1.1, 4.3 and 4.4)."""

    again: bytes
    """What to send when the connection has been lost: the message marked as sent before, or its PUBREL."""
    since_s: float


class Wire:
    """One MQTT 3.1.1 connection with a session that outlives it."""

    def __init__(self, host: str, port: int, client_id: str) -> None:
        self._socket = socket.create_connection((host, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = client_id.encode()
        rest = b"\x00\x04MQTT\x04\x00\x00\x1e" + len(name).to_bytes(2, "big") + name
        self._socket.sendall(b"\x10" + bytes((len(rest),)) + rest)
        self._in, self._out = b"", b""
        self.heard_s = self.sent_s = time.monotonic()
        hello = self._socket.recv(4)
        if len(hello) != 4 or hello[0] != _CONNACK or hello[3]:
            raise OSError(f"the broker answers {hello!r}")
        self._socket.setblocking(False)

    @property
    def full(self) -> bool:
        """Whether what was given has not left yet."""
        return len(self._out) > 1 << 18

    def give(self, data: bytes) -> None:
        """Send as soon as the socket takes it."""
        self._out += data

    def turn(self, wait_s: float) -> list[tuple[int, int]]:
        """Send and hear for at most `wait_s`; returns answers as (kind, identifier). Raises OSError."""
        if time.monotonic() - self.sent_s > 5:
            self.give(_PING)
        ready, room, _ = select.select([self._socket], [self._socket] if self._out else [], [], wait_s)
        if room:
            self._out = self._out[self._socket.send(self._out) :]
            self.sent_s = time.monotonic()
        if not ready:
            return []
        data = self._socket.recv(1 << 16)
        if not data:
            raise OSError("the broker has gone")
        self.heard_s = time.monotonic()
        return self._answers(self._in + data)

    def close(self) -> None:
        """End it, with a goodbye where that is possible."""
        self._socket.setblocking(True)
        self._socket.settimeout(2)
        with contextlib.suppress(OSError):
            self._socket.sendall(self._out + _BYE)
        self._socket.close()

    def _answers(self, data: bytes) -> list[tuple[int, int]]:
        found, at = [], 0
        while len(data) - at >= 2 and len(data) - at >= 2 + data[at + 1]:  # every answer is short
            if data[at + 1] >= 2:
                found.append((data[at], data[at + 2] << 8 | data[at + 3]))
            at += 2 + data[at + 1]
        self._in = data[at:]
        return found


class Sender:
    """Publishes steadily, with at most `window` messages unacknowledged."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.stopped = False
        self._open: dict[int, Open] = {}
        self._sent = self._acknowledged = self._mid = 0
        self._slowest_s = 0.0
        self._cycle = cycle(options.devices, options.flood)
        self._began_ms = time.time_ns() // 1_000_000 - BEHIND_MS
        self._wire: Wire | None = None

    def run(self) -> dict[str, float]:
        """Publish until stopped or done; returns once everything is acknowledged, or after PATIENCE_S."""
        began_s = time.monotonic()
        while not self.stopped and not (self._options.count and self._sent >= self._options.count):
            due = int((time.monotonic() - began_s) * self._options.rate) - self._sent
            self._turn(due, 1 / self._options.rate if due < 1 else 0.0)
        seconds = time.monotonic() - began_s
        last_s = time.monotonic() + PATIENCE_S
        while self._open and time.monotonic() < last_s:
            self._turn(0, 0.1)
        if self._wire:
            self._wire.close()
        return {
            "sent": self._sent,
            "acknowledged": self._acknowledged,
            "slowest_s": round(self._slowest_s, 3),
            "seconds": round(seconds, 3),
        }

    def _turn(self, due: int, wait_s: float) -> None:
        """Send up to `due` messages and hear what is acknowledged; a lost connection is made again."""
        try:
            wire = self._wire or self._connect()
            room = 0 if wire.full else min(due, CHUNK, self._options.window - len(self._open))
            left = self._options.count - self._sent if self._options.count else room
            if (n := min(room, left)) > 0:
                wire.give(b"".join([self._message() for _ in range(n)]))
            for kind, mid in wire.turn(wait_s if n > 0 or not due else 0.05):
                self._hear(wire, kind, mid)
            if self._open and time.monotonic() - wire.heard_s > SILENCE_S:
                raise OSError("silence")
        except OSError:
            if self._wire:
                self._wire.close()
            self._wire = None
            time.sleep(0.05)

    def _connect(self) -> Wire:
        """Connect, and send again what is open."""
        parts = self._options
        self._wire = Wire(parts.host, parts.port, parts.client_id)
        self._wire.give(b"".join(message.again for message in self._open.values()))
        return self._wire

    def _message(self) -> bytes:
        n, options = self._sent, self._options
        every = options.garbage_every
        if every and n % every == every - 1:
            body = GARBAGE[n // every % len(GARBAGE)]
        else:
            body = b'{"t": %d, "volume_m3": %d.0, "flow_m3_h": 0.31, "battery_v": 3.6}' % (
                *(self._began_ms + n, n),
            )
        topic = b"arterial/demo/water/%s-%04d" % (
            options.prefix.encode(),
            self._cycle[n % len(self._cycle)],
        )
        while True:
            self._mid = self._mid % 65_535 + 1
            if self._mid not in self._open:
                break
        rest = len(topic).to_bytes(2, "big") + topic + self._mid.to_bytes(2, "big") + body
        size = len(rest)
        length = bytes((size,)) if size < 128 else bytes((size & 127 | 128, size >> 7))
        first = 0x30 | options.qos << 1
        self._open[self._mid] = Open(bytes((first | 8,)) + length + rest, time.monotonic())
        self._sent += 1
        return bytes((first,)) + length + rest

    def _hear(self, wire: Wire, kind: int, mid: int) -> None:
        """One message is safe, or half way there; what is said twice of a message sent twice is no news."""
        message = self._open.get(mid)
        if message is None:
            return
        if kind == _PUBREC:
            message.again = b"\x62\x02" + mid.to_bytes(2, "big")
            wire.give(message.again)
        elif kind in (_PUBACK, _PUBCOMP):
            del self._open[mid]
            self._acknowledged += 1
            self._slowest_s = max(self._slowest_s, time.monotonic() - message.since_s)


def cycle(devices: int, flood: int) -> list[int]:
    """Devices in the order of their messages: each once, but number 1 `flood` times, spread evenly."""
    quiet = list(range(2, devices + 1))
    if flood <= 1:
        return [1, *quiet]
    step = -(-len(quiet) // flood)
    return [device for i in range(0, len(quiet), step) for device in (1, *quiet[i : i + step])]


def main() -> None:
    """Publish until told to stop, or until `count` messages are out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--window", type=int, default=2000)
    parser.add_argument("--qos", type=int, choices=(1, 2), default=1)
    parser.add_argument("--client-id", default="numbered")
    parser.add_argument("--prefix", default="w")
    for name in ("--count", "--garbage-every", "--flood"):
        parser.add_argument(name, type=int, default=0)
    sender = Sender(parser.parse_args())

    def stop(*_: object) -> None:
        sender.stopped = True

    signal.signal(signal.SIGTERM, stop)
    print(json.dumps(sender.run()), flush=True)


if __name__ == "__main__":
    main()
