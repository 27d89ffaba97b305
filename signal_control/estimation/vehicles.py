"""Which of the vehicles believed on an approach is the one that a detector sees now?

Every vehicle has, for each lane of its approach, a probability of being there; what is missing to 1 is the
probability that it is gone or never was. A detector that sees the first vehicle of a lane makes some of them
more likely to be there and moves the others aside. The update is Bayes' rule for one vehicle at a time, with
vehicles taken as independent afterwards (assumed-density filtering).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NOBODY: Final = 0.02
"""A vehicle that is less likely than this to be anywhere is forgotten."""
SURE: Final = 0.05
"""A miscount is never less likely than this: keeps a division finite."""


class Vehicle:
    """One vehicle; `due_s`: at the stop line if nothing held it up, `p`: by lane; `source`: its detector."""

    __slots__ = ("due_s", "p", "source")

    def __init__(self, due_s: float, p: list[float], source: int) -> None:
        self.due_s, self.p, self.source = due_s, p, source

    def __repr__(self) -> str:
        return f"Vehicle({self.due_s:.1f}, {[round(p, 2) for p in self.p]})"


def see_first(
    vehicles: Sequence[Vehicle],
    lane: int,
    there: Sequence[float],
    likely: Sequence[float],
    unknown: float,
    leaves: bool,
) -> tuple[list[float], float]:
    """A detector sees the first vehicle of `lane`: who is it? Changes their `p`.

    `there[i]` is the probability that vehicle i, if on this lane, has come this far; `likely[i]` how well the
    time fits; `unknown` the weight of somebody nobody knew of. `leaves`: it is gone from here on. Returns the
    probability of each vehicle (as long as `there`), and that of the unknown one.
    """
    weights, nobody_before = [], 1.0
    for vehicle, come, fit in zip(vehicles, there, likely, strict=False):
        here = vehicle.p[lane] * come
        weights.append(nobody_before * here * fit)
        nobody_before *= 1.0 - here
    total = sum(weights) + unknown
    found, new = [weight / total for weight in weights], unknown / total
    earlier = new
    for vehicle, come, it in zip(vehicles, there, found, strict=False):
        _update(vehicle.p, lane, come, it, earlier, leaves)
        earlier += it
    return found, new


def _update(p: list[float], lane: int, come: float, it: float, earlier: float, leaves: bool) -> None:
    """`it`: this is the one; `earlier`: one before it (nothing learned); else it is not at the detector."""
    later = max(0.0, 1.0 - earlier - it)
    here = p[lane]
    not_there = max(SURE, 1.0 - here * come)
    keep = earlier + later / not_there
    for other, chance in enumerate(p):
        if other != lane:
            p[other] = min(1.0, chance * keep)
    p[lane] = here * earlier + later * here * (1.0 - come) / not_there + (0.0 if leaves else it)


def unseen(vehicle: Vehicle, lane: int, likely: float) -> None:
    """Where somebody on `lane` would show, nobody does, which has probability `likely` if it is there."""
    p = vehicle.p
    here = p[lane] * likely
    total = max(SURE, 1.0 - p[lane] + here)
    for other, chance in enumerate(p):
        p[other] = min(1.0, chance / total)
    p[lane] = here / total
