"""How do refused payloads lie on disk, and how does one ask for some of them?"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

READING: Final = "$reading/"
"""How the topic of what is kept as a reading rather than as a payload begins; kind and device follow."""
REJECTED: Final = "rejected_by_store"
"""Reason of readings that were fine for us and not for the store; their `topic` is kind/device."""
OVERHEAD: Final = 256
COST: Final = f"length(payload) + length(topic) + {OVERHEAD}"
"""Bytes that an entry counts for."""

TABLES: Final = (
    # times: how often exactly this payload was refused on this topic; sent_ns: when it was sent once more and
    # not answered since, else 0; handed: sent by handing it to arterial rather than through the broker;
    # subject: the device (site/kind/device) that is to be approved first
    "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE,"
    " topic TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL,"
    " size INTEGER NOT NULL, first_ns INTEGER NOT NULL, received_ns INTEGER NOT NULL,"
    " times INTEGER NOT NULL DEFAULT 1, sent_ns INTEGER NOT NULL DEFAULT 0,"
    " handed INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX IF NOT EXISTS sent ON entry (sent_ns) WHERE sent_ns > 0",
    "CREATE TABLE IF NOT EXISTS tally (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS talker (topic TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS fate (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
)
_COLUMNS: Final = "id, topic, reason, detail, first_ns, received_ns, times, size, length(payload), sent_ns"


class Entry(NamedTuple):
    """What is known of a refused payload, without its bytes; times in nanoseconds since the epoch.

    `size` is its length, of which `kept` bytes are here. `sent_ns` is when it was sent once more and has not
    been answered since, or 0.
    """

    id: int
    topic: str
    reason: str
    detail: str
    first_ns: int
    received_ns: int
    times: int
    size: int
    kept: int
    sent_ns: int

    @property
    def whole(self) -> bool:
        """Whether all of the payload is here."""
        return self.kept == self.size

    @property
    def is_reading(self) -> bool:
        """Whether the payload is a reading of ours, not what a device sent."""
        return self.reason == REJECTED or self.topic.startswith(READING)


class Subject(NamedTuple):
    """A device that waits to be approved: `site/kind/device`, what is kept of it, and on which topic."""

    name: str
    messages: int
    first_ns: int
    last_ns: int
    topic: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: those that fit everything given. `device` is a level of the topic, `topic` its start."""

    reason: str = ""
    device: str = ""
    topic: str = ""
    since_ns: int = 0
    ids: tuple[int, ...] = ()
    subject: str = ""

    def where(self) -> tuple[str, list[object]]:
        """An SQL condition and its values."""
        parts: list[tuple[str, list[object]]] = [("received_ns >= ?", [self.since_ns])]
        if self.reason:
            parts.append(("reason = ?", [self.reason]))
        if self.device:
            parts.append(("instr('/' || topic || '/', ?) > 0", [f"/{self.device}/"]))
        if self.topic:
            parts.append(("substr(topic, 1, ?) = ?", [len(self.topic), self.topic]))
        if self.subject:
            parts.append(("subject = ? AND subject <> ''", [self.subject]))
        if self.ids:
            parts.append((f"id IN ({', '.join('?' for _ in self.ids)})", list(self.ids)))
        return " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def select(db: sqlite3.Connection, wanted: Wanted, after: int, limit: int) -> list[Entry]:
    """Entries with an id above `after`, oldest first."""
    where, values = wanted.where()
    sql = f"SELECT {_COLUMNS} FROM entry WHERE id > ? AND {where} ORDER BY id LIMIT ?"
    return [Entry(*row) for row in db.execute(sql, [after, *values, limit])]


def newest(db: sqlite3.Connection, wanted: Wanted, limit: int) -> list[Entry]:
    """The entries refused last, newest first."""
    where, values = wanted.where()
    sql = f"SELECT {_COLUMNS} FROM entry WHERE {where} ORDER BY received_ns DESC, id DESC LIMIT ?"
    return [Entry(*row) for row in db.execute(sql, [*values, limit])]


def subjects(db: sqlite3.Connection, limit: int) -> list[Subject]:
    """The devices that wait to be approved, the one heard last first."""
    sql = (
        "SELECT subject, sum(times), min(first_ns), max(received_ns), max(topic) FROM entry"
        " WHERE subject <> '' GROUP BY subject ORDER BY max(received_ns) DESC, subject LIMIT ?"
    )
    return [Subject(*row) for row in db.execute(sql, [limit])]


def digest(topic: str, payload: bytes) -> bytes:
    """What tells one refused payload from another: 16 bytes over topic and payload."""
    mark = hashlib.blake2b(topic.encode("utf-8", "replace"), digest_size=16)
    mark.update(b"\0")
    mark.update(payload)
    return mark.digest()


def create(db: sqlite3.Connection) -> None:
    """Make the tables within the open transaction, and move over what an earlier layout holds."""
    for table in TABLES:
        db.execute(table)
    columns = {name for _, name, *_ in db.execute("PRAGMA table_info(entry)")}
    if "subject" not in columns:
        db.execute("ALTER TABLE entry ADD COLUMN subject TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX IF NOT EXISTS subjects ON entry (subject) WHERE subject <> ''")
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'refused'").fetchone():
        _move(db)
        db.execute("DROP TABLE refused")


def add(db: sqlite3.Connection, table: str, key: str, n: int = 1) -> None:
    """Count `n` more under `key` in one of the counter tables."""
    db.execute(f"INSERT INTO {table} VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", (key, n))


def _move(db: sqlite3.Connection) -> None:
    rows: Sequence[tuple[int, str, str, str, bytes, int]] = db.execute(
        "SELECT received_ns, topic, reason, detail, payload, size FROM refused ORDER BY id"
    ).fetchall()
    for at_ns, topic, reason, detail, payload, size in rows:
        db.execute(
            "INSERT INTO entry (digest, topic, reason, detail, payload, size, first_ns, received_ns)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET times = times + 1",
            (digest(topic, payload), topic, reason, detail, payload, size, at_ns, at_ns),
        )
    counted = db.execute("SELECT coalesce(sum(n), 0) FROM tally").fetchone()[0]
    add(db, "fate", "evicted", counted - len(rows))
