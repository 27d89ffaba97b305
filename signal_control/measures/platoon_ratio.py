"""Do platoons arrive in green? (Platoon ratio and HCM arrival type.)

Rp = P / (g/C): the share of arrivals on green over the share of time that is green. 1 is no coordination at
all, above 1 platoons arrive on green. g/C is seconds of green in a bin over its length. Arrival types after
the HCM: up to 0.50 is 1, 0.85 2, 1.15 3, 1.50 4, 2.00 5, above 6.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from signal_control.eventlog import BIN_NS, SECOND_NS, Channels, Ints, ordered
from signal_control.green_time import green_seconds
from signal_control.measures import arrivals_on_green

NEEDS: Final = arrivals_on_green.NEEDS
DETECTORS: Final = "advance"

TYPES: Final = (0.50, 0.85, 1.15, 1.50, 2.00)


class PlatoonRatio(NamedTuple):
    """Arrivals, the share on green, the green ratio g/C, Rp and the HCM arrival type (1 poor to 6)."""

    start_ns: int
    phase: int
    total: int
    on_green: float
    green_ratio: float
    platoon_ratio: float
    arrival_type: int


def platoon_ratio(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[PlatoonRatio]:
    """Platoon ratios per bin and phase; bins without green or without arrivals are left out."""
    log, cells = ordered(at_ns, code, param), []
    seconds = {phase: green_seconds(log, phase, bin_ns) for phase in channels or {}}
    for cell in arrivals_on_green.arrivals_on_green(*log, channels or {}, bin_ns):
        green_s = seconds[cell.phase].get(cell.start_ns, 0.0)
        if green_s > 0:
            ratio = green_s / (bin_ns / SECOND_NS)
            rp = cell.on_green / ratio
            kind = 1 + sum(rp > bound for bound in TYPES)
            cells.append(PlatoonRatio(*cell, ratio, rp, kind))
    return cells
