"""Do the books balance: received = stored + refused + duplicate + waiting?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

Column = Literal["received", "stored", "refused", "duplicate"]
Entry = tuple[Column, str, int]
"""What became of how many readings of a kind: (column, kind, n)."""

TABLE = (
    "CREATE TABLE IF NOT EXISTS book (store TEXT, name TEXT, kind TEXT, n INTEGER NOT NULL,"
    " PRIMARY KEY (store, name, kind)) WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class Account:
    """Readings counted by what became of them; a refused payload counts as one reading."""

    received: int = 0
    stored: int = 0
    refused: int = 0
    duplicate: int = 0

    @property
    def open(self) -> int:
        """Readings received of which nothing has become yet."""
        return self.received - self.stored - self.refused - self.duplicate

    def __add__(self, other: Account) -> Account:
        return Account(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of every kind as one store sees them, and the readings that wait for it in the spool."""

    kinds: dict[str, Account] = field(default_factory=dict)
    waiting: int = 0

    @property
    def total(self) -> Account:
        """All kinds together."""
        return sum(self.kinds.values(), Account())

    @property
    def balanced(self) -> bool:
        """Whether received = stored + refused + duplicate + waiting."""
        return self.total.open == self.waiting

    def totals(self) -> dict[str, int]:
        """All kinds together as plain numbers by name, what waits among them."""
        return {**asdict(self.total), "waiting": self.waiting}


def enter(db: sqlite3.Connection, entries: Iterable[Entry], store: str = "") -> None:
    """Add `entries` to the books within the open transaction of `db`; ValueError for an unknown column.

    `store` is empty for what happens before the spool (and so concerns every store).
    """
    for name, kind, n in entries:
        if name not in get_args(Column):
            raise ValueError(f"no column named '{name}'; there are: {', '.join(get_args(Column))}")
        db.execute(
            "INSERT INTO book VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (store, name, kind, n),
        )


def begin(db: sqlite3.Connection, store: str, like: str) -> None:
    """Open the books of `store`, which has come to where `like` stands: what `like` has settled before, it
    never was to receive."""
    theirs, ours = read(db, like, 0).kinds, read(db, store, 0).kinds
    for kind in theirs.keys() | ours.keys():
        missing = theirs.get(kind, Account()).open - ours.get(kind, Account()).open
        enter(db, [("received", kind, missing)] if missing else [], store)


def on_disk(path: Path, store: str) -> Books:
    """The books in a spool file that another process is using. Raises sqlite3.Error when there is none."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)) as db:
        db.execute("BEGIN")
        waiting = db.execute(
            "SELECT head.readings - position.readings FROM head, position WHERE store = ?", (store,)
        ).fetchone()
        return read(db, store, int(waiting[0]) if waiting else 0)


def read(db: sqlite3.Connection, store: str, waiting: int) -> Books:
    """The books as `store` sees them."""
    found: dict[str, dict[str, int]] = {}
    rows = db.execute(
        "SELECT kind, name, sum(n) FROM book WHERE store IN ('', ?) GROUP BY kind, name", (store,)
    )
    for kind, name, n in rows:
        found.setdefault(kind, {})[name] = n
    return Books({kind: Account(**columns) for kind, columns in sorted(found.items())}, waiting)
