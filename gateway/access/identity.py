"""Who is it that asks, how was that proved, and how is somebody refused?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.access.roles import Role

Code = Literal[
    "login",
    "no_users",
    "token",
    "role",
    "csrf",
    "foreign_page",
    "second_factor",
    "wrong_code",
    "set_up_second_factor",
    "slow_down",
    "wrong_login",
]
"""What a page or a command can do about a refusal; see docs/security.md."""


class Refused(Exception):
    """Somebody may not do this (or not yet); the text says what to do about it."""

    def __init__(self, status: int, code: Code, text: str, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.wait_s = status, code, text, wait_s


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, what he may do, and how he proved who he is."""

    name: str
    role: Role
    how: str
    """`password`, `token NAME`, `oidc`, `no login` or `visitor`."""
    where: str = ""
    """The address he asks from."""
    session: int = 0
    """The number of his login, if it is one; 0 otherwise."""
    token: int = 0
    user: str = ""
    """The user behind it; empty for machines, visitors and where nobody logs in."""
    signals: bool = True
    """Whether he may change signals at all: a machine's token only if it was made so."""
    proved_s: float = 0.0
    """When he last showed a second factor, in seconds since the epoch."""
    factor: bool = False
    """Whether a second factor was asked for and shown for what he does now."""

    def __str__(self) -> str:
        """For the record: who, by what proof, from where."""
        proof = f"{self.how} and code" if self.factor else self.how
        return f"{self.name} ({proof})" + (f" at {self.where}" if self.where else "")
