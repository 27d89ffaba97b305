"""What delay does the Highway Capacity Manual expect, and which level of service is that?

Control delay of a lane group (HCM 2000 chapter 16, the same terms in HCM 6):

    d1 = 0.5 C (1 - g/C)^2 / (1 - min(1, X) g/C)                      uniform delay
    d2 = 900 T ((X - 1) + sqrt((X - 1)^2 + 8 k I X / (c T)))          incremental delay
    d  = d1 PF + d2,  X = v / c,  c = s g/C

with cycle C and effective green g in seconds, volume v, saturation flow s and capacity c in vehicles per
hour, analysis period T in hours. k is 0.5 for fixed time, less for actuated signals; I is 1 for isolated
ones. PF is the progression factor (1 - P) / (1 - g/C) with the share P of arrivals on green.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

Grade = Literal["A", "B", "C", "D", "E", "F"]
BOUNDS_S: Final[tuple[tuple[float, Grade], ...]] = ((10, "A"), (20, "B"), (35, "C"), (55, "D"), (80, "E"))


class LaneGroup(NamedTuple):
    """What arrives and what can leave: vehicles per hour, and effective green in seconds."""

    volume_veh_h: float
    saturation_veh_h: float
    green_s: float


class Delay(NamedTuple):
    """Control delay in seconds per vehicle with its parts, degree of saturation X, and the grade."""

    uniform_s: float
    incremental_s: float
    total_s: float
    saturation: float
    grade: Grade


def control_delay(
    group: LaneGroup,
    cycle_s: float,
    period_h: float = 0.25,
    on_green: float | None = None,
    k: float = 0.5,
    upstream: float = 1.0,
) -> Delay:
    """The delay of a lane group. `on_green` is the share of arrivals on green, where it is known.

    Raises ValueError when the green does not fit into the cycle or a figure is not positive.
    """
    volume, full, green_s = group
    if not 0 < green_s <= cycle_s:
        raise ValueError(f"green of {green_s:g} s in a cycle of {cycle_s:g} s; it must be above 0 and fit")
    if full <= 0 or volume < 0 or period_h <= 0:
        raise ValueError(
            f"volume {volume:g}, saturation flow {full:g}, period {period_h:g}: must be positive"
        )
    ratio = green_s / cycle_s
    capacity = full * ratio
    x = volume / capacity
    uniform_s = 0.5 * cycle_s * (1 - ratio) ** 2 / (1 - min(1.0, x) * ratio) if ratio < 1 else 0.0
    if on_green is not None and ratio < 1:
        uniform_s *= max(0.0, 1 - on_green) / (1 - ratio)
    incremental_s = (
        900 * period_h * ((x - 1) + math.sqrt((x - 1) ** 2 + 8 * k * upstream * x / (capacity * period_h)))
    )
    total_s = uniform_s + incremental_s
    return Delay(uniform_s, incremental_s, total_s, x, "F" if x > 1 else level_of_service(total_s))


def level_of_service(delay_s: float) -> Grade:
    """The grade of a control delay in seconds per vehicle (signalised intersections)."""
    return next((grade for bound, grade in BOUNDS_S if delay_s <= bound), "F")
