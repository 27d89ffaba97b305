"""Which minute of the week is it, by the clock on the city's wall?"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated, Final, Literal

from pydantic import Field

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day as 07:30."""

DAY_MIN: Final = 1440
WEEK_MIN: Final = 7 * DAY_MIN


def minute_of_day(clock: str) -> int:
    """07:30 is 450."""
    return int(clock[:2]) * 60 + int(clock[3:])


def minute_of_week(now_ns: int, zone: tzinfo) -> int:
    """The minute of the week in local time, 0 being Monday, 00:00; `now_ns` since the epoch."""
    local = datetime.fromtimestamp(now_ns / 1e9, zone)
    return local.weekday() * DAY_MIN + local.hour * 60 + local.minute
