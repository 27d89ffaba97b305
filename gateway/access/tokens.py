"""Which machine or command does a token stand for, and what may it do?"""

from __future__ import annotations

import re
import sqlite3
from typing import Final, NamedTuple

from gateway.access import secret
from gateway.access.book import Book, note
from gateway.access.roles import Role

PREFIX: Final = "art_"
TOUCH_S: Final = 60.0
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class TokenError(ValueError):
    """There is no such token, or it cannot be made so; the text says what there is."""


class Token(NamedTuple):
    """A key for a program. With an owner it acts for that user, and signals need his second factor."""

    id: int
    name: str
    role: Role
    owner: str
    owner_role: Role | None
    signals: bool
    made_s: float
    expires_s: float
    used_s: float
    proved_s: float


class Tokens:
    """The tokens of one book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[Token]:
        """All of them, by name, also those that have expired."""
        return [_token(row) for row in self._book.rows(f"{_SELECT} ORDER BY t.name")]

    def add(
        self, name: str, role: Role, days: float, owner: str, signals: bool, who: str, now_s: float
    ) -> str:
        """A new token; returns the key, which is kept nowhere. Raises TokenError."""
        if not _NAME.fullmatch(name):
            raise TokenError("a token's name is 1 to 63 letters, digits and . _ -")
        key = secret.new_key(PREFIX)
        with self._book.change() as change:
            try:
                change.execute(
                    "INSERT INTO tokens (name, hash, role, owner, signals, made_s, expires_s) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (name, secret.digest(key), role, owner or None, signals, now_s, now_s + days * 86_400),
                )
            except sqlite3.IntegrityError:
                raise TokenError(f"there is a token named '{name}' already; revoke it first") from None
            note(change, now_s, who, "token", name, "", f"{role}{', changes signals' if signals else ''}")
        return key

    def revoke(self, name: str, who: str, now_s: float) -> None:
        """End a token at once. Raises TokenError with the choices."""
        with self._book.change() as change:
            if not change.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                there = ", ".join(token.name for token in self.all()) or "none"
                raise TokenError(f"no token named '{name}'; there are: {there}")
            note(change, now_s, who, "token", name, "", "revoked")

    def find(self, key: str, now_s: float) -> Token | None:
        """The token of that key, unless it has expired."""
        rows = self._book.rows(f"{_SELECT} WHERE t.hash = ?", secret.digest(key))
        found = _token(rows[0]) if rows else None
        return found if found is not None and now_s < found.expires_s else None

    def lives(self, id: int, now_s: float) -> bool:
        """Whether a token still counts."""
        return bool(self._book.rows("SELECT 1 FROM tokens WHERE id = ? AND expires_s > ?", id, now_s))

    def touch(self, token: Token, now_s: float) -> None:
        """Somebody uses it. Writes seldom."""
        if now_s - token.used_s > TOUCH_S:
            with self._book.change() as change:
                change.execute("UPDATE tokens SET used_s = ? WHERE id = ?", (now_s, token.id))

    def prove(self, id: int, now_s: float) -> None:
        """Its owner showed a second factor."""
        with self._book.change() as change:
            change.execute("UPDATE tokens SET proved_s = ? WHERE id = ?", (now_s, id))


_SELECT: Final = "SELECT t.*, u.role AS owner_role FROM tokens t LEFT JOIN users u ON u.name = t.owner"


def _token(row: sqlite3.Row) -> Token:
    return Token(
        row["id"], row["name"], row["role"], row["owner"] or "", row["owner_role"], bool(row["signals"]),
        row["made_s"], row["expires_s"], row["used_s"], row["proved_s"],
    )  # fmt: skip
