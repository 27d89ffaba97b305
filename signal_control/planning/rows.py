"""How do lists of vehicles become the arrays that the search reads? Compiled."""

from __future__ import annotations

import numpy as np

from collectors.compiled import compiled
from signal_control.planning.arrays import Floats, Traffic
from signal_control.planning.layout import VEHICLES

OF_A_VEHICLE = 3
"""Its time, its size, whether it stands."""
OF_A_LANE = 5
"""Vehicles, how many may leave, weight, when the next may go, whether somebody may be inside."""


def blank_traffic(lanes: int) -> Traffic:
    """Nobody on so many lanes."""
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
        inside=np.zeros(lanes, np.bool_),
    )


@compiled
def write(vehicles: Floats, lanes: Floats, traffic: Traffic) -> None:
    """Put vehicles (one lane after the other, OF_A_VEHICLE numbers each) and lanes into their rows."""
    at = 0
    for lane in range(traffic.vehicles.shape[0]):
        row = lane * OF_A_LANE
        traffic.vehicles[lane], traffic.last[lane] = int(lanes[row]), int(lanes[row + 1])
        traffic.weight[lane], traffic.free_s[lane] = lanes[row + 2], lanes[row + 3]
        traffic.inside[lane] = lanes[row + 4] > 0.0
        for i in range(traffic.vehicles[lane]):
            traffic.eta[lane, i], traffic.size[lane, i] = vehicles[at], vehicles[at + 1]
            traffic.stood[lane, i] = vehicles[at + 2] > 0.0
            at += OF_A_VEHICLE
