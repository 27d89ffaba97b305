"""Which login does a cookie stand for, and does it still count?"""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from gateway.access import secret
from gateway.access.book import Book, note
from gateway.access.roles import Role

TOUCH_S: Final = 30.0
"""The time of the last use is kept this exactly, so that a request seldom writes."""


class Session(NamedTuple):
    """One login."""

    id: int
    user: str
    role: Role
    totp: bool
    how: str
    made_s: float
    seen_s: float
    proved_s: float


class Sessions:
    """The logins of one book; `idle_s` and `longest_s` end them."""

    def __init__(self, book: Book, idle_s: float, longest_s: float) -> None:
        self._book, self._idle_s, self._longest_s = book, idle_s, longest_s

    def begin(self, user: str, how: str, now_s: float, old: str = "", proved_s: float = 0.0) -> str:
        """A new login; returns its cookie. `old` is the cookie the browser had before: it ends."""
        cookie = secret.new_key()
        with self._book.change() as change:
            change.execute("DELETE FROM sessions WHERE hash = ?", (secret.digest(old),))
            change.execute(
                "DELETE FROM sessions WHERE made_s < ? OR seen_s < ?",
                (now_s - self._longest_s, now_s - self._idle_s),
            )
            change.execute(
                "INSERT INTO sessions (hash, user, how, made_s, seen_s, proved_s) VALUES (?, ?, ?, ?, ?, ?)",
                (secret.digest(cookie), user, how, now_s, now_s, proved_s),
            )
            note(change, now_s, user, "login", user, "", how)
        return cookie

    def find(self, cookie: str, now_s: float) -> Session | None:
        """The login that the cookie stands for, unless it has ended."""
        return self._living("s.hash = ?", secret.digest(cookie), now_s)

    def lives(self, id: int, now_s: float) -> bool:
        """Whether a login still counts."""
        return self._living("s.id = ?", id, now_s) is not None

    def touch(self, session: Session, now_s: float) -> None:
        """Somebody uses it. Writes seldom."""
        if now_s - session.seen_s > TOUCH_S:
            with self._book.change() as change:
                change.execute("UPDATE sessions SET seen_s = ? WHERE id = ?", (now_s, session.id))

    def prove(self, id: int, now_s: float) -> None:
        """A second factor was shown."""
        with self._book.change() as change:
            change.execute("UPDATE sessions SET proved_s = ?, seen_s = ? WHERE id = ?", (now_s, now_s, id))

    def end(self, id: int, who: str, now_s: float) -> None:
        """Log out."""
        with self._book.change() as change:
            change.execute("DELETE FROM sessions WHERE id = ?", (id,))
            note(change, now_s, who, "logout", who)

    def ends_s(self, session: Session) -> float:
        """When it ends at the latest, in seconds since the epoch."""
        return session.made_s + self._longest_s

    def _living(self, where: str, value: object, now_s: float) -> Session | None:
        rows = self._book.rows(
            "SELECT s.id, s.user, u.role, u.secret IS NOT NULL AS totp, s.how, s.made_s, s.seen_s, "
            f"s.proved_s FROM sessions s JOIN users u ON u.name = s.user WHERE {where}",
            value,
        )
        found = _session(rows[0]) if rows else None
        if found is None or now_s - found.seen_s > self._idle_s or now_s - found.made_s > self._longest_s:
            return None
        return found


def _session(row: sqlite3.Row) -> Session:
    return Session(
        row["id"], row["user"], row["role"], bool(row["totp"]), row["how"],
        row["made_s"], row["seen_s"], row["proved_s"],
    )  # fmt: skip
