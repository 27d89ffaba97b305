"""What is kept while the broker is away, and what is dropped first?"""

from __future__ import annotations

import heapq

from simulators.city import Outgoing


class Outbox:
    """Messages that wait to be sent, oldest first, at most `limit` of them.

    Without a broker only QoS 1 is kept. When full, the oldest message that is no high-resolution log goes;
    logs are never pushed out: when there is nothing else, the new message is dropped. `dropped` counts both.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._logs: list[tuple[int, Outgoing]] = []
        self._rest: list[tuple[int, Outgoing]] = []
        self._next = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._logs) + len(self._rest)

    def add(self, message: Outgoing) -> None:
        """Keep a new message."""
        if len(self) >= self._limit:
            self.dropped += 1
            if not self._rest:
                return
            heapq.heappop(self._rest)
        self.put_back(self._next, message)
        self._next += 1

    def put_back(self, number: int, message: Outgoing) -> None:
        """Keep a message that was taken but not delivered, in its old place."""
        heapq.heappush(self._logs if "/hires/" in message.topic else self._rest, (number, message))

    def take(self) -> tuple[int, Outgoing]:
        """The oldest message and its number; IndexError when there is none."""
        queues = [queue for queue in (self._logs, self._rest) if queue]
        return heapq.heappop(min(queues, key=lambda queue: queue[0][0]) if queues else self._rest)

    def forget_fleeting(self) -> None:
        """Drop what is only worth sending at once (QoS 0); it is not counted."""
        self._rest = [(n, m) for n, m in self._rest if m.qos > 0]
        heapq.heapify(self._rest)
