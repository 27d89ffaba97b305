"""What is left of a spool whose file the disk has damaged?

Rows that can be read go into a new file, with the books. Where rows are missing, one row that cannot be
decoded stands for them: like any other damaged row it is counted as refused, and the books balance. The
damaged file is kept beside the new one.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

log = logging.getLogger(__name__)

_SIDES: Final = ("", "-wal", "-shm")
_FRAME: Final = 24
_WAL: Final = 32
_LONGEST_TAIL: Final = 1 << 32
"""Bytes that are made up for what was cut off, at most (a damaged header may claim anything)."""
_ROWS: Final = "SELECT id, n, readings, bytes, appended_ns, body FROM spool"
Row = tuple[int, int, int, int, int, bytes]


def repair(path: Path, tables: Sequence[str]) -> None:
    """Make the spool file at `path` readable, if need be by a new file with `tables`; the log says so."""
    if not path.exists():
        return
    _tell_unread(path)
    why = _fault(path)
    if not why:
        return
    kept = path.with_name(f"{path.name}.damaged-{time.time_ns() // 1_000_000_000}")
    new = path.with_name(f"{path.name}.repaired")
    new.unlink(missing_ok=True)
    with _readable(path) as copy:
        rows, missing = _salvage(copy, new, tables)
    for side in _SIDES:
        with suppress(FileNotFoundError):
            Path(f"{path}{side}").rename(f"{kept}{side}")
    new.rename(path)
    log.error(
        "the spool %s is damaged (%s): %d rows are saved, %d readings are lost; the damaged file is %s",
        *(path, why, rows, missing, kept.name),
    )


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """A copy as long as its header says (SQLite reads nothing of a shorter one), gone after the block."""
    copy = path.with_name(f"{path.name}.salvage")
    for side in _SIDES[:2]:
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{side}", f"{copy}{side}")
    try:
        with copy.open("r+b") as file:
            header = file.read(100)
            size = int.from_bytes(header[16:18], "big") * int.from_bytes(header[28:32], "big")
            file.truncate(max(copy.stat().st_size, min(size, copy.stat().st_size + _LONGEST_TAIL)))
        yield copy
    finally:
        for side in _SIDES:
            Path(f"{copy}{side}").unlink(missing_ok=True)


def _fault(path: Path) -> str:
    """What SQLite finds wrong with the file; empty when it is sound."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()
            return "" if found == ("ok",) else str(found[0] if found else "no answer").splitlines()[-1]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise
        return str(error)
    except sqlite3.DatabaseError as error:
        return str(error)


def _tell_unread(path: Path) -> None:
    """Say when the write-ahead log ends in something that cannot be read."""
    pages = _frames(Path(f"{path}-wal"))
    if not pages:
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute("PRAGMA schema_version").fetchone()
        read = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        if 0 <= read < pages:
            log.warning(
                "the spool %s: the last %d of %d pages of its log cannot be read (an interrupted write, or "
                "damage); the readings in them are lost, unless the broker still holds them",
                *(path, pages - read, pages),
            )


def _frames(wal: Path) -> int:
    """Pages in a write-ahead log that belong to its present round (SQLite file format, 4.1 and 4.2)."""
    if not wal.exists() or wal.stat().st_size <= _WAL:
        return 0
    with wal.open("rb") as file:
        header = file.read(_WAL)
        size = _FRAME + int.from_bytes(header[8:12], "big")
        found = 0
        while True:
            file.seek(_WAL + found * size)
            frame = file.read(_FRAME)
            if len(frame) < _FRAME or frame[8:16] != header[16:24]:
                return found
            found += 1


def _salvage(path: Path, new: Path, tables: Sequence[str]) -> tuple[int, int]:
    """Copy what can be read; returns how many rows there are and how many readings are missing."""
    with (
        closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as old,
        closing(sqlite3.connect(new, isolation_level=None)) as db,
    ):
        db.execute("BEGIN")
        for table in tables:
            db.execute(table)
        for name in ("position", "damaged", "book", "flagged"):
            _copy(old, db, name)
        rows = _rows(old)
        head = _head(old, rows)
        filled = list(_filled(rows, head))
        db.executemany("INSERT INTO spool VALUES (?, ?, ?, ?, ?, ?)", [*rows, *filled])
        db.execute("INSERT INTO head VALUES (1, ?, ?, ?)", head)
        db.execute("COMMIT")
    return len(rows), sum(row[1] for row in filled)


def _copy(old: sqlite3.Connection, db: sqlite3.Connection, table: str) -> None:
    """A small table as far as it can be read."""
    with suppress(sqlite3.DatabaseError):
        for row in old.execute(f"SELECT * FROM {table}"):
            db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' for _ in row)})", row)


def _rows(old: sqlite3.Connection) -> list[Row]:
    """Every row that can be read: from the front, from the back, and one by one in between."""
    front = list(_until_fault(old, f"{_ROWS} ORDER BY id"))
    back = list(_until_fault(old, f"{_ROWS} ORDER BY id DESC"))
    found = {row[0]: row for row in (*front, *back)}
    if front and back:
        for missing in range(front[-1][0] + 1, back[-1][0]):
            found.update((row[0], row) for row in _until_fault(old, f"{_ROWS} WHERE id = ?", missing))
    return _in_order([row for _, row in sorted(found.items()) if _sound(row)])


def _until_fault(old: sqlite3.Connection, sql: str, *values: object) -> Iterator[Row]:
    with suppress(sqlite3.DatabaseError):
        yield from old.execute(sql, values)


def _sound(row: Sequence[Any]) -> bool:
    return all(isinstance(value, int) for value in row[:5]) and isinstance(row[5], bytes)


def _in_order(rows: list[Row]) -> list[Row]:
    """The longest sequence of rows in which the running total of readings grows with the id."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, row in enumerate(rows):
        place = bisect_left(ends, row[2])
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1], last[place : place + 1] = [row[2]], [index]
    found: list[Row] = []
    index = last[-1] if last else -1
    while index >= 0:
        found.append(rows[index])
        index = before[index]
    return found[::-1]


def _head(old: sqlite3.Connection, rows: list[Row]) -> tuple[int, int, int]:
    """Id and running totals of the row appended last; without them new ids begin at this microsecond."""
    for found in _until_fault(old, "SELECT id, readings, bytes FROM head"):
        return found[0], found[1], found[2]
    last = rows[-1] if rows else (0, 0, 0, 0, 0, b"")
    return max(last[0], time.time_ns() // 1000), last[2], last[3]


def _filled(rows: list[Row], head: tuple[int, int, int]) -> Iterator[Row]:
    """A row without a body for each gap, with the readings that were there."""
    for one, two in pairwise(rows):
        if two[0] > one[0] + 1:
            lost = max(0, two[2] - two[1] - one[2])
            yield two[0] - 1, lost, two[2] - two[1], two[3] - len(two[5]), two[4], b""
    if rows and head[0] > rows[-1][0] and head[1] > rows[-1][2]:
        yield head[0], head[1] - rows[-1][2], head[1], head[2], rows[-1][4], b""
