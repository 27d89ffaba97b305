"""What has been taken and waits for the disk?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from types import MappingProxyType
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

NO_MARKS: Final[Mapping[int, int]] = MappingProxyType({})
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
        self._marks: list[int] = []
        """The flags of each record."""
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

    def records(
        self,
        routes: Sequence[Route],
        records: Sequence[Any],
        received_ns: int,
        marked: Mapping[int, int] = NO_MARKS,
    ) -> None:
        """Keep records of plain sensors that came at one moment; `marked` are the flags of some, by place."""
        self._routes += routes
        self._records += records
        self._received_ns += repeat(received_ns, len(records))
        marks = [0] * len(records)
        for place, flags in marked.items():
            marks[place] = flags
            self._flagged[flags, routes[place].typed.kind] += 1
        self._marks += marks
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
        self._in_order()
        found = judge.judge(self.batch())
        self._judged = found.batch
        self._flagged.update(found.flagged)
        for reading in found.derived:
            if reading.kind in TOLD:
                self.worth_telling.append(reading)
            if reading.quality:
                self.flag(reading)
        return found.noted

    def _in_order(self) -> None:
        """Of a batch readings are judged first, then records: where a device has sent both of one kind, its
        records become readings between those that came before and after them."""
        mixed = self._mixed()
        if not mixed:
            return
        came = list(zip(self._places, repeat(0), self.readings))
        rest: list[int] = []
        for place, route in enumerate(self._routes):
            if route in mixed:
                record, received_ns = self._records[place], self._received_ns[place]
                came.append((place, 1, route.reading(record, received_ns, self._marks[place])))
            else:
                rest.append(place)
        self.readings = [reading for *_, reading in sorted(came, key=itemgetter(0, 1))]
        self._routes = [self._routes[place] for place in rest]
        self._received_ns = [self._received_ns[place] for place in rest]
        self._records = [self._records[place] for place in rest]
        self._marks = [self._marks[place] for place in rest]

    def _mixed(self) -> set[Route]:
        """Routes whose device has sent readings of the same kind that are no records."""
        others = {(reading.kind, reading.site, reading.device) for reading in self.readings}
        kinds = {kind for kind, *_ in others}
        routes = set(self._routes) if kinds else ()
        return {
            route
            for route in routes
            if route.typed.kind in kinds and (route.typed.kind, route.site, route.device) in others
        }

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
        return Batch(self.readings, grouped(self._routes, self._received_ns, self._records, self._marks))

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
