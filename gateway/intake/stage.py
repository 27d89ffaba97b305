"""What has been taken and waits for the disk?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, repeat
from typing import Any, Final

from collectors.batch import Batch, grouped
from collectors.judge.judge import Judge, Noted
from collectors.quality import words
from collectors.reading import Reading
from collectors.typed import Route
from gateway.links.link import Message
from storage.books import Column, Entry
from storage.refused import RefusedPayload
from storage.spool import ROW_READINGS, Spool, SpoolFull

TOLD: Final = frozenset({"leak"})
"""Derived kinds that listeners hear; the others are many, and nobody waits for them."""


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
        self._judged: Batch | None = None
        self.worth_telling: list[Reading] = []
        """What was derived and listeners wait for, once judged."""
        self._places: list[int] = []
        """How many records came before each of `readings`."""
        self.ahead = 0
        """Records that have come and are not staged yet."""

    def __len__(self) -> int:
        """How many readings wait."""
        if self._judged is not None:
            return len(self._judged)
        return len(self.readings) + len(self._records)

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.messages or self.read or len(self) or self.refusals or self._entries)

    def take(self, messages: Sequence[Message]) -> None:
        """Note messages whose readings are here: to acknowledge, and as read."""
        self.read += messages
        self.messages += [message for message in messages if message.qos]

    def keep(self, reading: Reading) -> None:
        """Keep a reading."""
        self.readings.append(reading)
        self._places.append(len(self._records) + self.ahead)

    def records(self, routes: Sequence[Route], records: Sequence[Any], received_ns: int) -> None:
        """Keep records of plain sensors that came at one moment."""
        self._routes += routes
        self._records += records
        self._received_ns += repeat(received_ns, len(records))
        self.ahead = 0

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
    def judged(self) -> bool:
        """Whether the readings have their flags; nothing is staged any more then."""
        return self._judged is not None

    def judge(self, judge: Judge) -> list[Noted]:
        """Let the readings have their flags, and add what is derived from them; once.

        Returns what bears on the health of devices.
        """
        judged = [judge.judge(part) for part in self._in_order()]
        self._judged = Batch(
            [reading for found in judged for reading in found.batch.plain],
            [group for found in judged for group in found.batch.groups],
        )
        for found in judged:
            for reading, before in found.changed:
                if before:
                    self._flagged[before, reading.kind] -= 1
                self.flag(reading)
            for reading in found.derived:
                if reading.kind in TOLD:
                    self.worth_telling.append(reading)
                if reading.quality:
                    self.flag(reading)
        return [noted for found in judged for noted in found.noted]

    def _in_order(self) -> Iterator[Batch]:
        """All readings, cut where a device has sent both a record and something else, so that what came first
        is judged first: of a batch readings are, then records."""
        sent = {(route.site, route.device) for route in self._routes} if self.readings else ()
        placed = zip(self.readings, self._places, strict=True)
        cuts = sorted({place for r, place in placed if place and (r.site, r.device) in sent})
        for start, stop in pairwise([0, *cuts, len(self._records) + 1]):
            here = slice(bisect_left(self._places, start), bisect_left(self._places, stop))
            part = slice(start, stop)
            columns = (self._routes[part], self._received_ns[part], self._records[part])
            yield Batch(self.readings[here], grouped(*columns))

    @property
    def flags(self) -> Counter[tuple[str, str]]:
        """How many of the readings carry a flag, by (flag, kind)."""
        found: Counter[tuple[str, str]] = Counter()
        for (quality, kind), n in self._flagged.items():
            found.update({(word, kind): n for word in words(quality)})
        return found

    def batch(self) -> Batch:
        """All readings."""
        if self._judged is not None:
            return self._judged
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
