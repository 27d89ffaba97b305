"""Where is it kept which devices are registered, and who decided that?

One SQLite file that the running city and the command line share: whoever changes something writes the change
and its record in one transaction; the city notices, acts and puts the record into its audit trail.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from gateway.devices.entry import DeviceEntry

FILE: Final = "registry.sqlite"
FROM_FILE: Final = "city file"
BY_COMMAND: Final = "command"

State = Literal["approved", "retired"]

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS device (site TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL,"
    " origin TEXT NOT NULL, entry TEXT NOT NULL, since_ns INTEGER NOT NULL, PRIMARY KEY (site, id))",
    "CREATE TABLE IF NOT EXISTS change (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ns INTEGER NOT NULL,"
    " who TEXT NOT NULL, what TEXT NOT NULL, site TEXT NOT NULL, id TEXT NOT NULL, before TEXT NOT NULL,"
    " after TEXT NOT NULL, why TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS city (one INTEGER PRIMARY KEY, site TEXT NOT NULL)",
)


class RegistryError(Exception):
    """The registry does not do that; the text says why, and what there is."""


class Row(NamedTuple):
    """One registered device; `since_ns` is when its state began."""

    entry: DeviceEntry
    state: State
    origin: str
    since_ns: int


class Change(NamedTuple):
    """One change on record: `before` and `after` are the state with what is declared, as text."""

    number: int
    at_ns: int
    who: str
    what: str
    site: str
    id: str
    before: str
    after: str
    why: str


class Registry:
    """The registered devices of a city. Methods block, and may be called from any thread and process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        with self._changing():
            for table in _TABLES:
                self._db.execute(table)

    def every(self) -> list[Row]:
        """All registered devices, retired ones included, by site and id."""
        with self._lock:
            rows = self._db.execute(
                "SELECT entry, state, origin, since_ns FROM device ORDER BY site, id"
            ).fetchall()
        return [Row(_entry(text), state, origin, since) for text, state, origin, since in rows]

    def of(self, site: str, device: str) -> Row | None:
        """One registered device."""
        with self._lock:
            return self._of(site, device)

    def add(self, entries: Iterable[DeviceEntry], who: str, now_ns: int, why: str = "") -> int:
        """Register devices, their sites told; those that are known and say the same stay. How many changed.

        Raises RegistryError, and then none is registered, for one that the city file declares otherwise.
        """
        changed = 0
        with self._changing():
            for entry in entries:
                before = self._of(entry.site, entry.id)
                if before is not None and before.origin == FROM_FILE and before.entry != entry:
                    raise RegistryError(
                        f"{entry.id} at {entry.site} is declared in the city file; change it there"
                    )
                origin = before.origin if before is not None else BY_COMMAND
                changed += self._set(before, Row(entry, "approved", origin, now_ns), who, "approve", why)
        return changed

    def retire(self, site: str, device: str, who: str, now_ns: int, why: str = "") -> None:
        """Take nothing from a device any more; it stays on record. Raises RegistryError."""
        with self._changing():
            before = self._of(site, device)
            if before is None:
                raise RegistryError(
                    f"no device '{device}' at {site} is registered; `arterial devices list` shows them"
                )
            self._set(before, before._replace(state="retired", since_ns=now_ns), who, "retire", why)

    def declare(self, entries: Sequence[DeviceEntry], home: str, now_ns: int) -> None:
        """Take over what the city file of site `home` declares; what it no longer declares is forgotten.

        One that was retired stays so until it is approved again.
        """
        told = {(entry.site, entry.id): entry for entry in (entry.at(home) for entry in entries)}
        with self._changing():
            for (site, device), entry in told.items():
                before = self._of(site, device)
                state: State = before.state if before is not None else "approved"
                self._set(before, Row(entry, state, FROM_FILE, now_ns), "arterial", "declare", "City file.")
            rows = self._db.execute("SELECT site, id FROM device WHERE origin = ?", (FROM_FILE,)).fetchall()
            for site, device in rows:
                if (site, device) not in told:
                    self._drop(site, device, now_ns)
            self._db.execute("INSERT OR REPLACE INTO city VALUES (1, ?)", (home,))

    def home(self) -> str:
        """The site of the city that runs on this registry; empty before its first run."""
        with self._lock:
            found = self._db.execute("SELECT site FROM city").fetchone()
        return "" if found is None else str(found[0])

    def changes(self, after: int = 0, limit: int = 1000) -> list[Change]:
        """The record from the change after number `after` on, oldest first."""
        with self._lock:
            sql = "SELECT * FROM change WHERE number > ? ORDER BY number LIMIT ?"
            return [Change(*row) for row in self._db.execute(sql, (after, limit))]

    def last(self) -> int:
        """The number of the last change."""
        with self._lock:
            return int(self._db.execute("SELECT coalesce(max(number), 0) FROM change").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _of(self, site: str, device: str) -> Row | None:
        found = self._db.execute(
            "SELECT entry, state, origin, since_ns FROM device WHERE site = ? AND id = ?", (site, device)
        ).fetchone()
        return None if found is None else Row(_entry(found[0]), *found[1:])

    def _set(self, before: Row | None, after: Row, who: str, what: str, why: str) -> bool:
        """Write a row and its record; nothing where it says what was said before."""
        if before is not None and before[:3] == after[:3]:
            return False
        site, device = after.entry.site, after.entry.id
        since = before.since_ns if before is not None and before.state == after.state else after.since_ns
        self._db.execute(
            "INSERT OR REPLACE INTO device VALUES (?, ?, ?, ?, ?, ?)",
            (site, device, after.state, after.origin, json.dumps(after.entry.told()), since),
        )
        self._record(after.since_ns, who, what, site, device, _words(before), _words(after), why)
        return True

    def _drop(self, site: str, device: str, now_ns: int) -> None:
        before = self._of(site, device)
        self._db.execute("DELETE FROM device WHERE site = ? AND id = ?", (site, device))
        why = "No longer in the city file."
        self._record(now_ns, "arterial", "forget", site, device, _words(before), "", why)

    def _record(self, *values: object) -> None:
        self._db.execute(
            "INSERT INTO change (at_ns, who, what, site, id, before, after, why)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def beside(var: Path) -> Path:
    """The registry of the arterial that keeps its files in `var`; ingest workers share one."""
    folder = var.resolve()
    return (folder.parent if folder.name.startswith("worker-") else folder) / FILE


def _entry(text: str) -> DeviceEntry:
    return DeviceEntry.model_validate(json.loads(text))


def _words(row: Row | None) -> str:
    """State and what is declared, for people who read the record."""
    if row is None:
        return ""
    told: dict[str, Any] = {
        key: value for key, value in row.entry.told().items() if key not in ("id", "site")
    }
    return " ".join([row.state, json.dumps(told)]) if told else row.state
