"""How far has each store come in the spool, and what waits for it?

Functions on the tables of a spool; `total` is how many readings were ever appended. Those that write need an
open transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from storage import books
from storage.books import Entry

TABLE = (
    "CREATE TABLE IF NOT EXISTS position (store TEXT PRIMARY KEY, id INTEGER NOT NULL,"
    " readings INTEGER NOT NULL) WITHOUT ROWID"
)
DAMAGED = "CREATE TABLE IF NOT EXISTS damaged (id INTEGER PRIMARY KEY, readings INTEGER NOT NULL, body BLOB)"


def of(db: sqlite3.Connection, store: str, total: int) -> int:
    """The row up to which `store` has everything. One that is new begins where the slowest stands (its books
    too), the first one at the beginning."""
    found = db.execute("SELECT id FROM position WHERE store = ?", (store,)).fetchone()
    if found:
        return int(found[0])
    slowest = db.execute("SELECT store, id, readings FROM position ORDER BY id LIMIT 1").fetchone()
    other, row, readings = slowest or ("", 0, trimmed(db, total))
    db.execute("INSERT INTO position VALUES (?, ?, ?)", (store, row, readings))
    if slowest:
        books.begin(db, store, other)
    return int(row)


def move(db: sqlite3.Connection, store: str, row: int, total: int) -> None:
    """`store` has everything up to `row`."""
    found = db.execute("SELECT readings FROM spool WHERE id <= ? ORDER BY id DESC LIMIT 1", (row,)).fetchone()
    db.execute(
        "INSERT INTO position VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET id = ?2, readings = ?3",
        (store, row, trimmed(db, total) if found is None else int(found[0])),
    )


def keep(db: sqlite3.Connection, stores: Iterable[str]) -> None:
    """Forget every store but these."""
    wanted = list(stores)
    marks = ", ".join("?" for _ in wanted)
    db.execute(f"DELETE FROM position WHERE store NOT IN ({marks})", wanted)


def waiting(db: sqlite3.Connection, store: str, total: int) -> int:
    """How many readings `store` does not have yet."""
    found = db.execute("SELECT readings FROM position WHERE store = ?", (store,)).fetchone()
    return total - int(found[0] if found else trimmed(db, total))


def lost(db: sqlite3.Connection, store: str, row: int) -> list[Entry]:
    """What `store` does not get on its way to `row`, because the disk has damaged it."""
    (n,) = db.execute(
        "SELECT coalesce(sum(readings), 0) FROM damaged WHERE id <= ?2"
        " AND id > coalesce((SELECT id FROM position WHERE store = ?1), 0)",
        (store, row),
    ).fetchone()
    return [("refused", "", n)] if n else []


def slowest(db: sqlite3.Connection) -> int:
    """The row that every store has; 0 where there is no store."""
    return int(db.execute("SELECT coalesce(min(id), 0) FROM position").fetchone()[0])


def trimmed(db: sqlite3.Connection, total: int) -> int:
    """Readings ever appended and gone again: the running total before the first row that is left."""
    first = db.execute("SELECT readings - n FROM spool ORDER BY id LIMIT 1").fetchone()
    return total if first is None else int(first[0])
