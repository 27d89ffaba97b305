"""What does a measure say of some logs, as the bytes of an answer? Runs in the process beside the city."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from gateway.desk.catalog import Found, find
from signal_control.eventlog import Channels, Ints, Log, ordered
from signal_control.model import Intersection
from signal_control.street import Site, Stop

NS_PER_MS: Final = 1_000_000


class Question(NamedTuple):
    """A measure of a stretch of time [begin, end) in ns since the epoch; bins in ns; single happenings?"""

    measure: str
    at: str
    span: tuple[int, int]
    bin_ns: int
    each: bool = False


class Logged(NamedTuple):
    """What one intersection logged: the bytes of int64 columns, from a little before the stretch of time."""

    id: str
    at_ns: bytes
    code: bytes
    param: bytes

    def log(self) -> Log:
        """The columns, in order."""
        return ordered(*(np.frombuffer(column, np.int64) for column in self[1:]))


def answered(
    question: Question,
    logs: Sequence[Logged],
    intersections: Mapping[str, Intersection],
    channels: Mapping[str, Channels],
    stops: Sequence[Stop],
) -> bytes:
    """JSON, gzipped: the rows as columns, and what they were made from. Raises ValueError."""
    found, own = find(question.measure), {logged.id: logged.log() for logged in logs}
    if found.kind == "study":
        sites = [Site(intersections[id_], log) for id_, log in own.items()]
        rows = getattr(found.module, found.name)(sites, stops, channels, question.span)
    else:
        rows = _measured(found, question, own[question.at], channels.get(question.at, {}))
    answer = {
        "measure": found.name,
        "at": question.at,
        "from_ms": question.span[0] // NS_PER_MS,
        "to_ms": question.span[1] // NS_PER_MS,
        "bin_s": question.bin_ns // 1_000_000_000,
        "rows": len(rows),
        **_columns(rows),
        "log": {id_: _told(log, question.span) for id_, log in own.items()},
        "channels": {str(phase): list(c) for phase, c in sorted(channels.get(question.at, {}).items())},
        "street": [stop._asdict() for stop in stops],
    }
    return gzip.compress(msgspec.json.encode(answer), 1)


def _measured(found: Found, question: Question, log: Log, channels: Channels) -> list[Any]:
    """The rows that begin within the stretch of time."""
    begin, end = question.span
    if question.each:
        rows = found.module.each(*log, channels)
    else:
        rows = getattr(found.module, found.name)(*log, channels, question.bin_ns)
    bin_ns = question.bin_ns if rows and rows[0]._fields[0] == "start_ns" and not question.each else 0
    return [row for row in rows if begin - begin % (bin_ns or 1) <= row[0] < end]


def _columns(rows: Sequence[Any]) -> dict[str, Any]:
    """Times in ms; words as numbers into a list of them."""
    if not rows:
        return {"columns": {}, "words": {}}
    columns: dict[str, list[Any]] = {}
    words: dict[str, list[str]] = {}
    for name, values in zip(rows[0]._fields, zip(*rows, strict=True), strict=True):
        if name.endswith("_ns"):
            columns[f"{name[:-3]}_ms"] = [value // NS_PER_MS for value in values]
        elif isinstance(values[0], str):
            words[name] = sorted(set(values))
            places = {word: i for i, word in enumerate(words[name])}
            columns[name] = [places[value] for value in values]
        else:
            columns[name] = [round(v, 4) if isinstance(v, float) else v for v in values]
    return {"columns": columns, "words": words}


def _told(log: Log, span: tuple[int, int]) -> dict[str, int | None]:
    """How many events there are within the stretch of time, the first and the last (ms)."""
    first, after = (int(i) for i in np.searchsorted(log.at_ns, span))
    ends: Ints = log.at_ns[first:after]
    return {
        "events": after - first,
        "first_ms": int(ends[0]) // NS_PER_MS if len(ends) else None,
        "last_ms": int(ends[-1]) // NS_PER_MS if len(ends) else None,
    }
