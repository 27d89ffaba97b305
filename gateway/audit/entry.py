"""What is one entry of the audit trail, and does it belong behind the one before?"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

FIRST: Final = "0" * 64
"""What the first entry of a trail names as the hash before it."""


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to be recorded: who did what to whom, why, and what it was before and after.

    `at_ns` is city time, nanoseconds since the epoch. `scores` are the candidates a strategy weighed, each
    with its score in `unit`; `inputs` is the SHA-256 of the decision's inputs as the store keeps them, or
    of the configuration that is kept whole beside the trail.
    """

    at_ns: int
    who: str
    what: str
    subject: str
    before: Any = None
    after: Any = None
    why: str = ""
    binding: str = ""
    scores: tuple[tuple[str, float], ...] = ()
    unit: str = ""
    inputs: str = ""
    command: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A fact in its place in the chain; `wall_ns` is the host's clock when it was written.

    `hash` is SHA-256 over the hash before and everything else in the entry, so a change anywhere in the past
    changes every hash after it.
    """

    number: int
    wall_ns: int
    fact: Fact
    prev: str
    hash: str

    def line(self) -> bytes:
        """The entry as it stands in the file, newline included: one form only, so that every byte counts."""
        return _canonical(self) + b"\n"


class BadEntry(Exception):
    """A line is not the entry that belongs there; the text says what is wrong with it."""


def linked(number: int, wall_ns: int, fact: Fact, prev: str) -> Entry:
    """`fact` as the entry after the one whose hash is `prev`."""
    return Entry(number, wall_ns, fact, prev, _digest(number, wall_ns, fact, prev))


def checked(line: bytes, number: int, prev: str) -> Entry:
    """The entry in `line`, which must be entry `number` after hash `prev`. Raises BadEntry."""
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadEntry(f"it is no entry ({error})") from error
    if entry.number != number:
        raise BadEntry(f"it says it is entry {entry.number}; entry {number} belongs here")
    if entry.prev != prev:
        raise BadEntry("it does not follow the entry before it")
    if entry.hash != _digest(entry.number, entry.wall_ns, entry.fact, entry.prev):
        raise BadEntry("its contents are not what was written")
    if entry.line() != line:
        raise BadEntry("it says the same in other bytes than were written")
    return entry


def _digest(number: int, wall_ns: int, fact: Fact, prev: str) -> str:
    return hashlib.sha256(_canonical((prev, number, wall_ns, fact))).hexdigest()


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
