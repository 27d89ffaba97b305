"""Which readings travel together, those of plain sensors still as the records they came as?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, overload

import msgspec

from collectors.reading import Reading
from collectors.typed import Route, Typed


class Group(msgspec.Struct, frozen=True, eq=False):
    """Records of one kind in columns of one length: whose, received when (ns since the epoch), and what."""

    typed: Typed
    routes: Sequence[Route]
    received_ns: Sequence[int]
    records: Sequence[Any]
    packed: bytes = b""
    """The records in MessagePack, each as a list, where somebody has made that already."""
    flags: Sequence[int] = ()
    """Those of each record (collectors.quality); empty where none carries any."""

    def __len__(self) -> int:
        return len(self.records)

    def part(self, start: int, stop: int) -> Group:
        """Some of the records."""
        cut = slice(start, stop)
        columns = (self.routes[cut], self.received_ns[cut], self.records[cut])
        return Group(self.typed, *columns, flags=self.flags[cut])

    def readings(self) -> Iterator[Reading]:
        """A reading for each record."""
        flags = self.flags or repeat(0, len(self))
        for route, record, ns, flag in zip(self.routes, self.records, self.received_ns, flags, strict=True):
            yield route.reading(record, ns, flag)


class Batch(Sequence[Reading]):
    """A sequence of readings: `plain` ones first, then those of `groups`, made when somebody looks."""

    __slots__ = ("_all", "groups", "plain")

    def __init__(self, plain: Sequence[Reading] = (), groups: Sequence[Group] = ()) -> None:
        self.plain, self.groups = plain, tuple(group for group in groups if len(group))
        self._all: Sequence[Reading] | None = None if self.groups else plain

    def __len__(self) -> int:
        return len(self.plain) + sum([len(group) for group in self.groups])

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Reading]: ...
    def __getitem__(self, place: int | slice) -> Reading | Sequence[Reading]:
        return self._made()[place]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._made())

    def kinds(self) -> Counter[str]:
        """How many readings there are of each kind."""
        found = Counter([reading.kind for reading in self.plain])
        for group in self.groups:
            found[group.typed.kind] += len(group)
        return found

    def pieces(self, most: int) -> Iterator[Batch]:
        """The same readings in batches of at most `most`."""
        if len(self) <= most:
            yield self
            return
        for start in range(0, len(self.plain), most):
            yield Batch(self.plain[start : start + most])
        for group in self.groups:
            for start in range(0, len(group), most):
                yield Batch((), [group.part(start, start + most)])

    def _made(self) -> Sequence[Reading]:
        """All as readings, each the same object whenever it is asked for."""
        if self._all is None:
            self._all = [*self.plain, *(reading for group in self.groups for reading in group.readings())]
        return self._all


def kinds_of(readings: Sequence[Reading]) -> Counter[str]:
    """How many readings there are of each kind."""
    if isinstance(readings, Batch):
        return readings.kinds()
    return Counter([reading.kind for reading in readings])


def grouped(
    routes: Sequence[Route], received_ns: Sequence[int], records: Sequence[Any], flags: Sequence[int] = ()
) -> list[Group]:
    """Records of any kinds, in columns of one length, as one group of each kind."""
    if len(set(map(type, records))) <= 1:
        return [_group(routes, received_ns, records, flags)] if records else []
    found: dict[type, tuple[list[Route], list[int], list[Any], list[int]]] = {}
    rows = zip(routes, received_ns, records, flags or repeat(0, len(records)), strict=True)
    for route, received, record, flag in rows:
        columns = found.get(type(record))
        if columns is None:
            columns = found[type(record)] = ([], [], [], [])
        columns[0].append(route)
        columns[1].append(received)
        columns[2].append(record)
        columns[3].append(flag)
    return [_group(*columns) for columns in found.values()]


def _group(
    routes: Sequence[Route], received_ns: Sequence[int], records: Sequence[Any], flags: Sequence[int]
) -> Group:
    return Group(routes[0].typed, routes, received_ns, records, flags=flags if any(flags) else ())


def merged(batches: Iterable[Sequence[Reading]]) -> Sequence[Reading]:
    """All readings of several batches as one, with one group of each kind."""
    found = list(batches)
    if len(found) == 1:
        return found[0]
    plain: list[Reading] = []
    groups: dict[Typed, list[Group]] = {}
    for batch in found:
        plain += batch.plain if isinstance(batch, Batch) else batch
        for group in batch.groups if isinstance(batch, Batch) else ():
            groups.setdefault(group.typed, []).append(group)
    return Batch(plain, [_joined(same) for same in groups.values()])


def _joined(groups: list[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    routes: list[Route] = []
    received_ns: list[int] = []
    records: list[Any] = []
    flags: list[int] = []
    for group in groups:
        routes += group.routes
        received_ns += group.received_ns
        records += group.records
        flags += group.flags or repeat(0, len(group))
    return _group(routes, received_ns, records, flags)
