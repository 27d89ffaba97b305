"""Which quarters of an hour of two periods belong together?

Those of the same weekday and time of day, by the city's clock. Where the periods have no weekday in common,
days of one sort (working day, Saturday, Sunday) are compared, and where not even those, times of day alone;
the report says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

Match = Literal["weekday", "sort", "time"]
Slot = tuple[int, int]
"""(day, minute of the day): what two quarters share that belong together."""
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SORTS: Final = ("working day", "Saturday", "Sunday")
WORDS: Final[dict[Match, str]] = {
    "weekday": "Quarters of an hour of the same weekday and time are compared.",
    "sort": "Days do not match: the periods have no weekday in common. Working days are compared with "
    "working days, Saturdays and Sundays with their like.",
    "time": "Days do not match: the periods have no sort of day in common, so only times of day are "
    "compared. Traffic differs between days: do not conclude anything from this alone.",
}


class Local(NamedTuple):
    """A quarter of an hour on the city's clock."""

    date: str
    weekday: int
    minute: int


def local(start_ns: int, zone: ZoneInfo) -> Local:
    """When a bin begins, by the city's clock."""
    at = datetime.fromtimestamp(start_ns / 1e9, zone)
    return Local(f"{at:%Y-%m-%d}", at.weekday(), at.hour * 60 + at.minute)


def slots(starts: Iterable[int], zone: ZoneInfo, match: Match) -> dict[Slot, list[int]]:
    """Bins by what they share."""
    found: dict[Slot, list[int]] = {}
    for start in starts:
        at = local(start, zone)
        found.setdefault((_day(at.weekday, match), at.minute), []).append(start)
    return found


def best_match(before: Iterable[int], after: Iterable[int], zone: ZoneInfo) -> Match:
    """The closest way of matching under which the two have slots in common."""
    before, after = list(before), list(after)
    ways: tuple[Match, ...] = ("weekday", "sort")
    for match in ways:
        if slots(before, zone, match).keys() & slots(after, zone, match).keys():
            return match
    return "time"


def dates(starts: Iterable[int], zone: ZoneInfo) -> dict[str, int]:
    """The days with bins, and the weekday of each."""
    return {at.date: at.weekday for at in sorted(local(start, zone) for start in starts)}


def common(
    before: Mapping[Slot, list[int]], after: Mapping[Slot, list[int]]
) -> list[tuple[Slot, list[int], list[int]]]:
    """The slots that both have, in order of day and time, with their bins."""
    return [(slot, before[slot], after[slot]) for slot in sorted(before.keys() & after.keys())]


def day_words(day: int, match: Match) -> str:
    """What people call the day of a slot."""
    return DAYS[day] if match == "weekday" else SORTS[day] if match == "sort" else "any day"


def _day(weekday: int, match: Match) -> int:
    if match == "weekday":
        return weekday
    return max(0, weekday - 4) if match == "sort" else 0
