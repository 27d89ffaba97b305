"""Where are users, logins and tokens kept, so that nobody but arterial's own user reads them?

One SQLite file. Commands and the running program both open it; what one writes counts for the other with its
next request. Passwords are argon2 hashes, cookies, tokens and recovery codes SHA-256 hashes.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT, secret TEXT, pending TEXT,
  last_step INTEGER NOT NULL DEFAULT 0, origin TEXT NOT NULL DEFAULT '', made_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS recovery (
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE, how TEXT NOT NULL,
  made_s REAL NOT NULL, seen_s REAL NOT NULL, proved_s REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL, owner TEXT REFERENCES users(name) ON DELETE CASCADE,
  signals INTEGER NOT NULL DEFAULT 0, made_s REAL NOT NULL, expires_s REAL NOT NULL,
  used_s REAL NOT NULL DEFAULT 0, proved_s REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_s REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS journal_told ON journal (told);
"""
_PATIENCE_S: Final = 2.0


class BookError(OSError):
    """The file cannot be used; the text says why."""


class Book:
    """The file, and one connection to it per thread. It is made by the first write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @property
    def there(self) -> bool:
        """Whether anything was ever written."""
        return self.path.exists()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """What a question finds; nothing where there is no file."""
        if not self.there:
            return []
        return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._opened()
        return found

    def _opened(self) -> sqlite3.Connection:
        try:
            _make(self.path)
            _owner_only(self.path)
            connection = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA secure_delete=ON")
            connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise BookError(f"{self.path} cannot be used: {error}") from error
        return connection


def _make(path: Path) -> None:
    """An empty file for the owner alone, if there is none.

    One that is there is never opened beside SQLite: closing any handle on a file drops the locks of the whole
    process on it (POSIX), and another process would then take away the log that this one still writes.
    """
    with _MAKING:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


_MAKING: Final = threading.Lock()


def _owner_only(path: Path) -> None:
    """Raises BookError when others may read the file: its secrets are then no secrets any more."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BookError(
            f"{path} can be read by others (mode {mode:o}); chmod 600 it and change the passwords"
        )


def book_in(var: Path) -> Book:
    """The book of the city that keeps everything in `var`."""
    return Book(var / "access" / "access.sqlite")


def note(
    connection: sqlite3.Connection,
    at_s: float,
    who: str,
    what: str,
    subject: str,
    before: str = "",
    after: str = "",
) -> None:
    """Leave word for the audit trail in the same transaction; the running program takes it from here."""
    connection.execute(
        "INSERT INTO journal (at_s, who, what, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        (at_s, who, what, subject, before, after),
    )
