"""How many readings carry which flag? Counted beside the books, in the same transaction; never less again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS flagged (flag TEXT, kind TEXT, n INTEGER NOT NULL,"
    " PRIMARY KEY (flag, kind)) WITHOUT ROWID"
)
Flags = Mapping[tuple[str, str], int]
"""How many readings carry a flag, by (flag, kind)."""
NO_FLAGS: Final[Flags] = MappingProxyType({})


def add(db: sqlite3.Connection, flags: Flags) -> None:
    """Count `flags` within the open transaction of `db`."""
    for (flag, kind), n in flags.items():
        db.execute(
            "INSERT INTO flagged VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (flag, kind, n),
        )


def read(db: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """By flag and kind."""
    found: dict[str, dict[str, int]] = {}
    for flag, kind, n in db.execute("SELECT flag, kind, n FROM flagged ORDER BY flag, kind"):
        found.setdefault(flag, {})[kind] = n
    return found
