"""What may one ask of the database's own process, and what does it answer?"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from collectors.reading import Reading
from storage.schema import Shape

HEADER_BYTES: Final = 4
"""Length of the length before each frame, big-endian."""


class Open(msgspec.Struct, tag=True, frozen=True):
    """Must come first. Answered like every other request."""

    path: str
    schema: dict[str, Shape]
    memory_limit: str
    threads: int


class Write(msgspec.Struct, tag=True, frozen=True):
    """Keep a batch. The answer's `known` is how many readings were there already, by kind."""

    batch: list[Reading]
    position: int


class Select(msgspec.Struct, tag=True, frozen=True):
    """Numeric columns of one device; the answer's `columns` are time and then the fields, as bytes."""

    kind: str
    device: str
    fields: list[str]
    start_ns: int
    end_ns: int
    dtype: str


class Rows(msgspec.Struct, tag=True, frozen=True):
    """Columns of any type of one device; the answer's `rows` are time and fields, the newest `limit`."""

    kind: str
    device: str
    fields: list[str]
    start_ns: int
    end_ns: int
    limit: int


class Devices(msgspec.Struct, tag=True, frozen=True):
    """The answer's `names` are the devices of a kind."""

    kind: str


class Count(msgspec.Struct, tag=True, frozen=True):
    """The answer's `number` is how many readings of a kind there are."""

    kind: str


class Position(msgspec.Struct, tag=True, frozen=True):
    """The answer's `number` is the position of the last batch."""


Request = Open | Write | Select | Rows | Devices | Count | Position


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a request has led to. `rejected` or `unavailable` say why when it failed."""

    number: int = 0
    known: dict[str, int] = {}
    names: list[str] = []
    columns: list[bytes] = []
    rows: list[tuple[Any, ...]] = []
    rejected: str = ""
    faults: list[tuple[int, str]] = []
    """(index in the batch, reason)"""
    unavailable: str = ""
