"""What does an acknowledgement promise? (That the reading is in here, on disk, until every store has it.)"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from collectors.batch import Batch, kinds_of
from collectors.reading import Reading
from storage import books, flagged, positions
from storage.books import Books, Column, Entry
from storage.flagged import NO_FLAGS, Flags
from storage.fresh import Fresh
from storage.spool_repair import repair
from storage.spool_rows import BadRow, decoded, encoded

DEFAULT_MAX_BYTES: Final = 1 << 30
ROW_READINGS: Final = 2_000
"""Readings in one row; a row is never split between two batches."""
BATCH_BYTES: Final = 8 << 20
"""Bytes that are read from the disk at once."""
SMALL_FROM_BYTES: Final = 16 << 20
"""Once so much waits for a store, all rows are compressed, so that more of them fit."""
RESERVE_BYTES: Final = 4 << 20
"""Of the disk this much is left free by appends, so that rows can still be trimmed and the books kept."""
TRIM_ROWS: Final = 256
"""Rows deleted in one transaction, so that appends never wait long for a trim."""

_TABLES: Final = (
    # n: readings in the row; readings, bytes: running totals up to and including it
    "CREATE TABLE IF NOT EXISTS spool (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, readings INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, appended_ns INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL,"
    " readings INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    positions.TABLE,
    positions.DAMAGED,
    books.TABLE,
    flagged.TABLE,
)


class SpoolFull(OSError):
    """The spool, or the disk it is on, has no room: do not acknowledge, come back."""


class Spool:
    """A bounded queue on disk with one reader position per store, and the books.

    Every change is on disk when its method returns. The methods block (they wait for the disk) and may be
    called from any thread. `max_bytes` bounds the compressed readings that wait. Row ids begin at the
    microsecond of creation, so that a new spool never repeats the ids of a deleted one: a store that
    remembers its position would take the new readings for old.
    """

    def __init__(self, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        repair(path, _TABLES)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 67108864"):
            self._db.execute(f"PRAGMA {pragma}")
        with self._transaction():
            for table in _TABLES:
                self._db.execute(table)
            self._db.execute("INSERT OR IGNORE INTO head VALUES (1, ?, 0, 0)", (time.time_ns() // 1000,))
        self._id, self._readings, self._bytes = self._row("SELECT id, readings, bytes FROM head")
        self._small = self._used() > SMALL_FROM_BYTES
        self._fresh = Fresh(self._row("SELECT coalesce(max(id), 0) FROM spool")[0])

    @property
    def last(self) -> int:
        """The id of the row appended last."""
        return self._id

    def append(self, readings: Sequence[Reading], also: Iterable[Entry] = (), flags: Flags = NO_FLAGS) -> int:
        """Keep `readings` and count them as received; returns the id of the last row. One transaction.

        `also` are further entries of the books that belong to the same moment, `flags` says how many readings
        carry which flag. Raises SpoolFull, and then nothing is kept or counted.
        """
        batch = readings if isinstance(readings, Batch) else Batch(readings)
        pieces = list(batch.pieces(ROW_READINGS)) if len(batch) else []
        rows = [(len(piece), encoded(piece, self._small)) for piece in pieces]
        received: list[Entry] = [("received", kind, n) for kind, n in kinds_of(batch).items()]
        with self._lock:
            self._check_room(sum(len(body) for _, body in rows))
            head = self._insert(rows, [*received, *also], flags)
            self._fresh.add(enumerate(pieces, self._id + 1))
            self._id, self._readings, self._bytes = head
        return head[0]

    def count(self, name: Column, kind: str, n: int = 1, store: str = "") -> None:
        """Enter `n` readings of `kind` in the books under received, stored, refused or duplicate."""
        self.enter([(name, kind, n)], store)

    def enter(self, entries: Iterable[Entry], store: str = "") -> None:
        """Make several entries in the books at once; `store` is empty for what concerns every store."""
        with self._transaction():
            books.enter(self._db, entries, store)

    def read(self, after: int, limit: int) -> list[tuple[int, Sequence[Reading]]]:
        """Rows after id `after` in order, as (id, readings): at most `limit` readings, but at least one row.

        New rows are still in memory. A row of the disk that cannot be decoded is set aside, counted as
        refused, and comes back empty.
        """
        with self._lock:
            fresh = self._fresh.read(after, limit)
            if fresh is not None:
                return fresh
            found = list(self._rows(after, limit))
        return [(row, self._decoded(row, body)) for row, body in found]

    def position(self, store: str) -> int:
        """The id up to which `store` has everything (0: nothing yet). From now on the spool waits for it.

        A new store gets what the slowest one still waits for, and its books begin there.
        """
        with self._transaction():
            return positions.of(self._db, store, self._readings)

    def advance(self, store: str, row: int, entries: Iterable[Entry] = ()) -> None:
        """`store` has everything up to id `row`; `entries` say what became of it. Trims what all have."""
        with self._transaction():
            entries = [*entries, *positions.lost(self._db, store, row)]
            positions.move(self._db, store, row, self._readings)
            books.enter(self._db, entries, store)
            more = self._trim()
        while more:
            with self._transaction():
                more = self._trim()
        with self._lock:
            self._fresh.drop(positions.slowest(self._db))

    def keep_for(self, stores: Iterable[str]) -> None:
        """Wait for exactly these stores; one that is no longer configured would hold the spool for ever."""
        wanted = sorted(set(stores))
        for store in wanted:
            self.position(store)
        with self._transaction():
            positions.keep(self._db, wanted)

    def waiting(self, store: str) -> int:
        """How many readings `store` does not have yet."""
        with self._lock:
            return positions.waiting(self._db, store, self._readings)

    def oldest_ns(self, store: str) -> int | None:
        """When the first reading that waits for `store` was appended, ns since the epoch, or None."""
        with self._lock:
            found = self._db.execute(
                "SELECT appended_ns FROM spool WHERE id >"
                " coalesce((SELECT id FROM position WHERE store = ?), 0) ORDER BY id LIMIT 1",
                (store,),
            ).fetchone()
        return None if found is None else int(found[0])

    def books(self, store: str) -> Books:
        """The books as `store` sees them: received, stored, refused, duplicate by kind, and what waits."""
        with self._lock:
            return books.read(self._db, store, positions.waiting(self._db, store, self._readings))

    def flagged(self) -> dict[str, dict[str, int]]:
        """How many readings ever came with a flag, by flag and kind."""
        with self._lock:
            return flagged.read(self._db)

    def bytes_used(self) -> int:
        """Compressed bytes that wait for at least one store."""
        with self._lock:
            return self._used()

    def close(self) -> None:
        """Close the file. A later call of any method raises sqlite3.ProgrammingError."""
        with self._lock:
            self._db.close()

    def _check_room(self, more: int) -> None:
        used = self._used()
        self._small = used > SMALL_FROM_BYTES
        if used + more > self.max_bytes:
            raise SpoolFull(f"{self.path}: {used} of {self.max_bytes} bytes are waiting for the store")
        if more and self._room_on_disk() - more < RESERVE_BYTES:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log may hold what is long trimmed
            room = self._room_on_disk()
            if room - more < RESERVE_BYTES:
                raise SpoolFull(f"{self.path}: the disk has only {room} bytes left")

    def _room_on_disk(self) -> int:
        """Bytes free on the disk, and in the file itself where rows have been trimmed."""
        free = shutil.disk_usage(self.path.parent).free
        if free > 2 * RESERVE_BYTES:
            return free
        return free + self._row("PRAGMA freelist_count")[0] * self._row("PRAGMA page_size")[0]

    def _insert(
        self, rows: list[tuple[int, bytes]], entries: list[Entry], flags: Flags
    ) -> tuple[int, int, int]:
        row, readings, size = self._id, self._readings, self._bytes
        now_ns = time.time_ns()
        with self._begun():
            for n, body in rows:
                row, readings, size = row + 1, readings + n, size + len(body)
                self._db.execute(
                    "INSERT INTO spool VALUES (?, ?, ?, ?, ?, ?)", (row, n, readings, size, now_ns, body)
                )
            self._db.execute("UPDATE head SET id = ?, readings = ?, bytes = ?", (row, readings, size))
            books.enter(self._db, entries)
            flagged.add(self._db, flags)
        return row, readings, size

    def _rows(self, after: int, limit: int) -> Iterator[tuple[int, bytes]]:
        rows = self._db.execute("SELECT id, n, body FROM spool WHERE id > ? ORDER BY id", (after,))
        taken, size = 0, 0
        for row, n, body in rows:
            if taken and (taken + n > limit or size + len(body) > BATCH_BYTES):
                break
            taken, size = taken + n, size + len(body)
            yield row, body
        rows.close()

    def _trim(self) -> bool:
        """Delete a bounded number of rows that every store has; whether there may be more."""
        gone = self._db.execute(
            "DELETE FROM spool WHERE id IN (SELECT id FROM spool WHERE id <= (SELECT min(id) FROM position)"
            " ORDER BY id LIMIT ?)",
            (TRIM_ROWS,),
        )
        return gone.rowcount == TRIM_ROWS

    def _decoded(self, row: int, body: bytes) -> list[Reading]:
        try:
            return decoded(body)
        except BadRow:
            self._set_aside(row)
            return []

    def _set_aside(self, row: int) -> None:
        """Keep a row that the disk has damaged apart; each store books it as it goes past."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO damaged SELECT id, n, body FROM spool WHERE id = ?", (row,)
            )

    def _used(self) -> int:
        found = self._db.execute("SELECT bytes - length(body) FROM spool ORDER BY id LIMIT 1").fetchone()
        return 0 if found is None else self._bytes - int(found[0])

    def _row(self, sql: str, *values: object) -> tuple[int, ...]:
        found: tuple[int, ...] = self._db.execute(sql, values).fetchone()
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._begun():
            yield

    @contextmanager
    def _begun(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            if error.sqlite_errorname == "SQLITE_FULL":
                raise SpoolFull(f"{self.path}: {error}") from error
            raise
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
