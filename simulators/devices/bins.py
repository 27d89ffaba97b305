"""How full are the waste bins, and when are they emptied?"""

from __future__ import annotations

import math
import random

from simulators.fleet import Report

COUNT = 120
EVERY_MS = 120_000

_HOURS = (1, 1, 1, 1, 1, 2, 5, 9, 11, 10, 10, 12, 15, 14, 11, 10, 11, 13, 13, 11, 8, 6, 4, 2)
"""Relative use by hour of day: shoppers and lunch."""


class Bin:
    """One bin: people fill it, and some time after it is nearly full somebody empties it."""

    def __init__(self, name: str, seed: int) -> None:
        self._random = random.Random(f"{seed}/{name}")
        self._id = name
        self._fill = self._random.uniform(0.0, 0.9)
        self._per_hour = 1 / self._random.uniform(8, 60)
        self._battery_v = self._random.uniform(3.3, 3.65)
        self._called_s = 0.0
        self._patience_s = self._new_patience()

    @property
    def kind(self) -> str:
        """waste."""
        return "waste"

    @property
    def id(self) -> str:
        """For example b-001."""
        return self._id

    @property
    def kept(self) -> float:
        """The fill."""
        return self._fill

    def resume(self, kept: float) -> None:
        """Set the fill."""
        self._fill = min(1.0, max(0.0, kept))

    def report(self, t_ms: int, elapsed_s: float, day_s: float) -> Report:
        """Fill, temperature inside and battery."""
        share = _HOURS[int(day_s // 3600) % 24] * 24 / sum(_HOURS)
        thrown = self._per_hour * share * elapsed_s / 3600 * self._random.uniform(0, 2)
        self._fill = min(1.0, self._fill + thrown)
        self._collect(elapsed_s)
        warmth = 14.0 + 5.0 * math.sin((day_s / 86_400 - 0.375) * math.tau) + self._random.gauss(0, 0.2)
        return {
            "t": t_ms,
            "fill": round(self._fill, 3),
            "temperature_c": round(warmth, 1),
            "battery_v": round(self._battery_v, 2),
        }

    def _collect(self, elapsed_s: float) -> None:
        """A bin over 85 % calls the collection, which comes within its hour or two."""
        if self._fill < 0.85:
            return
        self._called_s += elapsed_s
        if self._called_s >= self._patience_s:
            self._fill, self._called_s = self._random.uniform(0.0, 0.04), 0.0
            self._patience_s = self._new_patience()

    def _new_patience(self) -> float:
        return self._random.uniform(900, 7200)


def create(count: int, seed: int) -> list[Bin]:
    """`count` bins: b-001, b-002, ..."""
    return [Bin(f"b-{i + 1:03d}", seed) for i in range(count)]
