"""Which users are there, and is somebody one of them?"""

from __future__ import annotations

import re
import sqlite3
from typing import Final, NamedTuple

from gateway.access import secret
from gateway.access.book import Book, note
from gateway.access.roles import ROLES, Role

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")
FROM_PASSWORD: Final = ""


class UserError(ValueError):
    """There is no such user, or he cannot be made so; the text says what there is."""


class User(NamedTuple):
    """A person who may log in. `origin` is the login server and subject of one who has no password here."""

    name: str
    role: Role
    totp: bool
    origin: str
    made_s: float


class Users:
    """The users of one book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def any(self) -> bool:
        """Whether there is a user at all."""
        return bool(self._book.rows("SELECT 1 FROM users LIMIT 1"))

    def everybody(self) -> list[User]:
        """All of them, by name."""
        return [_user(row) for row in self._book.rows("SELECT * FROM users ORDER BY name")]

    def find(self, name: str) -> User | None:
        """The user of that name."""
        rows = self._book.rows("SELECT * FROM users WHERE name = ?", name)
        return _user(rows[0]) if rows else None

    def require(self, name: str) -> User:
        """The user of that name. Raises UserError with the choices."""
        found = self.find(name)
        if found is None:
            names = ", ".join(user.name for user in self.everybody()) or "none"
            raise UserError(f"no user named '{name}'; there are: {names}")
        return found

    def add(self, name: str, role: Role, password: str, who: str, now_s: float) -> None:
        """A new user with a password. Raises UserError or WeakPassword."""
        _check_name(name)
        hashed = secret.password_hash(password, name)
        with self._book.change() as change:
            try:
                change.execute(
                    "INSERT INTO users (name, role, password, made_s) VALUES (?, ?, ?, ?)",
                    (name, role, hashed, now_s),
                )
            except sqlite3.IntegrityError:
                raise UserError(
                    f"there is a user named '{name}' already; see `arterial users passwd`"
                ) from None
            note(change, now_s, who, "user", name, "", role)

    def from_server(self, name: str, role: Role, origin: str, now_s: float) -> User:
        """The user whom a login server vouches for, made or brought up to date. Raises UserError."""
        _check_name(name)
        found = self.find(name)
        if found is not None and found.origin != origin:
            raise UserError(f"'{name}' is another user here; an admin must remove that one first")
        with self._book.change() as change:
            if found is None:
                change.execute(
                    "INSERT INTO users (name, role, origin, made_s) VALUES (?, ?, ?, ?)",
                    (name, role, origin, now_s),
                )
                note(change, now_s, "login server", "user", name, "", role)
            elif found.role != role:
                _set_role(change, found, role, "login server", now_s)
        return self.require(name)

    def set_password(self, name: str, password: str, who: str, now_s: float) -> None:
        """Another password; every login and token of the user ends. Raises UserError or WeakPassword."""
        self.require(name)
        hashed = secret.password_hash(password, name)
        with self._book.change() as change:
            change.execute("UPDATE users SET password = ? WHERE name = ?", (hashed, name))
            _end_logins(change, name)
            note(change, now_s, who, "password", name, "", "changed")

    def set_role(self, name: str, role: Role, who: str, now_s: float) -> None:
        """Another role; every login of the user ends. Raises UserError."""
        found = self.require(name)
        with self._book.change() as change:
            _set_role(change, found, role, who, now_s)

    def remove(self, name: str, who: str, now_s: float) -> None:
        """The user with all logins and tokens. Raises UserError."""
        found = self.require(name)
        with self._book.change() as change:
            change.execute("DELETE FROM users WHERE name = ?", (name,))
            note(change, now_s, who, "user", name, found.role, "removed")

    def password_fits(self, name: str, password: str) -> bool:
        """Whether it is the user's password; slow on purpose, so call it in a thread."""
        rows = self._book.rows("SELECT password FROM users WHERE name = ?", name)
        return secret.password_fits(password, rows[0]["password"] if rows else None)

    def begin_totp(self, name: str, now_s: float) -> str:
        """A new secret for an authenticator app; it counts once a code of it was shown. Raises UserError."""
        self.require(name)
        made = secret.new_secret()
        with self._book.change() as change:
            change.execute("UPDATE users SET pending = ? WHERE name = ?", (made, name))
        return made

    def confirm_totp(self, name: str, code: str, who: str, now_s: float) -> list[str]:
        """Make the new secret count; returns the recovery codes, which are never shown again.

        Raises UserError when the code is not of the new secret.
        """
        rows = self._book.rows("SELECT pending FROM users WHERE name = ?", name)
        pending = rows[0]["pending"] if rows else None
        step = secret.step_of(code, pending, now_s, 0) if pending else None
        if step is None:
            raise UserError("the code does not fit; scan the picture again, and check the phone's clock")
        codes = secret.new_recovery_codes()
        with self._book.change() as change:
            change.execute(
                "UPDATE users SET secret = pending, pending = NULL, last_step = ? WHERE name = ?",
                (step, name),
            )
            change.execute("DELETE FROM recovery WHERE user = ?", (name,))
            change.executemany(
                "INSERT INTO recovery VALUES (?, ?)", [(name, secret.digest(one)) for one in codes]
            )
            note(change, now_s, who, "second factor", name, "", "set up")
        return codes

    def remove_totp(self, name: str, who: str, now_s: float) -> None:
        """Take the second factor away, so that another can be set up. Raises UserError."""
        self.require(name)
        with self._book.change() as change:
            change.execute(
                "UPDATE users SET secret = NULL, pending = NULL, last_step = 0 WHERE name = ?", (name,)
            )
            change.execute("DELETE FROM recovery WHERE user = ?", (name,))
            _end_logins(change, name)
            note(change, now_s, who, "second factor", name, "", "removed")

    def code_fits(self, name: str, code: str, now_s: float) -> bool:
        """Whether it is the code of now, or one of the recovery codes; either counts once."""
        code = code.strip().replace(" ", "").lower()
        with self._book.change() as change:
            row = change.execute("SELECT secret, last_step FROM users WHERE name = ?", (name,)).fetchone()
            if row is None or not row["secret"]:
                return False
            step = secret.step_of(code, row["secret"], now_s, row["last_step"])
            if step is not None:
                change.execute("UPDATE users SET last_step = ? WHERE name = ?", (step, name))
                return True
            used = change.execute(
                "DELETE FROM recovery WHERE user = ? AND hash = ?", (name, secret.digest(code))
            )
            if used.rowcount:
                note(change, now_s, name, "recovery code", name, "", "used")
            return bool(used.rowcount)


def role_named(word: str) -> Role:
    """The role of that name. Raises UserError with the choices."""
    if word not in ROLES:
        raise UserError(f"no role named '{word}'; there are: {', '.join(ROLES)}")
    return word


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError("a name is 1 to 64 letters, digits and . _ @ -, with a letter or digit at both ends")


def _set_role(change: sqlite3.Connection, user: User, role: Role, who: str, now_s: float) -> None:
    change.execute("UPDATE users SET role = ? WHERE name = ?", (role, user.name))
    change.execute("DELETE FROM sessions WHERE user = ?", (user.name,))
    note(change, now_s, who, "role", user.name, user.role, role)


def _end_logins(change: sqlite3.Connection, name: str) -> None:
    change.execute("DELETE FROM sessions WHERE user = ?", (name,))
    change.execute("DELETE FROM tokens WHERE owner = ?", (name,))


def _user(row: sqlite3.Row) -> User:
    return User(row["name"], row["role"], bool(row["secret"]), row["origin"], row["made_s"])
