"""How many vehicles made each movement? (Turning Movement Counts, Approach Volume.)

Switch-on events of the count detectors of a movement (or of an approach, or of a phase: whatever the keys of
`channels` name). Beside them the hourly rate; the peak hour and its factor come from `peak_hour`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from signal_control.eventlog import BIN_NS, Channels, Ints, arrivals, bin_of, ordered
from signal_control.events import DETECTOR_ON

NEEDS: Final = (DETECTOR_ON,)
DETECTORS: Final = "count"

HOUR_NS: Final = 3_600_000_000_000


class TurningMovementCounts(NamedTuple):
    """Vehicles of a movement in the bin from `start_ns`, and the rate per hour that they make."""

    start_ns: int
    movement: int
    vehicles: int
    veh_h: float


class PeakHour(NamedTuple):
    """The busiest hour of all movements together: from when, vehicles, and its factor.

    The peak hour factor is the hour's vehicles over four times those of its busiest quarter (HCM); 1 is even.
    """

    start_ns: int
    vehicles: int
    factor: float


def turning_movement_counts(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[TurningMovementCounts]:
    """Counts per bin and movement, ordered by both; a movement without vehicles in a bin is left out."""
    log, cells = ordered(at_ns, code, param), []
    for movement, own in sorted((channels or {}).items()):
        starts, totals = np.unique(bin_of(arrivals(log, own), bin_ns), return_counts=True)
        cells += [
            TurningMovementCounts(int(s), movement, int(n), n * HOUR_NS / bin_ns)
            for s, n in zip(starts, totals.tolist(), strict=True)
        ]
    return sorted(cells)


def peak_hour(counts: list[TurningMovementCounts], bin_ns: int = BIN_NS) -> PeakHour | None:
    """The busiest hour in steps of a bin; None without any vehicle."""
    sums: dict[int, int] = {}
    for cell in counts:
        sums[cell.start_ns] = sums.get(cell.start_ns, 0) + cell.vehicles
    n = HOUR_NS // bin_ns
    hours = {s: [sums.get(s + i * bin_ns, 0) for i in range(n)] for s in sums}
    best = max(hours, key=lambda s: (sum(hours[s]), -s), default=None)
    if best is None or not sum(hours[best]):
        return None
    return PeakHour(best, sum(hours[best]), sum(hours[best]) / (n * max(hours[best])))
