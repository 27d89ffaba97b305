"""How do changes of users, logins and tokens come into the audit trail?

Whoever makes one leaves word in the book, in the same transaction; the running program takes it from there.
What was changed while nothing ran is taken at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from gateway.access.book import Book, BookError
from gateway.audit.entry import Fact
from gateway.audit.recorder import Recorder

log = logging.getLogger(__name__)

PERIOD_S: Final = 1.0
AT_ONCE: Final = 500


class Journal:
    """What is left in a book for the trail; taken once, and struck out when it is on the disk."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._taken = 0

    def facts(self, at_ns: int) -> list[Fact]:
        """What nobody took yet, as facts of city time `at_ns`."""
        rows = self._book.rows("SELECT * FROM journal WHERE id > ? ORDER BY id LIMIT ?", self._taken, AT_ONCE)
        self._taken = rows[-1]["id"] if rows else self._taken
        return [
            Fact(
                at_ns, row["who"], row["what"], row["subject"], row["before"] or None, row["after"] or None,
                f"At {datetime.fromtimestamp(row['at_s'], UTC):%Y-%m-%d %H:%M:%S} UTC.",
            )
            for row in rows
        ]  # fmt: skip

    def strike(self) -> None:
        """Everything taken so far is on the disk."""
        if self._book.rows("SELECT 1 FROM journal WHERE id <= ? LIMIT 1", self._taken):
            with self._book.change() as change:
                change.execute("DELETE FROM journal WHERE id <= ?", (self._taken,))


async def keep_record(journal: Journal, recorder: Recorder, city_now_ns: Callable[[], int]) -> None:
    """Bring the journal into the trail until cancelled."""
    while True:
        await asyncio.sleep(PERIOD_S)
        try:
            await _bring(journal, recorder, city_now_ns())
        except (sqlite3.Error, BookError) as error:
            log.error("changes of users and tokens wait for the audit trail: %s", error)


async def _bring(journal: Journal, recorder: Recorder, now_ns: int) -> None:
    if recorder.settled:
        await asyncio.to_thread(journal.strike)
    for fact in await asyncio.to_thread(journal.facts, now_ns) if now_ns else ():
        recorder.note(fact)
