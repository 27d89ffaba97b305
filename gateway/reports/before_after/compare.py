"""What changed between two periods, and how sure is that?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from gateway.reports.before_after.bins import QUANTITIES, Bins, Quantity, Value
from gateway.reports.before_after.bootstrap import (
    LEAST,
    NOTHING,
    Effect,
    effect,
    effect_at_equal_volume,
)
from gateway.reports.before_after.matching import (
    DAYS,
    WORDS,
    Match,
    best_match,
    common,
    dates,
    day_words,
    slots,
)

SHIFT: Final = 0.1
"""Volumes that differ by more than this share deserve a remark."""


class Period(msgspec.Struct, frozen=True):
    """From when to when (ms), which days have data (date, weekday), and how many quarters of an hour."""

    from_ms: int
    to_ms: int
    days: tuple[tuple[str, str], ...]
    bins: int


class Row(msgspec.Struct, frozen=True):
    """One measure: means before and after over the bins both have, difference and its 95 % interval.

    `equal_...` is the difference with the change of volume taken out. None: the data do not tell. `bins`
    counts the pairs. `verdict` is one sentence.
    """

    key: str
    heading: str
    doc: str
    digits: int
    bins: int
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    equal_difference: float | None
    equal_low: float | None
    equal_high: float | None
    verdict: str


class Course(msgspec.Struct, frozen=True):
    """A measure over the slots that both periods have: (day, minute of day, before, after)."""

    key: str
    points: tuple[tuple[str, int, float, float], ...]


class Comparison(msgspec.Struct, frozen=True):
    """The report on one intersection."""

    intersection: str
    name: str
    timezone: str
    before: Period
    after: Period
    match: Match
    remarks: tuple[str, ...]
    rows: tuple[Row, ...]
    courses: tuple[Course, ...]
    seed: int


class Sides(msgspec.Struct, frozen=True):
    """Two periods of one intersection: spans in ns, and what was measured in each."""

    before_span: tuple[int, int]
    after_span: tuple[int, int]
    before: Bins
    after: Bins


def compared(id: str, name: str, sides: Sides, zone: ZoneInfo, seed: int = 1) -> Comparison:
    """The report on what was measured in two periods."""
    match = best_match(sides.before, sides.after, zone)
    pairs = common(slots(sides.before, zone, match), slots(sides.after, zone, match))
    means = [(slot, _means(sides.before, b), _means(sides.after, a)) for slot, b, a in pairs]
    table = [(before, after) for _, before, after in means]
    rows = tuple(row for q in QUANTITIES if (row := _row(q, table, seed)) is not None)
    courses = tuple(
        Course(
            q.key,
            tuple(
                (
                    day_words(slot[0], match),
                    slot[1],
                    before[q.key].mean * q.factor,
                    after[q.key].mean * q.factor,
                )
                for slot, before, after in means
                if q.key in before and q.key in after
            ),
        )
        for q in QUANTITIES
    )
    return Comparison(
        id,
        name,
        zone.key,
        _period(sides.before_span, sides.before, zone),
        _period(sides.after_span, sides.after, zone),
        match,
        tuple(_remarks(sides, match, table, rows, zone)),
        rows,
        tuple(c for c in courses if c.points),
        seed,
    )


def _means(bins: Bins, starts: Sequence[int]) -> dict[str, Value]:
    """What the bins of one slot say together: means by weight, and the mean weight of a bin."""
    found = {}
    for key in {key for start in starts for key in bins[start]}:
        values = [bins[start][key] for start in starts if key in bins[start]]
        total = sum(v.weight for v in values)
        found[key] = Value(sum(v.mean * v.weight for v in values) / total, total / len(values))
    return found


Pair = tuple[Mapping[str, Value], Mapping[str, Value]]


def _row(q: Quantity, table: Sequence[Pair], seed: int) -> Row | None:
    pairs = [(b, a) for b, a in table if q.key in b and q.key in a]
    if not pairs:
        return None
    before, after, weight = (
        np.array(column) for column in zip(*(_weighed(q, *p) for p in pairs), strict=True)
    )
    found = effect(after - before, weight, seed)
    equal = NOTHING
    with_volume = [(b, a) for b, a in pairs if _volume(b) > 0 and _volume(a) > 0]
    if q.key != "volume" and len(with_volume) == len(pairs):
        volume = np.array([_volume(a) / _volume(b) - 1.0 for b, a in pairs])
        equal = effect_at_equal_volume(after - before, volume, weight, seed)
    means = [float((side * weight).sum() / weight.sum()) for side in (before, after)]
    return Row(
        q.key,
        q.heading,
        q.doc,
        q.digits,
        len(pairs),
        _number(means[0]),
        _number(means[1]),
        _number(found.value),
        _number(found.low),
        _number(found.high),
        _number(equal.value),
        _number(equal.low),
        _number(equal.high),
        verdict(q, found, equal),
    )


def _weighed(
    q: Quantity, before: Mapping[str, Value], after: Mapping[str, Value]
) -> tuple[float, float, float]:
    """Both means, and one weight: a bin counts as much as the side with fewer in it, roughly."""
    b, a = before[q.key], after[q.key]
    return b.mean * q.factor, a.mean * q.factor, b.weight * a.weight / (b.weight + a.weight)


def _volume(values: Mapping[str, Value]) -> float:
    return values["volume"].mean if "volume" in values else 0.0


def verdict(q: Quantity, found: Effect, equal: Effect) -> str:
    """What may be concluded, in one sentence."""
    if not found.told:
        return f"Too few bins in common for an interval (at least {LEAST} are needed)."
    if not found.clear:
        return "No change can be told: the interval includes zero."
    word = "rose" if found.value > 0 else "fell"
    if q.better:
        word += ", which is better" if found.value * q.better > 0 else ", which is worse"
    if equal.told and not equal.clear:
        return f"It {word}; but with the change of volume taken out, no change can be told."
    if equal.told and equal.value * found.value < 0:
        return f"It {word}; but with the change of volume taken out, it went the other way."
    return f"It {word}."


def _remarks(
    sides: Sides, match: Match, table: Sequence[Pair], rows: Sequence[Row], zone: ZoneInfo
) -> list[str]:
    found = [WORDS[match]]
    if not table:
        return [f"{word} has no data: nothing can be compared." for word in _empty(sides)] or [
            "The periods have no time of day in common: nothing can be compared."
        ]
    only = {side: _weekdays(bins, zone) for side, bins in (("before", sides.before), ("after", sides.after))}
    for side, other in (("before", "after"), ("after", "before")):
        missing = [DAYS[day] for day in sorted(only[side] - only[other])]
        if missing and match == "weekday":
            found.append(f"Left out: {', '.join(missing)}, which only the period {side} has.")
    volume = next((row for row in rows if row.key == "volume"), None)
    if volume is not None and volume.before and volume.difference is not None:
        share = volume.difference / volume.before
        if abs(share) > SHIFT:
            found.append(
                f"Traffic {'rose' if share > 0 else 'fell'} by {abs(share):.0%}: "
                "read the column at equal volume."
            )
    if len({date for bins in (sides.before, sides.after) for date in dates(bins, zone)}) < 4:
        found.append("With so few days, one unusual day is enough to make a difference.")
    found.append("Weather, holidays, road works and events are not known to arterial.")
    return found


def _empty(sides: Sides) -> list[str]:
    return [word for word, bins in (("Before", sides.before), ("After", sides.after)) if not bins]


def _weekdays(bins: Bins, zone: ZoneInfo) -> set[int]:
    return set(dates(bins, zone).values())


def _period(span: tuple[int, int], bins: Bins, zone: ZoneInfo) -> Period:
    days = tuple((date, DAYS[weekday]) for date, weekday in dates(bins, zone).items())
    return Period(span[0] // 1_000_000, span[1] // 1_000_000, days, len(bins))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
