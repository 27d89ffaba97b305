"""How many vehicles are in the zone of an area detector, and how many of them stand? Compiled."""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.book import (
    COUNTED,
    ENTRIES,
    LANE_0,
    SPEED_MPS,
    ZONE_COUNT,
    ZONE_M,
    ZONE_STANDING,
    ZONE_TOLD_S,
    Book,
    Floats,
)
from signal_control.estimation.rates import add
from signal_control.estimation.stop_line import moved, passed, watch
from signal_control.estimation.traffic import entered, left, weight

SPACING_M: Final = 7.5
FRESH_S: Final = 30.0
"""A zone that has told nothing for so long (it should every 10 s) is not believed."""


@compiled
def travel_s(line: Floats) -> float:
    """Seconds through the zone of a lane at the free speed."""
    return line[ZONE_M] / line[SPEED_MPS] + 0.05


@compiled
def moves(line: Floats) -> bool:
    """Whether some of the vehicles in the zone drive."""
    return line[ZONE_COUNT] - line[ZONE_STANDING] >= 2.0


@compiled
def full(line: Floats) -> bool:
    """Whether the zone holds as many as fit, so that the queue may go on behind it."""
    return (line[ZONE_COUNT] + 1.0) * SPACING_M > line[ZONE_M]


@compiled
def fresh(line: Floats, at_s: float) -> bool:
    """Whether the zone has told something lately."""
    return not math.isnan(line[ZONE_TOLD_S]) and at_s - line[ZONE_TOLD_S] < FRESH_S


@compiled
def read_zone(book: Book, a: int, k: int, standing: float, at_s: float) -> None:
    """A new reading is complete: ZONE_COUNT is in the zone of a lane, `standing` of them stand."""
    lane = book.spans[a, LANE_0] + k
    line = book.lanes[lane]
    standing, stood = min(standing, line[ZONE_COUNT]), line[ZONE_STANDING]
    line[ZONE_STANDING] = standing
    line[ZONE_TOLD_S] = at_s
    before = weight(book, a, k, at_s + travel_s(line))
    if not full(line):
        for _ in range(int(before - line[ZONE_COUNT] + 0.5)):
            left(book, a, k, at_s)
            if line[COUNTED] == 0.0:
                passed(book, lane, at_s)
    for _ in range(int(line[ZONE_COUNT] - before + 0.5)):
        add(book.rates[ENTRIES, lane], at_s, 1.0)
        entered(book, a, k, at_s + travel_s(line))
    if line[COUNTED] == 0.0:
        watch(line, standing > 0.0, at_s)
        if standing < stood or (line[ZONE_COUNT] > 0.0 and standing == 0.0):
            moved(line, at_s)
