"""What does InfluxDB's answer to a write mean: kept, rejected, or come back?

The versions differ. 1.x: 400 for a partial write (the rest is kept) and for syntax, 404 without the database.
2.x: 422 for a partial write, 429 and 503 with Retry-After; old ones 500 for a type conflict. 3: 400 listing
the lines at fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from collectors.reading import Reading
from storage.store import Rejected, StoreFailed, StoreUnavailable

_DROPPED: Final = re.compile(rb"dropped=(\d+)")
_AT_FAULT: Final = ("type conflict", "partial write", "unable to parse")
_LONGEST: Final = 300


def check(status: int, body: bytes, retry_after: str | None, batch: Sequence[Reading]) -> None:
    """Return when the batch is kept; raises Rejected or StoreUnavailable for what else the answer means."""
    if 200 <= status < 300:
        return
    why = message(body) or f"HTTP status {status}"
    if status in (400, 422) or (status == 500 and any(sign in why for sign in _AT_FAULT)):
        raise Rejected(_faults(body, why, batch), why)
    if status == 413:
        raise Rejected((), why)
    if status in (401, 403):
        why = f"not permitted ({status}), check the user, password or token: {why}"
    raise (StoreFailed if status == 500 else StoreUnavailable)(why, seconds(retry_after))


def message(body: bytes) -> str:
    """What the server says, whatever the version: the text of its error, or the beginning of the body."""
    answer = _decoded(body)
    text = answer.get("error") or answer.get("message") or body.decode("utf-8", "replace")
    return " ".join(str(text).split())[:_LONGEST]


def seconds(retry_after: str | None, now: datetime | None = None) -> float | None:
    """The pause of a Retry-After header (RFC 9110 10.2.3: seconds or a date) in seconds, at least 0."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds()) if until.tzinfo else None


def _faults(body: bytes, why: str, batch: Sequence[Reading]) -> list[tuple[Reading, str]]:
    """The readings that are at fault for certain; empty when the server does not say."""
    dropped = _DROPPED.search(body)
    if dropped and int(dropped[1]) == len(batch):
        return [(reading, why) for reading in batch]
    listed = _decoded(body).get("data")
    if not isinstance(listed, list):
        return []
    found = [
        (row.get("line_number"), row.get("error_message", why)) for row in listed if isinstance(row, dict)
    ]
    lines = {n: str(text) for n, text in found if isinstance(n, int) and 0 < n <= len(batch)}
    return [(batch[n - 1], text) for n, text in lines.items()]


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return answer if isinstance(answer, dict) else {}
