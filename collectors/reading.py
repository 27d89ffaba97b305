"""What is a reading, and why is a payload not one?"""

from __future__ import annotations

from enum import StrEnum

import msgspec

Value = float | int | str | bool

TIE_LIMIT = 1_000_000
"""`Reading.tie` stays below this, so that `at_ns + tie` never leaves the millisecond it belongs to."""

_SHOWN = 60


class Reading(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One observation of one device at one instant.

    `at_ns` is device time and `received_ns` is when arterial got it, both in nanoseconds since the epoch
    (UTC). `tie` tells readings of one device apart that share `at_ns` (0 <= tie < TIE_LIMIT): stores keep a
    point at `at_ns + tie`, so nothing is merged. Device times must therefore be whole milliseconds where ties
    are used.
    """

    kind: str
    site: str
    device: str
    at_ns: int
    fields: dict[str, Value]
    tags: dict[str, str] = {}
    tie: int = 0
    received_ns: int = 0
    quality: int = 0
    """Flags (collectors.quality); 0 where nothing was noticed."""

    @property
    def key_ns(self) -> int:
        """The instant under which a store keeps this reading."""
        return self.at_ns + self.tie


class Reason(StrEnum):
    """Why a payload was refused; small and fixed, so that counters stay comparable."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    WRONG_SHAPE = "wrong_shape"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    BAD_TIME = "bad_time"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    UNREGISTERED = "unregistered"
    """Of a device that nobody has approved, or that is retired: kept in quarantine for the day it is."""


class BadPayload(Exception):
    """The payload is not a reading: count it, keep it, acknowledge it, go on.

    `subject` names the device (`site/kind/device`) where approving it would make the payload one.
    """

    def __init__(self, reason: Reason, detail: str, subject: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.subject = subject


def shown(value: object) -> str:
    """`value` as a detail may quote it: short, on one line, whatever a device sent."""
    if value is None:
        return "missing"
    if isinstance(value, dict | list | tuple):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a whole number of {value.bit_length()} bits"
    text = repr(value[:_SHOWN] if isinstance(value, str | bytes) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
