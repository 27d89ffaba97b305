"""When was it observed, and can that be?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from collectors.reading import BadPayload, Reason, shown

EARLIEST_MS: Final = 946_684_800_000
"""2000-01-01T00:00:00Z. A clock that shows less has lost its battery (1970, 1980, 1999)."""
AHEAD_MS: Final = 86_400_000
"""How far a device may be ahead of arterial's clock: a day, which forgives a wrong time zone."""
ALLOWED: Final = "milliseconds since the epoch, or RFC 3339 text with a zone, from 2000 to a day ahead of now"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ZONED = Annotated[datetime, msgspec.Meta(tz=True)]


def instant_ns(value: object, received_ns: int, name: str = "t") -> int:
    """The device time `value` in nanoseconds since the epoch (UTC).

    Numbers are milliseconds, fractions kept to a microsecond; text is RFC 3339 with a zone. Raises
    BadPayload(BAD_TIME) naming `name` when it is neither, lies before 2000, or is more than a day ahead of
    `received_ns` (arterial's own clock, nanoseconds).
    """
    if type(value) is int or type(value) is float:
        if EARLIEST_MS <= value <= latest_ms(received_ns):
            return value * 1_000_000 if type(value) is int else round(value * 1e3) * 1_000
    elif isinstance(value, str | datetime):
        at_us = _since_epoch_us(value)
        if at_us is not None and EARLIEST_MS <= at_us // 1_000 <= latest_ms(received_ns):
            return at_us * 1_000
    raise refused_time(value, name)


def latest_ms(received_ns: int) -> int:
    """The latest device time that is believed at `received_ns`, in milliseconds."""
    return received_ns // 1_000_000 + AHEAD_MS


def refused_time(value: object, name: str) -> BadPayload:
    """The refusal of a time that is missing, unreadable or implausible."""
    return BadPayload(Reason.BAD_TIME, f"{name}: {_quoted(value)}; allowed: {ALLOWED}")


def _since_epoch_us(value: str | datetime) -> int | None:
    try:
        return (msgspec.convert(value, _ZONED) - _EPOCH) // _MICROSECOND
    except msgspec.ValidationError:
        return None


def _quoted(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else shown(value)
