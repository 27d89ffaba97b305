"""How many vehicles stand in the queue of a lane: the truth that estimates are measured against?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

QUEUED_BELOW_MPS = 1.4
"""5 km/h: a vehicle slower than this has stopped or creeps."""
JOINED_WITHIN_M = 25.0
"""A longer gap ahead than this, bumper to bumper or to the stop line, separates a vehicle from the queue."""


class OnLane(NamedTuple):
    """A vehicle on an approach: metres from its front to the stop line, its length and its speed."""

    distance_m: float
    length_m: float
    speed_mps: float


def queue_veh(vehicles: Iterable[OnLane]) -> int:
    """Vehicles from the stop line to the back of the queue; `vehicles` in order from the stop line upstream.

    The back of the queue is the last vehicle slower than QUEUED_BELOW_MPS that is joined to the stop line by
    vehicles no further apart than JOINED_WITHIN_M. Everybody up to there counts: those who creep or discharge
    in front of it are still in the queue until they cross the line.
    """
    queue, end_m = 0, 0.0
    for n, vehicle in enumerate(vehicles, start=1):
        if vehicle.distance_m - end_m > JOINED_WITHIN_M:
            break
        if vehicle.speed_mps < QUEUED_BELOW_MPS:
            queue = n
        end_m = vehicle.distance_m + vehicle.length_m
    return queue
