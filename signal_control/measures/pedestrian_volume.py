"""How many pedestrians cross, to judge by how often they press?

V = 0.7167 A + 0.0599 A^2 + 1.1063 people an hour, where A is the number of presses by different people in
that hour; the hour's people are shared out among its bins as the presses are. (Singleton, Runa and Humagain
2020, Utah, for signals where people have to press.) The hour is the bin and the three after it, so the last
three bins of a log are estimated too low. A single intersection may be off by half.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from signal_control.eventlog import BIN_NS, Channels, Ints
from signal_control.measures import pedestrians

NEEDS: Final = pedestrians.NEEDS
DETECTORS: Final = ""

HOUR_NS: Final = 3_600_000_000_000
AHEAD_NS: Final = HOUR_NS
"""An estimate needs the rest of its hour."""
LINEAR: Final = 0.7167
SQUARE: Final = 0.0599
CONSTANT: Final = 1.1063


class PedestrianVolume(NamedTuple):
    """Services and presses on `phase` in the bin from `start_ns`, and the people estimated from them."""

    start_ns: int
    phase: int
    services: int
    presses: int
    different: int
    people: float


def pedestrian_volume(
    at_ns: Ints, code: Ints, param: Ints, channels: Channels | None = None, bin_ns: int = BIN_NS
) -> list[PedestrianVolume]:
    """Every bin from the first event of the log to the last, for every phase with pedestrians, and for
    every one that `channels` names."""
    found = {(c.start_ns, c.phase): c for c in pedestrians.pedestrians(at_ns, code, param, bin_ns=bin_ns)}
    phases = sorted({p for _, p in found} | set(channels or {}))
    if not phases or not len(at_ns):
        return []
    first, last = int(at_ns.min()) // bin_ns * bin_ns, int(at_ns.max()) // bin_ns * bin_ns
    bins, per_hour = range(first, last + 1, bin_ns), max(1, HOUR_NS // bin_ns)
    cells = []
    for phase in phases:
        for start in bins:
            cell = found.get((start, phase), pedestrians.Pedestrians(start, phase, 0, 0, 0))
            hour = [found.get((start + i * bin_ns, phase)) for i in range(per_hour)]
            pressed = sum(c.people for c in hour if c is not None)
            share = cell.people / pressed if pressed else 0.0
            people = (LINEAR * pressed + SQUARE * pressed**2) * share + CONSTANT / per_hour
            cells.append(PedestrianVolume(start, phase, cell.services, cell.presses, cell.people, people))
    return sorted(cells)
