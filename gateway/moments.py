"""Which moment does a person mean?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment_ns(text: str, now: datetime) -> int:
    """`90s`, `30m`, `2h`, `7d` before `now`, or a time as 2026-01-31T12:00Z, in nanoseconds since the epoch.

    Without a zone it is UTC. Raises ValueError that names both forms.
    """
    ago = _AGO.fullmatch(text)
    try:
        at = now - timedelta(**{_UNITS[ago[2]]: float(ago[1])}) if ago else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"'{text}' is neither so long ago (90s, 30m, 2h, 7d) nor a time (2026-01-31T12:00Z)"
        ) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round(at.timestamp()) * 1_000_000_000
