"""How does what is known of lanes become the rows of vehicles that the search reads? Compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from collectors.compiled import compiled, entry
from signal_control.planning.arrays import Floats, Traffic
from signal_control.planning.layout import VEHICLES

MOVE_UP_S: Final = 0.5
"""Each vehicle of a queue would be at the stop line so much later than the one before."""
LEAST_VEH: Final = 0.2
"""Less of a vehicle is not worth a look."""
FAINT: Final = 0.01
"""Less of one who is on the way from a neighbour is nobody."""
OF_A_LANE: Final = 7
"""Who stands, how many move, how many are on the way from neighbours, how many may leave, weight, when the
next may go, who is inside the junction."""


@lru_cache(maxsize=64)
def blank_traffic(lanes: int) -> Traffic:
    """Nobody on so many lanes; intersections of the same size share it."""
    shape = (lanes, VEHICLES)
    return Traffic(
        eta=np.zeros(shape),
        size=np.zeros(shape),
        stood=np.zeros(shape, np.bool_),
        vehicles=np.zeros(lanes, np.int64),
        last=np.zeros(lanes, np.int64),
        weight=np.ones(lanes),
        headway_s=np.ones(lanes),
        free_s=np.zeros(lanes),
        inside=np.zeros(lanes, np.int64),
    )


Write = Callable[[Floats, Floats, Traffic], None]


def warm_write(lanes: int) -> Write:
    """`write`, after nobody was written: compiles, or loads what an earlier start compiled."""
    write(np.zeros(0), np.zeros(OF_A_LANE * lanes), blank_traffic(lanes))
    return entry(write)


@compiled
def write(vehicles: Floats, lanes: Floats, traffic: Traffic) -> None:
    """Write every lane: those who stand, then those who move, then those who come from the neighbours.

    `vehicles` holds time and size of these two, one lane after the other; `lanes` OF_A_LANE numbers each.
    """
    at = 0
    for lane in range(traffic.vehicles.shape[0]):
        row = lane * OF_A_LANE
        moving, coming = int(lanes[row + 1]), int(lanes[row + 2])
        n = _stand(traffic, lane, lanes[row])
        n = _follow(traffic, lane, n, vehicles, at, moving, 0.0)
        n = _follow(traffic, lane, n, vehicles, at + 2 * moving, coming, FAINT)
        at += 2 * (moving + coming)
        traffic.vehicles[lane], traffic.last[lane] = n, min(n, int(lanes[row + 3]))
        traffic.weight[lane], traffic.free_s[lane] = lanes[row + 4], lanes[row + 5]
        traffic.inside[lane] = int(lanes[row + 6])


@compiled
def _stand(traffic: Traffic, lane: int, queued: float) -> int:
    """Those who stand move up one after the other; how many there are."""
    whole = min(int(queued), VEHICLES // 2)
    for i in range(whole):
        traffic.eta[lane, i], traffic.size[lane, i], traffic.stood[lane, i] = MOVE_UP_S * i, 1.0, True
    part = queued - whole
    if not LEAST_VEH <= part < 1.0:
        return whole
    traffic.eta[lane, whole], traffic.size[lane, whole] = MOVE_UP_S * whole, part
    traffic.stood[lane, whole] = True
    return whole + 1


@compiled
def _follow(
    traffic: Traffic, lane: int, n: int, vehicles: Floats, at: int, count: int, least_veh: float
) -> int:
    """`count` more move, none of them before who is there already: nobody overtakes on a lane."""
    last_s = traffic.eta[lane, n - 1] if n > 0 else 0.0
    for i in range(at, at + 2 * count, 2):
        if n < VEHICLES and (least_veh == 0.0 or vehicles[i + 1] > least_veh):
            last_s = max(last_s, vehicles[i])
            traffic.eta[lane, n], traffic.size[lane, n] = last_s, vehicles[i + 1]
            traffic.stood[lane, n] = False
            n += 1
    return n
