"""Which rows of the spool are so new that they need not be read back from the disk?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from collectors.reading import Reading

READINGS: Final = 20_000
"""Readings kept in memory at most, some 5 MB; who is further behind reads from the disk."""

Row = tuple[int, Sequence[Reading]]
"""Id and readings of a row."""


class Fresh:
    """The rows appended last, in order. No row after `floor` is on the disk and not here."""

    def __init__(self, floor: int, most: int = READINGS) -> None:
        self._floor, self._most = floor, most
        self._rows: deque[Row] = deque()
        self._readings = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Keep rows that were appended; the oldest make room for them."""
        for row in rows:
            self._rows.append(row)
            self._readings += len(row[1])
        while self._readings > self._most:
            self._drop_first()

    def drop(self, upto: int) -> None:
        """Forget the rows that every store has, up to id `upto`."""
        while self._rows and self._rows[0][0] <= upto:
            self._drop_first()

    def read(self, after: int, limit: int) -> list[Row] | None:
        """Rows after id `after`, at most `limit` readings but at least one row; None: ask the disk."""
        if after < self._floor:
            return None
        found: list[Row] = []
        taken = 0
        for row in self._rows:
            if row[0] <= after:
                continue
            if found and taken + len(row[1]) > limit:
                break
            found.append(row)
            taken += len(row[1])
        return found

    def _drop_first(self) -> None:
        self._floor, readings = self._rows.popleft()
        self._readings -= len(readings)
