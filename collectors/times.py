"""When was it observed, in which unit did the device say so, and can that be?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

import msgspec

from collectors.reading import BadPayload, Reason, shown

TimeUnit = Literal["ms", "s", "us", "ns", "iso", "auto", "arrival"]
"""How a source says when: a count since the epoch in one unit; `iso`: RFC 3339 text only; `auto`: a count
whose unit its size tells; `arrival`: the device has no clock, the time of receipt stands in."""

EARLIEST_MS: Final = 946_684_800_000
"""2000-01-01T00:00:00Z. A clock that shows less has lost its battery (1970, 1980, 1999)."""
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01: between 2000 and 2100 no count of one unit is one of another."""
AHEAD_MS: Final = 86_400_000
"""How far a device may be ahead of arterial's clock: a day, which forgives a wrong time zone."""

_FACTORS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_WORDS: Final = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "auto": "seconds, milliseconds, microseconds or nanoseconds",
}
_SPAN: Final = "from 2000 to a day ahead of now"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_ZONED = Annotated[datetime, msgspec.Meta(tz=True)]
_FRACTION = re.compile(r"(.+:\d\d)\.(\d+)(\D.*)")


class Instant(msgspec.Struct, frozen=True, gc=False):
    """A device time whose unit a format has settled already: nanoseconds since the epoch, UTC."""

    at_ns: int


InstantRule = Callable[[object, int, str], int]
"""(value, received_ns, name) -> nanoseconds since the epoch; raises BadPayload(BAD_TIME)."""


def instant_ns(value: object, received_ns: int, name: str = "t") -> int:
    """The device time `value` in nanoseconds since the epoch (UTC), by the rule of the unit `ms`.

    Numbers are milliseconds, fractions kept to a microsecond; text is RFC 3339 with a zone, kept to the
    nanosecond; an Instant is what it says. Raises BadPayload(BAD_TIME) naming `name` when it is neither, lies
    before 2000, or is more than a day ahead of `received_ns` (arterial's own clock, nanoseconds).
    """
    if type(value) is int or type(value) is float:
        if EARLIEST_MS <= value <= latest_ms(received_ns):
            return value * 1_000_000 if type(value) is int else round(value * 1e3) * 1_000
    elif (at_ns := _told_ns(value)) is not None and _possible(at_ns, received_ns):
        return at_ns
    raise refused_time(value, name)


def time_rule(unit: TimeUnit) -> InstantRule:
    """How a source reads its times. Raises ValueError, naming the choices, for a unit that does not exist.

    RFC 3339 text with a zone cannot be mistaken and is taken whatever the unit; `iso` takes nothing else.
    """
    if unit not in get_args(TimeUnit):
        raise ValueError(f"no time_unit named '{unit}'; there are: {', '.join(get_args(TimeUnit))}")
    if unit == "ms":
        return instant_ns
    if unit == "arrival":
        return lambda value, received_ns, name: received_ns

    def instant(value: object, received_ns: int, name: str) -> int:
        at_ns = _counted_ns(value, unit) if type(value) is int or type(value) is float else _told_ns(value)
        if at_ns is not None and _possible(at_ns, received_ns):
            return at_ns
        raise refused_time(value, name, unit)

    return instant


def latest_ms(received_ns: int) -> int:
    """The latest device time that is believed at `received_ns`, in milliseconds."""
    return received_ns // 1_000_000 + AHEAD_MS


def refused_time(value: object, name: str, unit: TimeUnit = "ms") -> BadPayload:
    """The refusal of a time that is missing, unreadable or implausible; says which unit would fit it."""
    allowed = "RFC 3339 text with a zone"
    if unit in _WORDS:
        allowed = f"{_WORDS[unit]} since the epoch, or {allowed}"
    detail = f"{name}: {_quoted(value)}{_hint(value, unit)}; allowed: {allowed}, {_SPAN}"
    return BadPayload(Reason.BAD_TIME, detail)


def _counted_ns(value: float, unit: TimeUnit) -> int | None:
    """A count since the epoch in nanoseconds; of a float no more than a microsecond is believed."""
    found = _unit_of(value) if unit == "auto" else unit
    if found not in _FACTORS or not _in_unit(value, found):
        return None
    factor = _FACTORS[found]
    return value * factor if type(value) is int else round(value * (factor / 1_000)) * 1_000


def _unit_of(value: float) -> str:
    """The unit in which `value` lies between 2000 and 2100; empty when there is none."""
    return next((unit for unit in _FACTORS if _in_unit(value, unit)), "")


def _in_unit(value: float, unit: str) -> bool:
    per_ms = 1_000_000 / _FACTORS[unit]
    return EARLIEST_MS * per_ms <= value < LATEST_MS * per_ms


def _told_ns(value: object) -> int | None:
    """Text, a datetime with a zone or an Instant in nanoseconds; None for anything else."""
    if isinstance(value, str):
        return _text_ns(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return (value - _EPOCH) // _MICROSECOND * 1_000
    if isinstance(value, Instant):
        return value.at_ns
    return None


def _text_ns(text: str) -> int | None:
    """RFC 3339 with a zone; digits beyond the nanosecond are cut off."""
    found = _FRACTION.fullmatch(text)
    whole, part_ns = (found[1] + found[3], int(found[2][:9].ljust(9, "0"))) if found else (text, 0)
    try:
        return (msgspec.convert(whole, _ZONED) - _EPOCH) // _SECOND * 1_000_000_000 + part_ns
    except (msgspec.ValidationError, OverflowError):
        return None


def _possible(at_ns: int, received_ns: int) -> bool:
    return EARLIEST_MS <= at_ns // 1_000_000 <= latest_ms(received_ns)


def _hint(value: object, unit: TimeUnit) -> str:
    """What a number would mean in the unit that fits it, where that is another one."""
    if type(value) is not int and type(value) is not float:
        return ""
    fits = _unit_of(value)
    if not fits or fits == unit or unit == "auto":
        return ""
    at = datetime.fromtimestamp(value * _FACTORS[fits] / 1_000_000_000, UTC)
    return f'; as {_WORDS[fits]} it is {at:%Y-%m-%dT%H:%MZ}, with time_unit = "{fits}"'


def _quoted(value: object) -> str:
    if isinstance(value, Instant):
        return f"{value.at_ns} ns since the epoch"
    return value.isoformat() if isinstance(value, datetime) else shown(value)
