"""What follows from readings: how much was used, where it leaks, when it is full?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from collectors.plugins import load_folder
from collectors.reading import Reading


class Use(msgspec.Struct, frozen=True, gc=False):
    """What one counter of a device says was used between two boundaries, multiples of the period."""

    kind: str
    site: str
    device: str
    field: str
    number: int
    """Which counter of its device it is: 0 is the first."""
    from_ms: int
    to_ms: int
    amount: float
    """In the unit of the field; never negative."""
    doubtful: bool
    """Something happened to the counter meanwhile."""
    gap: bool
    """Readings are missing: it is longer than a period, and the device usually speaks more often."""


class Derive(Protocol):
    """What a file in collectors/derive makes with `create()`; what it remembers of each device is bounded."""

    def follow(self, reading: Reading, uses: Sequence[Use]) -> list[Reading]:
        """The readings that follow from the first reading of a device beyond a boundary (a quarter hour, or
        what the city wants), and from what its counters told there."""

    def kept(self) -> bytes:
        """What is known, to be kept on disk."""

    def take(self, body: bytes) -> None:
        """Know again what was kept; what cannot be read is left out."""


def derivations() -> dict[str, Derive]:
    """A new one of each file, by name."""
    return {name: module.create() for name, module in load_folder("collectors.derive").items()}
