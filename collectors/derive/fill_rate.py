"""How fast does a bin fill, and when will it be full?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from collectors.derived import Use
from collectors.reading import Reading, Value

EVERY_MS: Final = 3_600_000
"""A bin is looked at once an hour."""
WINDOW: Final = 48
"""So many looks count: two days and two nights."""
LEAST_MS: Final = 6 * EVERY_MS
"""After an emptying the rate before it stands in for so long."""
EMPTIED: Final = 0.15
"""A fall by more is an emptying."""
LONGEST_H: Final = 24.0 * 365
DEVICES: Final = 131_072

_DAY_MS: Final = 24 * EVERY_MS
_NS_PER_MS: Final = 1_000_000


class _Bin(msgspec.Struct, array_like=True):
    """The looks since it was emptied, (ms, fill); and the rate before that, a day."""

    looks: list[tuple[int, float]] = []
    before: float = 0.0


class FillRate:
    """One reading an hour for each bin that has been watched for some hours."""

    def __init__(self) -> None:
        self._bins: dict[tuple[str, str], _Bin] = {}

    def follow(self, reading: Reading, uses: Sequence[Use]) -> list[Reading]:
        """The rate, where the reading is a bin's and an hour has passed."""
        fill, at_ms = reading.fields.get("fill"), reading.at_ns // _NS_PER_MS
        if reading.kind != "waste" or not isinstance(fill, float):
            return []
        key = (reading.site, reading.device)
        if key not in self._bins and len(self._bins) >= DEVICES:
            self._bins.clear()
        state = self._bins.setdefault(key, _Bin())
        if state.looks and at_ms // EVERY_MS <= state.looks[-1][0] // EVERY_MS:
            return []
        _look(state, at_ms, fill)
        per_day = _rate(state)
        return [] if per_day is None else [_reading(reading, fill, per_day)]

    def kept(self) -> bytes:
        """What is known of every bin."""
        return msgspec.msgpack.encode([[*key, state] for key, state in self._bins.items()])

    def take(self, body: bytes) -> None:
        """Know it again."""
        try:
            rows = msgspec.msgpack.decode(body, type=list[tuple[str, str, _Bin]])
        except msgspec.DecodeError:
            return
        self._bins = {(site, device): state for site, device, state in rows}


def _look(state: _Bin, at_ms: int, fill: float) -> None:
    if state.looks and fill < state.looks[-1][1] - EMPTIED:
        state.before = _rate(state) or 0.0
        state.looks = []
    state.looks = [*state.looks[-WINDOW:], (at_ms, fill)]


def _rate(state: _Bin) -> float | None:
    """Share of the volume a day; None as long as nothing is known."""
    (first_ms, first), (last_ms, last) = state.looks[0], state.looks[-1]
    span_ms = last_ms - first_ms
    if span_ms < LEAST_MS:
        return state.before or None
    return max(0.0, (last - first) * _DAY_MS / span_ms)


def _reading(reading: Reading, fill: float, per_day: float) -> Reading:
    fields: dict[str, Value] = {"fill": fill, "per_day": per_day}
    left_h = (1.0 - fill) * 24.0 / per_day if per_day > 0 else LONGEST_H
    if left_h < LONGEST_H:
        fields["full_in_h"] = left_h
    site, device = reading.site, reading.device
    return Reading("fill_rate", site, device, reading.at_ns, fields, {}, 0, reading.received_ns)


def create() -> FillRate:
    """A new one."""
    return FillRate()
