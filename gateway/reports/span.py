"""Which stretch of time does a person mean?"""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.moments import moment_ns
from gateway.reports.arrivals import ALL_TIME_NS, ReportError


def span_of(since: str, until: str, now: datetime | None = None) -> tuple[int, int]:
    """(from, until) in ns since the epoch; empty texts are open ends. Raises ReportError."""
    at = datetime.now(UTC) if now is None else now
    try:
        begin = moment_ns(since, at) if since else ALL_TIME_NS[0]
        end = moment_ns(until, at) if until else ALL_TIME_NS[1]
    except ValueError as error:
        raise ReportError(str(error)) from error
    if begin >= end:
        raise ReportError(f"'{since}' is not before '{until or 'now'}'")
    return begin, end
