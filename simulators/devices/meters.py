"""What do water, electricity and gas meters count over the day?"""

from __future__ import annotations

import random
from dataclasses import dataclass

from simulators.fleet import Report

COUNT = 300
EVERY_MS = 60_000

Hours = tuple[float, ...]

_WATER: Hours = (3, 2, 2, 2, 3, 6, 12, 15, 12, 9, 8, 8, 9, 8, 7, 7, 8, 10, 13, 13, 11, 9, 7, 4)
_POWER: Hours = (5, 4, 4, 4, 4, 5, 8, 10, 9, 8, 8, 8, 9, 8, 8, 8, 9, 12, 15, 16, 14, 12, 9, 7)
_GAS: Hours = (4, 4, 4, 5, 8, 14, 18, 16, 12, 9, 8, 7, 7, 7, 7, 8, 10, 13, 14, 13, 11, 9, 6, 4)
"""Relative use by hour of day: shapes of ordinary dwellings, a morning and an evening peak."""


@dataclass(frozen=True, slots=True)
class Utility:
    """One kind of meter; `mean` is the average use of a connection in counter units per hour."""

    kind: str
    counter: str
    rate: str
    mean: float
    hours: Hours
    idle: float
    """Share of reports in which nothing is drawn."""
    mains: bool = False
    """Fed by the grid that it measures: reports a voltage instead of a battery."""


UTILITIES = (
    Utility("water", "volume_m3", "flow_m3_h", 0.018, _WATER, 0.55),
    Utility("power", "energy_kwh", "power_kw", 0.42, _POWER, 0.0, mains=True),
    Utility("gas", "volume_m3", "flow_m3_h", 0.16, _GAS, 0.35),
)


class Meter:
    """One meter: a counter that only grows, by a rate that follows the day; the same seed, the same use."""

    def __init__(self, utility: Utility, name: str, seed: int) -> None:
        self._random = random.Random(f"{seed}/{name}")
        self._utility, self._id = utility, name
        self._size = self._random.lognormvariate(0.0, 0.5)
        self._count = self._random.uniform(2_000, 40_000) * utility.mean
        self._battery_v = self._random.uniform(3.35, 3.65)

    @property
    def kind(self) -> str:
        """water, power or gas."""
        return self._utility.kind

    @property
    def id(self) -> str:
        """For example w-0001."""
        return self._id

    @property
    def kept(self) -> float:
        """The counter."""
        return self._count

    def resume(self, kept: float) -> None:
        """Set the counter."""
        self._count = kept

    def report(self, t_ms: int, elapsed_s: float, day_s: float) -> Report:
        """Counter, mean rate since the last report, and the supply voltage."""
        utility, rate = self._utility, self._rate(day_s)
        self._count += rate * elapsed_s / 3600
        report: Report = {"t": t_ms, utility.counter: round(self._count, 3), utility.rate: round(rate, 3)}
        if utility.mains:
            return report | {"voltage_v": round(self._random.gauss(230.0, 1.5), 1)}
        return report | {"battery_v": round(self._battery_v, 2)}

    def _rate(self, day_s: float) -> float:
        utility, hours = self._utility, self._utility.hours
        if self._random.random() < utility.idle:
            return 0.0
        hour, part = divmod(day_s / 3600, 1)
        now, then = hours[int(hour) % 24], hours[(int(hour) + 1) % 24]
        share = (now + (then - now) * part) * 24 / sum(hours)
        draw = self._random.lognormvariate(-0.18, 0.6) / (1 - utility.idle)
        return utility.mean * self._size * share * draw


def create(count: int, seed: int) -> list[Meter]:
    """`count` meters split evenly over water, power and gas: w-0001, p-0001, g-0001, w-0002, ..."""
    return [
        Meter(utility, f"{utility.kind[0]}-{i // 3 + 1:04d}", seed)
        for i in range(count)
        for utility in [UTILITIES[i % 3]]
    ]
