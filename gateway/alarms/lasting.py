"""How long has something been on, that signal events tell the begin and the end of?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Begin, Known, Options, Sighting

MOST: Final = 4096
"""So many are watched at a time."""


class Lasting:
    """Since when each input (device and parameter of the event) has been on; its level is in seconds."""

    kinds = ("hires",)

    def __init__(self, on: Iterable[int], off: Iterable[int]) -> None:
        self._on, self._off = frozenset(on), frozenset(off)
        self._since: dict[tuple[str, int], int] = {}

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        code, key = reading.fields.get("code"), (reading.device, int(reading.fields.get("param", 0)))
        if code in self._on and (key in self._since or len(self._since) < MOST):
            self._since.setdefault(key, reading.at_ns)
        elif code in self._off:
            self._since.pop(key, None)
            return (_sighting(key, 0.0),)
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        for key, since_ns in self._since.items():
            yield _sighting(key, max(0.0, (now_ns - since_ns) / 1e9))


def lasting(on: Iterable[int], off: Iterable[int]) -> Begin:
    """What begins to watch for a rule: events with codes `on` begin something, those with `off` end it."""
    codes = tuple(on), tuple(off)

    def begin(known: Known, options: Options) -> Lasting:
        return Lasting(*codes)

    return begin


def _sighting(key: tuple[str, int], for_s: float) -> Sighting:
    return Sighting(f"{key[0]}:{key[1]}", for_s, (key[0],))
