"""What do both judges say of some readings of one kind?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from collectors.compiled import compiled
from collectors.derived import Use
from collectors.judge.book import Book, Floats
from collectors.judge.counters import judge_counters
from collectors.judge.gauges import judge_gauges
from collectors.judge.layout import DOUBTFUL, FROM, GAPPED, TO, TOLD_WIDTH, USED
from collectors.quality import Flag

Whole = NDArray[np.int64]

_DOUBTFUL = int(Flag.CLOCK | Flag.RETAINED)


class Code(NamedTuple):
    """The two judges, compiled or as Python runs them; both say the same."""

    gauges: Any = judge_gauges
    counters: Any = judge_counters


class Run(NamedTuple):
    """A row for each reading; `told` by reading and counter."""

    slots: Whole
    at_ms: Floats
    seen_ns: Whole
    flags: Whole
    order: Whole
    crossed: NDArray[np.bool_]
    told: Floats


class Readings(NamedTuple):
    """Readings of one kind, in columns: gauges, counters and time (ms); `before` are flags they came with."""

    slots: Whole
    columns: Sequence[Floats]
    seen_ns: Whole
    before: Whole


def run(book: Book, readings: Readings, code: Code, period_ms: float, gaps: bool) -> Run:
    """Judge, and remember in `book`."""
    n, gauges = len(readings.slots), len(book.gauge_names)
    *columns, at_ms = readings.columns
    values, counts = _table(columns[:gauges], n), _table(columns[gauges:], n)
    flags, order = readings.before.copy(), np.zeros(n, np.int64)
    crossed, told = np.zeros(n, np.bool_), np.zeros((n, len(book.counter_names), TOLD_WIDTH))
    doubtful = (readings.before & _DOUBTFUL) != 0
    seen_ms = readings.seen_ns / 1e6
    code.gauges(
        book.rules.gauges, book.series, book.gauges, readings.slots, at_ms, seen_ms, doubtful, values, counts,
        gaps, period_ms, flags, order, crossed,
    )  # fmt: skip
    code.counters(
        book.rules.counters, book.series, book.counters, readings.slots, at_ms, counts, period_ms, flags,
        order, told,
    )  # fmt: skip
    return Run(readings.slots, at_ms, readings.seen_ns, flags, order, crossed, told)


def uses(book: Book, found: Run, i: int) -> list[Use]:
    """What the counters of reading `i` told."""
    slot = int(found.slots[i])
    site, device, _ = book.keys[slot]
    told = []
    for number, field in enumerate(book.counter_names):
        row = found.told[i, number]
        if row[TO] > 0:
            told.append(
                Use(book.kind, site, device, field, number, int(row[FROM]), int(row[TO]), float(row[USED]),
                    bool(row[DOUBTFUL]), bool(row[GAPPED]))
            )  # fmt: skip
    return told


def compiled_code() -> Code:
    """Both judges compiled, and called once; takes seconds when it has never been done on this machine."""
    code, book = Code(compiled(judge_gauges), compiled(judge_counters)), Book("water")
    columns = [np.zeros(1) for _ in range(len(book.gauge_names) + len(book.counter_names) + 1)]
    nothing = np.zeros(1, np.int64)
    run(book, Readings(book.slots([("", "", 0)]), columns, nothing, nothing), code, 1.0, True)
    return code


def _table(columns: Sequence[Floats], n: int) -> Floats:
    """A row for each reading."""
    return np.stack(columns, axis=1) if columns else np.zeros((n, 0))
