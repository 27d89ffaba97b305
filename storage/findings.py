"""What was wrong with which device, since when and until when? Kept over restarts, in a file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from collectors.health.finding import Finding

KEPT: Final = 100_000
"""Findings that are over; the oldest go first."""

_COLUMNS: Final = (
    "site, subject, scope, what, why, severity, since_ns, until_ns, kind, devices"  # in the order of Finding
)
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS finding (id INTEGER PRIMARY KEY, site TEXT, subject TEXT, scope TEXT,"
    " what TEXT, why TEXT, severity TEXT, since_ns INTEGER, until_ns INTEGER, kind TEXT, devices INTEGER,"
    " UNIQUE (site, subject, what, since_ns))"
)


class Findings:
    """The history of findings. Every method reads or writes the disk, and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(_TABLE)
        self._db.execute("CREATE INDEX IF NOT EXISTS by_end ON finding (until_ns, since_ns)")

    def keep(self, changed: Iterable[Finding]) -> None:
        """Keep findings that opened or ended; on disk on return."""
        with self._written() as db:
            db.executemany(
                f"INSERT INTO finding ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET until_ns = excluded.until_ns, why = excluded.why,"
                " severity = excluded.severity, devices = excluded.devices",
                [_row(finding) for finding in changed],
            )
            db.execute(
                "DELETE FROM finding WHERE until_ns > 0 AND id <="
                " (SELECT id FROM finding WHERE until_ns > 0 ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (KEPT,),
            )

    def open(self) -> list[Finding]:
        """What had not ended when it was kept last, the oldest first."""
        return self._read("WHERE until_ns = 0 ORDER BY since_ns, id", ())

    def history(self, subject: str = "", site: str = "", limit: int = 1000) -> list[Finding]:
        """The newest first, what is still so before what is over; of one device or feed, or of all."""
        where = [(f"{name} = ?", value) for name, value in (("subject", subject), ("site", site)) if value]
        text = f"WHERE {' AND '.join(test for test, _ in where)} " if where else ""
        values = [value for _, value in where]
        return self._read(f"{text}ORDER BY until_ns = 0 DESC, since_ns DESC LIMIT ?", (*values, limit))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _read(self, tail: str, values: tuple[object, ...]) -> list[Finding]:
        with self._lock:
            rows: list[Any] = self._db.execute(f"SELECT {_COLUMNS} FROM finding {tail}", values).fetchall()
        return [Finding(*row) for row in rows]

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _row(finding: Finding) -> tuple[object, ...]:
    return tuple(getattr(finding, name.strip()) for name in _COLUMNS.split(","))
