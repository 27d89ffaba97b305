"""How much of what was sent has not come to rest, and when has all of it?"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

AHEAD_MESSAGES: Final = 800
"""Messages the broker may hold for us; mosquitto's default queue is 1000, and beyond it drops in silence."""
WAITING_LIMIT: Final = 100_000
"""Readings that may wait for the store before the sender waits for it, too."""
QUIET_S: Final = 5.0
"""Books that do not move for this long hold all there is to come."""
PATIENCE_S: Final = 60.0
"""A store or broker that takes nothing for this long is given up."""

Books = Mapping[str, int]


class BacklogError(Exception):
    """Nothing has moved for too long; the text says how the books stand."""


class Backlog:
    """Compares what was sent with the books of the pipeline that takes it.

    `books` returns received, stored, refused, duplicate and waiting, in readings. Call `settle` before the
    first `sent`, so that what was there already is left out of the account.
    """

    def __init__(self, books: Callable[[], Books]) -> None:
        self._books = books
        self._before: Books = {}
        self._sent = 0
        self._ahead: deque[int] = deque()

    def sent(self, readings: int) -> None:
        """One more message with so many readings is on its way."""
        self._sent += readings
        self._ahead.append(self._sent)

    def since(self) -> dict[str, int]:
        """The books of this account alone."""
        return {name: count - self._before.get(name, 0) for name, count in self._books().items()}

    async def room(self) -> None:
        """Wait while the broker or the store has too much of ours. Raises BacklogError.

        The books are on disk, so they are opened only once per AHEAD_MESSAGES.
        """
        if len(self._ahead) < AHEAD_MESSAGES:
            return
        watch = _Watch()
        while self._crowded(books := self._books()):
            quiet_s = watch.quiet_s(books)
            if books["waiting"] < WAITING_LIMIT and quiet_s > QUIET_S:
                self._ahead.clear()  # a refused payload counts once, whatever it held
            if quiet_s > PATIENCE_S:
                raise BacklogError(f"the store has taken nothing for {PATIENCE_S:.0f} s; {_words(books)}")
            await asyncio.sleep(0.01)

    async def settle(self) -> None:
        """Wait until everything sent has arrived, nothing waits, the books balance. Raises BacklogError."""
        watch = _Watch()
        while True:
            quiet_s = watch.quiet_s(books := self._books())
            if _at_rest(books) and (self.since()["received"] >= self._sent or quiet_s > QUIET_S):
                break
            if quiet_s > PATIENCE_S:
                raise BacklogError(f"nothing has moved for {PATIENCE_S:.0f} s; {_words(books)}")
            await asyncio.sleep(0.05)
        if not self._before:
            self._before = dict(books)

    def _crowded(self, books: Books) -> bool:
        arrived = books["received"] - self._before["received"]
        while self._ahead and self._ahead[0] <= arrived:
            self._ahead.popleft()
        return len(self._ahead) >= AHEAD_MESSAGES or books["waiting"] >= WAITING_LIMIT


class _Watch:
    """Since when have the books not moved?"""

    def __init__(self) -> None:
        self._books: dict[str, int] = {}
        self._since = time.monotonic()

    def quiet_s(self, books: Books) -> float:
        if dict(books) != self._books:
            self._books, self._since = dict(books), time.monotonic()
        return time.monotonic() - self._since


def _at_rest(books: Books) -> bool:
    settled = books["stored"] + books["refused"] + books["duplicate"]
    return books["waiting"] == 0 and books["received"] == settled


def _words(books: Books) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in books.items())
