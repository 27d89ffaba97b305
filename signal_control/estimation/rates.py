"""How many vehicles an hour pass here, smoothed? (Rows of numbers, compiled; flow.py says the same.)

A rate is four numbers: its memory, since when it counts (NEVER: not yet), when it was last added to, and
vehicles counted, those `memory` ago weighing 1/e.
"""

from __future__ import annotations

import math

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import Floats

MEMORY_S, SINCE_S, AT_S, MASS = 0, 1, 2, 3


@compiled
def begin(rate: Floats, at_s: float) -> None:
    """Say that counting has begun, so that an empty road is a rate of 0 and not a lack of data."""
    if math.isnan(rate[SINCE_S]):
        rate[SINCE_S] = rate[AT_S] = at_s


@inlined
def mass(rate: Floats, at_s: float) -> float:
    """Vehicles counted, as they weigh at `at_s`."""
    return rate[MASS] * math.exp(-max(0.0, at_s - rate[AT_S]) / rate[MEMORY_S])


@compiled
def add(rate: Floats, at_s: float, vehicles: float) -> None:
    """Count `vehicles` at `at_s`."""
    begin(rate, at_s)
    rate[MASS] = mass(rate, at_s) + vehicles
    rate[AT_S] = max(at_s, rate[AT_S])


@inlined
def per_hour(rate: Floats, at_s: float) -> float:
    """Vehicles per hour; 0 before counting has begun."""
    seen_s = 0.0 if math.isnan(rate[SINCE_S]) else max(0.0, at_s - rate[SINCE_S])
    window_s = rate[MEMORY_S] * (1.0 - math.exp(-seen_s / rate[MEMORY_S]))
    return mass(rate, at_s) * 3600.0 / window_s if window_s > 1.0 else 0.0
