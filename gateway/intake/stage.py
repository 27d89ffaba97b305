"""What has been taken and waits for the disk?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import Any

from collectors.batch import Batch, grouped
from collectors.quality import words
from collectors.reading import Reading
from collectors.typed import Route
from gateway.links.link import Message
from storage.books import Column, Entry
from storage.refused import RefusedPayload
from storage.spool import ROW_READINGS, Spool, SpoolFull


class Stage:
    """Readings, refusals, and messages to acknowledge once both are on disk."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.read: list[Message] = []
        """Those messages, acknowledged or not, that were readings."""
        self.readings: list[Reading] = []
        self.refusals: list[RefusedPayload] = []
        self.safe = 0
        """So many pieces of `batch()` are on disk already, the first ones."""
        self._routes: list[Route] = []
        self._received_ns: list[int] = []
        self._records: list[Any] = []
        self._flagged: Counter[tuple[int, str]] = Counter()
        self._entries: Counter[tuple[Column, str]] = Counter()

    def __len__(self) -> int:
        """How many readings wait."""
        return len(self.readings) + len(self._records)

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.messages or self.read or len(self) or self.refusals or self._entries)

    def take(self, messages: Sequence[Message]) -> None:
        """Note messages whose readings are here: to acknowledge, and as read."""
        self.read += messages
        self.messages += [message for message in messages if message.qos]

    def records(self, routes: Sequence[Route], records: Sequence[Any], received_ns: int) -> None:
        """Keep records of plain sensors that came at one moment."""
        self._routes += routes
        self._records += records
        self._received_ns += repeat(received_ns, len(records))

    def refuse(self, refusal: RefusedPayload, kind: str) -> None:
        """Keep a payload that is no reading; it counts as one received and one refused."""
        self.refusals.append(refusal)
        self._entries["received", kind] += 1
        self._entries["refused", kind] += 1

    def repeat(self, kind: str) -> None:
        """Count a reading that came before."""
        self._entries["received", kind] += 1
        self._entries["duplicate", kind] += 1

    def repeats(self, readings: Sequence[Reading]) -> None:
        """Count readings of which each came before."""
        for reading in readings:
            self.repeat(reading.kind)

    def flag(self, reading: Reading) -> None:
        """Count the flags of a reading that is kept."""
        self._flagged[reading.quality, reading.kind] += 1

    @property
    def flags(self) -> Counter[tuple[str, str]]:
        """How many of the readings carry a flag, by (flag, kind)."""
        found: Counter[tuple[str, str]] = Counter()
        for (quality, kind), n in self._flagged.items():
            found.update({(word, kind): n for word in words(quality)})
        return found

    def batch(self) -> Batch:
        """All readings."""
        return Batch(self.readings, grouped(self._routes, self._received_ns, self._records))

    def entries(self) -> list[Entry]:
        """For the books, beyond the readings themselves."""
        return [(column, kind, n) for (column, kind), n in self._entries.items()]


def append(spool: Spool, stage: Stage) -> None:
    """Put the readings of `stage` on disk, and its entries in the books. Raises SpoolFull; try again then.

    All at once where there is room; else bit by bit, for there may never be room for so much.
    """
    if not stage.safe:
        try:
            spool.append(stage.batch(), stage.entries(), stage.flags)
            return
        except SpoolFull:
            if len(stage) <= ROW_READINGS:
                raise
    *most, last = list(stage.batch().pieces(ROW_READINGS))[stage.safe :]
    for piece in most:
        spool.append(piece)
        stage.safe += 1
    spool.append(last, stage.entries(), stage.flags)
