"""What was refused, why, and how does one get it back?"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

DEFAULT_MAX_BYTES: Final = 64 << 20
KEEP_BYTES: Final = 64 << 10
"""Of a longer payload only the beginning is kept; `size` still tells how long it was."""
EVICT_ROWS: Final = 64

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY AUTOINCREMENT, received_ns INTEGER NOT NULL,"
    " topic TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL,"
    " size INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tally (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
)
_OVERHEAD: Final = 64
_COST: Final = f"length(payload) + length(topic) + length(detail) + {_OVERHEAD}"


class RefusedPayload(NamedTuple):
    """A refused payload; `size` is its length in bytes, of which `payload` may hold the beginning only."""

    topic: str
    payload: bytes
    reason: str
    detail: str
    received_ns: int
    size: int = -1


class Refused:
    """Refused payloads on disk. Within `max_bytes` the oldest make room for the newest; the tally stays.

    The methods block and may be called from any thread. What `keep` was given is on disk when it returns.
    """

    def __init__(self, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 16777216"):
            self._db.execute(f"PRAGMA {pragma}")
        with self._db:
            for table in _TABLES:
                self._db.execute(table)
        self._bytes = int(self._db.execute(f"SELECT coalesce(sum({_COST}), 0) FROM refused").fetchone()[0])

    def keep(self, topic: str, payload: bytes, reason: str, detail: str, received_ns: int) -> None:
        """Keep one payload and count it under `reason`."""
        self.keep_all([RefusedPayload(topic, payload, reason, detail, received_ns)])

    def keep_all(self, payloads: Iterable[RefusedPayload]) -> None:
        """Keep and count several payloads in one transaction."""
        with self._lock, self._db:
            for item in payloads:
                self._insert(item)
            while self._bytes > self.max_bytes and self._evict():
                pass

    def recent(self, n: int = 20) -> list[RefusedPayload]:
        """The last `n` payloads, newest first."""
        with self._lock:
            found = self._db.execute(
                "SELECT topic, payload, reason, detail, received_ns, size FROM refused"
                " ORDER BY id DESC LIMIT ?",
                (n,),
            ).fetchall()
        return [RefusedPayload(*row) for row in found]

    def counts(self) -> dict[str, int]:
        """How many were ever refused, by reason."""
        with self._lock:
            return dict(self._db.execute("SELECT reason, n FROM tally ORDER BY reason").fetchall())

    def purge(self) -> int:
        """Forget the payloads (not the tally); returns how many there were."""
        with self._lock, self._db:
            gone = self._db.execute("DELETE FROM refused").rowcount
            self._bytes = 0
        return gone

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _insert(self, item: RefusedPayload) -> None:
        topic, detail, payload = _storable(item.topic), _storable(item.detail), item.payload[:KEEP_BYTES]
        self._db.execute(
            "INSERT INTO refused (received_ns, topic, reason, detail, payload, size)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (item.received_ns, topic, item.reason, detail, payload, max(item.size, len(item.payload))),
        )
        self._db.execute(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (item.reason,)
        )
        self._bytes += len(payload) + len(topic) + len(detail) + _OVERHEAD

    def _evict(self) -> bool:
        """Delete some of the oldest payloads; whether there were any."""
        oldest = f"SELECT id, {_COST} AS cost FROM refused ORDER BY id LIMIT {EVICT_ROWS}"
        last, size = self._db.execute(f"SELECT max(id), coalesce(sum(cost), 0) FROM ({oldest})").fetchone()
        if last is None:
            return False
        self._db.execute("DELETE FROM refused WHERE id <= ?", (last,))
        self._bytes -= size
        return True


def _storable(text: str) -> str:
    """Text without what SQLite cannot keep (lone surrogates) or would cut off (NUL)."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
