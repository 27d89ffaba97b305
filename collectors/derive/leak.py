"""Where does it leak? In a connection that has not rested for a single hour of a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from collectors.derived import Use
from collectors.reading import Reading

VOLUME: Final = "volume_m3"
KINDS: Final = frozenset({"water", "gas"})
HOURS: Final = 24
"""So many hours in a row with some use mean a leak: at night everything rests once."""
DEVICES: Final = 131_072
"""Devices that are remembered; beyond it all are forgotten and watched anew."""

_HOUR_MS: Final = 3_600_000
_NS_PER_MS: Final = 1_000_000


class _Watched(msgspec.Struct, array_like=True, gc=False):
    """The hour so far, and the full hours since the connection last rested."""

    upto_ms: int = 0
    span_ms: int = 0
    amount: float = 0.0
    hours: int = 0
    least: float = 0.0


class Leak:
    """One reading for each hour of a leak, with its least flow; and one of no flow when it has ended."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, str, str], _Watched] = {}

    def follow(self, reading: Reading, uses: Sequence[Use]) -> list[Reading]:
        """The readings of the hours that these uses complete."""
        found = []
        for use in uses:
            if use.field == VOLUME and use.kind in KINDS:
                found += self._use(use, reading.received_ns)
        return found

    def kept(self) -> bytes:
        """What is known of every connection."""
        return msgspec.msgpack.encode([[*key, state] for key, state in self._watched.items()])

    def take(self, body: bytes) -> None:
        """Know it again."""
        try:
            rows = msgspec.msgpack.decode(body, type=list[tuple[str, str, str, _Watched]])
        except msgspec.DecodeError:
            return
        self._watched = {(kind, site, device): state for kind, site, device, state in rows}

    def _use(self, use: Use, received_ns: int) -> list[Reading]:
        key = (use.kind, use.site, use.device)
        state = self._watched.get(key)
        if state is None:
            if len(self._watched) >= DEVICES:
                self._watched.clear()
            state = self._watched[key] = _Watched()
        was = state.hours
        _add(state, use)
        ended = was >= HOURS > state.hours
        if ended or (state.hours > was and state.hours >= HOURS):
            return [_reading(use, state, received_ns)]
        return []


def _add(state: _Watched, use: Use) -> None:
    """Add a use to its hour; a full hour without any is a rest. What is unknown is taken for one."""
    span = use.to_ms - use.from_ms
    broken = use.from_ms != state.upto_ms or use.doubtful or span > _HOUR_MS
    state.upto_ms = use.to_ms
    if broken:
        state.span_ms, state.amount, state.hours = 0, 0.0, 0
        if span > _HOUR_MS or use.doubtful:
            return
    state.span_ms, state.amount = state.span_ms + span, state.amount + use.amount
    if use.to_ms % _HOUR_MS:
        return
    if state.span_ms >= _HOUR_MS:
        rested = state.amount <= 0
        state.least = 0.0 if rested else min(state.amount, state.least) if state.hours else state.amount
        state.hours = 0 if rested else state.hours + 1
    state.span_ms, state.amount = 0, 0.0


def _reading(use: Use, state: _Watched, received_ns: int) -> Reading:
    fields = {"flow_m3_h": state.least if state.hours else 0.0, "hours": state.hours}
    at_ns = use.to_ms * _NS_PER_MS
    return Reading("leak", use.site, use.device, at_ns, dict(fields), {"of": use.kind}, 0, received_ns)


def create() -> Leak:
    """A new one."""
    return Leak()
