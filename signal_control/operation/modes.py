"""In which mode does an intersection run now: by its settings, the time of day, or an operator's order?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

import msgspec
from pydantic import Field, field_validator

from signal_control.model import Model
from signal_control.model.week import DAY_MIN, DAYS, WEEK_MIN, Clock, Day, minute_of_day

Mode = Literal["off", "shadow", "advisory", "adaptive"]
"""off: nothing is decided. shadow: decided and explained, nothing is sent. advisory: the same, and the board
offers it to an operator as advice. adaptive: decisions go to the cabinet."""
MODES: Final[tuple[Mode, ...]] = ("off", "shadow", "advisory", "adaptive")


class Period(Model):
    """A mode for part of the day, in the city's local time; with the end before the begin, past midnight."""

    mode: Mode
    begin: Clock
    end: Clock
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    """Days on which it begins."""
    intersections: tuple[str, ...] = ()
    """Only these; all without."""

    @field_validator("end")
    @classmethod
    def _not_empty(cls, value: str, info: object) -> str:
        begin = getattr(info, "data", {}).get("begin")
        if value == begin:
            raise ValueError(
                f"begins and ends at {value}; leave a period out that is never, or name 00:00 to 23:59"
            )
        return value

    def covers(self, intersection: str, minute: int) -> bool:
        """Whether it holds at a minute of the week (0 is Monday, 00:00)."""
        if self.intersections and intersection not in self.intersections:
            return False
        return covers(self.begin, self.end, self.days, minute)


def covers(begin: str, end: str, days: Iterable[Day], minute: int) -> bool:
    """Whether a time that begins on these days, and may go on past midnight, holds a minute of the week."""
    length = (minute_of_day(end) - minute_of_day(begin)) % DAY_MIN
    starts = (DAYS.index(day) * DAY_MIN + minute_of_day(begin) for day in days)
    return any((minute - start) % WEEK_MIN < length for start in starts)


class Order(msgspec.Struct, frozen=True):
    """What an operator wants at an intersection until `until_ns` (city time, ns since the epoch).

    `release` leaves it to its local plan, `hold` asks for the phases `serve`, `mode` runs it in `mode`.
    """

    kind: Literal["release", "hold", "mode"]
    who: str
    until_ns: int
    serve: tuple[int, ...] = ()
    mode: Mode = "adaptive"


class Standing(msgspec.Struct, frozen=True):
    """How an intersection is to be run now, and why: one sentence."""

    mode: Mode
    why: str
    released: bool = False
    held: tuple[int, ...] = ()
    until_ns: int | None = None


def standing(
    intersection: str,
    base: Mode,
    periods: Sequence[Period],
    order: Order | None,
    now_ns: int,
    minute: int,
) -> Standing:
    """What holds now: an order that has not expired, else the last period that covers the minute."""
    usual = _usual(intersection, base, periods, minute)
    if order is None or now_ns >= order.until_ns:
        return usual
    why = f"Asked for by {order.who}."
    if order.kind == "release":
        return Standing(usual.mode, why, released=True, until_ns=order.until_ns)
    if order.kind == "hold":
        return Standing("adaptive", why, held=order.serve, until_ns=order.until_ns)
    return Standing(order.mode, why, until_ns=order.until_ns)


def _usual(intersection: str, base: Mode, periods: Iterable[Period], minute: int) -> Standing:
    found = [p for p in periods if p.covers(intersection, minute)]
    if found:
        last = found[-1]
        return Standing(last.mode, f"By schedule, {last.begin} to {last.end}.")
    return Standing(base, "By the city file.")
