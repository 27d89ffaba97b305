"""Sends messages as a city's meters do: `ingest_publisher.py PORT N QOS DEVICES RATE KINDS`.

Each is about 120 B of JSON, numbers as devices send them that compute in doubles. First every device sends
one (times of a minute ago); then, told by a line on stdin, they send N in turn.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gateway.links import fast_packets as packets

CHUNK = 50
WARM_RATE = 5_000


def kind(number: int, kinds: int) -> str:
    """The kind of a device: `water` where there is one, else one of `meter_00` and so on."""
    return "water" if kinds == 1 else f"meter_{number % kinds:02}"


def topic(number: int, kinds: int) -> str:
    return f"arterial/bench/{kind(number, kinds)}/w-{number:06d}"


def payload(at_ms: int, volume: float, flow: float) -> bytes:
    record = {"t": at_ms, "volume_m3": volume, "flow_m3_h": flow, "battery_v": 3.4 + flow / 10}
    return json.dumps(record).encode()


class Meters:
    """The devices on one connection; `send` returns once the broker has confirmed what it confirms."""

    def __init__(self, port: int, devices: int, kinds: int, qos: int) -> None:
        self._topics = [topic(i, kinds) for i in range(devices)]
        self._qos = qos
        self._chance = random.Random(1)
        self._sock = socket.create_connection(("127.0.0.1", port))
        self._sock.sendall(packets.connect(f"bench-publisher-{time.time_ns()}", 0, None, None))
        self._sock.recv(4)

    def send(self, n: int, rate: int, base_ms: int) -> None:
        """`n` messages at `rate` per second, chunk by chunk, no two with the same time and device."""
        reader = threading.Thread(target=self._confirmations, args=(n if self._qos else 0,))
        reader.start()
        began_s = time.monotonic()
        for first in range(0, n, CHUNK):
            parts = [self._packet(i, rate, base_ms) for i in range(first, min(n, first + CHUNK))]
            ahead_s = first / rate - (time.monotonic() - began_s)
            if ahead_s > 0:
                time.sleep(ahead_s)
            self._sock.sendall(b"".join(parts))
        reader.join()

    def close(self) -> None:
        self._sock.sendall(packets.GOODBYE)
        self._sock.close()

    def _packet(self, i: int, rate: int, base_ms: int) -> bytes:
        devices, chance = len(self._topics), self._chance.random
        volume = 512.3456789 + i * 1.23456789e-7  # a counter as there are: it only grows, and slowly
        body = payload(base_ms + max(i * 1000 // rate, i // devices), volume, chance())
        return packets.publish(self._topics[i % devices], body, self._qos, False, i % 65_000 + 1, False)

    def _confirmations(self, n: int) -> None:
        left = 4 * n
        while left:
            left -= len(self._sock.recv(65_536)) or left


def main() -> None:
    port, n, qos, devices, rate, kinds = map(int, sys.argv[1:])
    meters = Meters(port, devices, kinds, qos)
    meters.send(devices, WARM_RATE, time.time_ns() // 1_000_000 - 60_000)
    sys.stdin.readline()
    meters.send(n, rate, time.time_ns() // 1_000_000)
    meters.close()


if __name__ == "__main__":
    main()
