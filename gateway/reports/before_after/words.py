"""How are the numbers and days of a comparison written, wherever they are shown?"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.reports.before_after.compare import Comparison, Course, Period, Row

HEADINGS: Final = ("Measure", "Before", "After", "Difference", "95 % interval", "At equal volume", "Bins")
MINUS: Final = "\u2212"
METHOD: Final = (
    "Each measure is taken in quarters of an hour without gaps in the log. Quarters that belong together are "
    "paired, and count by the vehicles (greens, people) that both have. Intervals are from a bootstrap over "
    "the pairs in blocks of an hour, 2000 draws. At equal volume: the differences, fitted over the change of "
    "volume, where volume did not change."
)


def number(value: float | None, digits: int, sign: bool = False) -> str:
    """A number, or a dash where the data do not tell."""
    if value is None:
        return "\u2013"
    return f"{value:{'+' if sign else ''}.{digits}f}".replace("-", MINUS)


def cells(row: Row) -> tuple[str, ...]:
    """A row as texts, in the order of HEADINGS."""
    d = row.digits
    return (
        row.heading,
        number(row.before, d),
        number(row.after, d),
        number(row.difference, d, sign=True),
        interval(row.low, row.high, d),
        equal(row),
        str(row.bins),
    )


def equal(row: Row) -> str:
    """The difference at equal volume with its interval."""
    if row.equal_low is None:
        return "\u2013"
    difference = number(row.equal_difference, row.digits, sign=True)
    return f"{difference} ({interval(row.equal_low, row.equal_high, row.digits)})"


def interval(low: float | None, high: float | None, digits: int) -> str:
    """`−2.1 to +0.4`."""
    if low is None or high is None:
        return "\u2013"
    return f"{number(low, digits, sign=True)} to {number(high, digits, sign=True)}"


def period(told: Period, timezone: str) -> str:
    """`2026-11-02 00:00 to 2026-11-09 00:00, 480 quarters on Mon 2, Tue 3`."""
    zone = ZoneInfo(timezone)
    begin, end = (datetime.fromtimestamp(ms / 1000, zone) for ms in (told.from_ms, told.to_ms))
    days = ", ".join(f"{weekday} {date[8:]}" for date, weekday in told.days[:14])
    more = f" and {len(told.days) - 14} more days" if len(told.days) > 14 else ""
    data = f"{told.bins} quarters of an hour with data, on {days}{more}" if told.bins else "no data"
    return f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}: {data}"


def title(found: Comparison) -> str:
    """What the report is about."""
    return f"{found.intersection} {found.name}" if found.name != found.intersection else found.intersection


def clock(minute: int) -> str:
    """`07:30` of a minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def side_of(course: Course, side: int) -> list[float]:
    """The values before (0) or after (1)."""
    return [(before, after)[side] for _, _, before, after in course.points]
