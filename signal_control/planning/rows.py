"""How does what is known of lanes become the rows of vehicles that the search reads? Compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from collectors.compiled import compiled, entry
from signal_control.estimation.told import FRONT_S, LEFT_AGO_S, QUEUED, TOLD_WIDTH
from signal_control.planning.arrays import Floats, Ints, Traffic
from signal_control.planning.layout import VEHICLES

MOVE_UP_S: Final = 0.5
"""Each vehicle of a queue would be at the stop line so much later than the one before."""
LEAST_VEH: Final = 0.2
"""Less of a vehicle is not worth a look."""
FAINT: Final = 0.01
"""Less of one who is on the way from a neighbour is nobody."""
WAY, WEIGHT, ZONED = 0, 1, 2
"""Of a lane, always: the place of its way, its weight, and whether a zone watches it."""
GREEN_S, MORE, FREE_S = 0, 1, 2
"""Of a way, phases that have lanes: for how long it has been green (-1: it is red), how much more a vehicle
there weighs for having waited, and when the next one may go."""
ROOM, INSIDE, SENT = 0, 1, 2
"""Of a lane, now: how many may leave, who is inside the junction, how many are on the way from neighbours."""
GAP_S: Final = 2.5
"""Nobody has left a lane for so long: no queue is passing its stop line ..."""
STRAGGLES_S: Final = 2.0
"""... and who should be there by now comes so much later, whenever it is asked: of those not there yet
half come within 2 s and three quarters within 4. A green must not wait for them as if a second would do.
(Between loops; a zone sees who is still on it.)"""


class Street(NamedTuple):
    """What is known of the lanes of an intersection."""

    numbers: Floats
    """[row, TOLD_WIDTH] estimates"""
    spans: Ints
    """[row, 2] where those who move on a lane begin and end"""
    coming: Floats
    """[vehicle, 2] in how many seconds, and how much of a vehicle"""
    places: Ints
    """[lane] its row among estimates; -1: there is none"""
    lanes: Floats
    """[lane, 3] WAY to ZONED"""
    ways: Floats
    """[way, 3] GREEN_S to FREE_S"""
    beside: Floats
    """[lane, 3] ROOM to SENT"""
    sent: Floats
    """[vehicle, 2] those on the way from neighbours, lane after lane"""


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


Write = Callable[[Street, Traffic], None]


def warm_write(lanes: int) -> Write:
    """`write`, after nobody was written: compiles, or loads what an earlier start compiled."""
    nobody, numbers = np.zeros((0, 2)), np.zeros((lanes, 3))
    nowhere, spans = np.full(lanes, -1), np.zeros((0, 2), np.int64)
    ways = np.zeros((1, 3))
    street = Street(np.zeros((0, TOLD_WIDTH)), spans, nobody, nowhere, numbers, ways, numbers, nobody)
    write(street, blank_traffic(lanes))
    return entry(write)


@compiled
def write(street: Street, traffic: Traffic) -> None:
    """Write every lane: those who stand, then those who move, then those who come from the neighbours."""
    at = 0
    for lane in range(traffic.vehicles.shape[0]):
        row, way, n = street.places[lane], int(street.lanes[lane, WAY]), 0
        green_s = street.ways[way, GREEN_S]
        if row >= 0:
            begin, end = street.spans[row, 0], street.spans[row, 1]
            n = _stand(traffic, lane, street.numbers[row, QUEUED])
            late = green_s >= 0.0 and street.lanes[lane, ZONED] == 0.0 and _straggles(street, row)
            n = _follow(traffic, lane, n, street.coming, begin, end, 0.0, STRAGGLES_S if late else 0.0)
        end = at + int(street.beside[lane, SENT])
        n = _follow(traffic, lane, n, street.sent, at, end, FAINT, 0.0)
        at = end
        traffic.vehicles[lane], traffic.last[lane] = n, min(n, int(street.beside[lane, ROOM]))
        traffic.weight[lane] = street.lanes[lane, WEIGHT] * street.ways[way, MORE]
        traffic.free_s[lane] = street.ways[way, FREE_S]
        traffic.inside[lane] = int(street.beside[lane, INSIDE])


@compiled
def _straggles(street: Street, row: int) -> bool:
    """Whether the first of a lane should have been at the free stop line by now, or soon."""
    begin, end, number = street.spans[row, 0], street.spans[row, 1], street.numbers[row]
    due = begin < end and street.coming[begin, 0] < STRAGGLES_S
    return due and not (number[LEFT_AGO_S] <= GAP_S or number[FRONT_S] > 0.0)


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
    traffic: Traffic,
    lane: int,
    n: int,
    vehicles: Floats,
    begin: int,
    end: int,
    least_veh: float,
    soonest_s: float,
) -> int:
    """More move, none of them before who is there already: nobody overtakes on a lane."""
    last_s = traffic.eta[lane, n - 1] if n > 0 else 0.0
    for i in range(begin, end):
        if n < VEHICLES and (least_veh == 0.0 or vehicles[i, 1] > least_veh):
            last_s = max(last_s, max(soonest_s, vehicles[i, 0]))
            traffic.eta[lane, n], traffic.size[lane, n] = last_s, vehicles[i, 1]
            traffic.stood[lane, n] = False
            n += 1
    return n
