"""Which certificates has the authority issued, and which has it taken back?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec


class Issued(msgspec.Struct, frozen=True):
    """One certificate that was issued. Times are ISO 8601 in UTC; `serial` is hexadecimal."""

    serial: str
    use: str
    name: str
    since: str
    until: str
    hosts: tuple[str, ...] = ()

    @property
    def expires(self) -> datetime:
        """Until when it is valid."""
        return datetime.fromisoformat(self.until)


class Revoked(msgspec.Struct, frozen=True):
    """One certificate that is no longer trusted."""

    revoked: str
    """Its serial number."""
    at: str
    reason: str


class Register:
    """What was issued and revoked; every entry is a line that is never changed again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.issued: list[Issued] = []
        self.revoked: dict[str, Revoked] = {}
        for entry in _entries(path):
            self._take(entry)

    def add(self, entry: Issued | Revoked) -> None:
        """Write an entry; it is on disk on return. Raises OSError."""
        with self._path.open("ab") as file:
            os.chmod(self._path, 0o600)
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(entry)

    def valid(self, now: datetime) -> list[Issued]:
        """What is neither revoked nor expired, in order of issue."""
        return [one for one in self.issued if one.serial not in self.revoked and one.expires > now]

    def of(self, name: str, found: Iterable[Issued] | None = None) -> list[Issued]:
        """The certificates of one name, or the one with this serial number."""
        return [one for one in (self.issued if found is None else found) if name in (one.name, one.serial)]

    def _take(self, entry: Issued | Revoked) -> None:
        if isinstance(entry, Issued):
            self.issued.append(entry)
        else:
            self.revoked.setdefault(entry.revoked, entry)


def state(register: Register, one: Issued, now: datetime) -> str:
    """`revoked`, `expired` or `valid`."""
    if one.serial in register.revoked:
        return "revoked"
    return "valid" if one.expires > now else "expired"


def iso(at: datetime) -> str:
    """A time as the register keeps it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _entries(path: Path) -> Iterator[Issued | Revoked]:
    """Every whole line; a last line that a crash cut short was never promised to anybody."""
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n")[:-1]:
        if line:
            revoked = b'"revoked":' in line
            yield (
                msgspec.json.decode(line, type=Revoked) if revoked else msgspec.json.decode(line, type=Issued)
            )
