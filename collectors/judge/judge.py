"""Which readings of a batch earn a flag, and what follows from them?

Every reading is kept as it is; the flags stand beside it. A reading that is the newest of its series is
judged by what is known of the series and adds to that; one that comes again gets the flags it had; an older
one is judged by itself. So a batch means the same as its readings one by one, and nothing is learned twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from collectors.batch import Batch, Group
from collectors.derived import derivations
from collectors.judge.book import Book, KeptBook
from collectors.judge.columns import group_columns, packed, reading_columns
from collectors.judge.layout import NEXT, RESUMED, TO
from collectors.judge.rules import Other, bounded
from collectors.judge.run import Code, Readings, Run, Whole, run, uses
from collectors.quality import Flag, with_flag
from collectors.reading import Reading

PERIOD_S: Final = 900.0
"""What counters have used is told for quarter hours, unless the city wants something else."""
FAULTS: Final = int(Flag.RANGE | Flag.STUCK | Flag.RATE | Flag.RESET | Flag.CLOCK)
"""The flags that the health of a device is judged by."""

_NS_PER_MS: Final = 1_000_000


class Noted(msgspec.Struct, frozen=True, gc=False):
    """A reading that bears on the health of its device: with a flag, or of a device with an open fault."""

    kind: str
    site: str
    device: str
    at_ns: int
    flags: int
    slot: int
    since_ns: int = 0
    """Where a value is stuck, since when."""


class Judged(msgspec.Struct):
    """The batch with its flags and with what was derived, and what bears on the health of devices."""

    batch: Batch
    flagged: Counter[tuple[int, str]] = msgspec.field(default_factory=Counter)
    """How many more readings than before carry exactly these flags, by flags and kind; fewer: negative."""
    derived: list[Reading] = []
    noted: list[Noted] = []


class KeptJudge(msgspec.Struct, array_like=True):
    """What a judge knows, as it lies on disk."""

    books: list[KeptBook]
    derived: dict[str, bytes]


class Judge:
    """Flags for the readings of all kinds that declare bounds; what it knows of each device is bounded.

    `others` are bounds that differ from those of the kinds. `whole` is false where only some of a device's
    messages come here: then nothing is said of gaps, and nothing is derived.
    """

    def __init__(
        self, others: Iterable[Other] = (), period_s: float = PERIOD_S, *, whole: bool = True
    ) -> None:
        self._others, self._period_ms, self._whole = tuple(others), period_s * 1000.0, whole
        self._books: dict[str, Book | None] = {}
        self._code = Code()
        self._derivations = derivations() if whole else {}

    def use(self, code: Code) -> None:
        """From now on judge by this code (collectors.judge.run.compiled_code)."""
        self._code = code

    def judge(self, batch: Batch) -> Judged:
        """The same readings, with flags, and what is derived from them; adds to what is known."""
        found = Judged(batch)
        plain = list(batch.plain)
        self._plain(plain, found)
        groups = [self._group(group, found) for group in batch.groups]
        found.batch = Batch(plain + found.derived, groups)
        return found

    def book(self, kind: str) -> Book | None:
        """What is known of the devices of a kind; None where a kind has no bounds."""
        if kind not in self._books:
            self._books[kind] = Book(kind, self._others) if bounded(kind) is not None else None
        return self._books[kind]

    @property
    def books(self) -> list[Book]:
        """Those there are."""
        return [book for book in list(self._books.values()) if book is not None]

    def heed(self, noted: Noted, is_open: bool) -> None:
        """Whether a fault of this device has not ended: then its readings go on being noted."""
        book = self.book(noted.kind)
        if book is not None:
            (book.open.add if is_open else book.open.discard)(noted.slot)

    def expect(self, kind: str, site: str, device: str, expected_s: float) -> None:
        """A device that has been heard is declared to speak so often."""
        book = self.book(kind)
        if book is not None:
            book.expect(site, device, expected_s)

    def kept(self) -> KeptJudge:
        """What is known, to be kept on disk."""
        of = {name: one.kept() for name, one in self._derivations.items()}
        return KeptJudge([book.kept() for book in self.books], of)

    def take(self, kept: KeptJudge) -> None:
        """Know again what was kept; kinds and versions that do not fit are left out."""
        for one in kept.books:
            book = self.book(one.kind)
            if book is not None:
                book.take(one)
        for name, body in kept.derived.items():
            if name in self._derivations:
                self._derivations[name].take(body)

    def resume(self) -> None:
        """What was taken is old: readings that came since are not missing."""
        for book in self.books:
            book.series[:, RESUMED] = 1.0

    def _plain(self, plain: list[Reading], found: Judged) -> None:
        """Judge readings that are readings already, in place."""
        places: dict[str, list[int]] = {}
        for place, reading in enumerate(plain):
            places.setdefault(reading.kind, []).append(place)
        for kind, at in places.items():
            book = self.book(kind)
            if book is None:
                continue
            mine = [plain[place] for place in at]
            readings = Readings(
                book.slots([(r.site, r.device, r.tie) for r in mine]),
                reading_columns(mine, [*book.gauge_names, *book.counter_names]),
                np.array([r.received_ns for r in mine], np.int64),
                np.array([int(r.quality) for r in mine], np.int64),
            )
            judged = run(book, readings, self._code, self._period_ms, self._whole)
            self._follow(book, judged, mine.__getitem__, found)
            for i in _changed(readings.before, judged.flags, kind, found):
                plain[at[i]] = with_flag(mine[i], int(judged.flags[i]))

    def _group(self, group: Group, found: Judged) -> Group:
        """The group with the flags that its records have earned."""
        book = self.book(group.typed.kind)
        if book is None:
            return group
        group = packed(group)
        by_name = dict(zip((*group.typed.fields, "t"), group_columns(group), strict=True))
        columns = [by_name[name] for name in (*book.gauge_names, *book.counter_names, "t")]
        seen_ns = np.array(group.received_ns, np.int64)
        before = np.array(group.flags or np.zeros(len(group)), np.int64)
        readings = Readings(book.slots_of(group.routes), columns, seen_ns, before)
        judged = run(book, readings, self._code, self._period_ms, self._whole)

        def reading(i: int) -> Reading:
            flag = group.flags[i] if group.flags else 0
            return group.routes[i].reading(group.records[i], group.received_ns[i], flag)

        self._follow(book, judged, reading, found)
        if _changed(before, judged.flags, group.typed.kind, found):
            group = replace(group, flags=judged.flags.tolist())
        return group

    def _follow(self, book: Book, judged: Run, reading: Callable[[int], Reading], found: Judged) -> None:
        """What follows from some of the readings: derived ones, and what concerns the health of devices."""
        if self._derivations:
            told = judged.crossed | (judged.told[..., TO] > 0).any(axis=1)
            for i in np.flatnonzero(told).tolist():
                followed, used = reading(i), uses(book, judged, i)
                for derive in self._derivations.values():
                    found.derived += derive.follow(followed, used)
        notable = (judged.flags & FAULTS) != 0
        if book.open:
            notable |= np.isin(judged.slots, list(book.open)) & (judged.order == NEXT)
        for i in np.flatnonzero(notable).tolist():
            slot = int(judged.slots[i])
            site, device, _ = book.keys[slot]
            at_ns = int(judged.at_ms[i]) * _NS_PER_MS
            flags = int(judged.flags[i])
            since_ns = book.stuck_since_ms(slot) * _NS_PER_MS if flags & Flag.STUCK else 0
            found.noted.append(Noted(book.kind, site, device, at_ns, flags, slot, since_ns))


def _changed(before: Whole, after: Whole, kind: str, found: Judged) -> list[int]:
    """Which readings of a kind carry other flags than before; counts them."""
    places = np.flatnonzero(after != before).tolist()
    for i in places:
        found.flagged[int(after[i]), kind] += 1
        if before[i]:
            found.flagged[int(before[i]), kind] -= 1
    return places
