"""How many vehicles queue in a zone and behind it, and when will the others be at the stop line? Compiled."""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.approach import joins_s
from signal_control.estimation.book import (
    APPROACH,
    GREEN_S,
    LANE_0,
    REACH_M,
    SPACING_M,
    SPEED_MPS,
    ZONE_COUNT,
    ZONE_STANDING,
    Book,
)
from signal_control.estimation.told import FAINT, Told
from signal_control.estimation.zone import full, travel_s

HIDDEN_VEH: Final = 1.0
HIDDEN: Final = 0.1
"""Nobody sees who queues behind a full zone: the standard deviation of their number, and how much it grows
with each vehicle that there is still room for."""


@compiled
def in_zone(book: Book, told: Told, lane: int, at_s: float) -> tuple[float, float]:
    """A zone knows its queue; who moves in front of somebody standing is in the queue too.

    When it is full, those who are due and not counted in it queue behind it.
    """
    a, line = int(book.lanes[lane, APPROACH]), book.lanes[lane]
    k, there, stand = lane - book.spans[a, LANE_0], line[ZONE_COUNT], line[ZONE_STANDING]
    inside, beyond, n, m = told.inside, told.beyond, 0, 0
    behind, ahead = 0.0, 0.0
    for i in range(book.number[a]):
        weight = book.p[a, i, k]
        if weight < FAINT:
            continue
        eta_s = max(0.0, book.due_s[a, i] - at_s)
        if eta_s <= travel_s(line):
            inside[n, 0], inside[n, 1] = eta_s, weight
            n += 1
            if joins_s(book.due_s[a, i], ahead, line[SPEED_MPS]) > at_s:
                behind += weight
            ahead += weight
        else:
            beyond[m, 0], beyond[m, 1] = eta_s, weight
            m += 1
    queued = stand
    if stand > 0.0 and not math.isnan(line[GREEN_S]):
        queued = max(queued, there - behind)
    variance = 0.04 * (1.0 + queued) + 0.3 * max(0.0, there - stand)
    behind_it, room = 0.0, 1.0 + book.approaches[a, REACH_M] / SPACING_M
    if full(line):
        behind_it = max(0.0, ahead - there)
        unknown = HIDDEN_VEH + HIDDEN * max(0.0, room - queued - behind_it)
        variance += unknown * unknown
    told.number[0] = 0
    if behind_it > 0.0 and stand >= there - 1.0:
        _then(told, m)
        more = 0.4 * behind_it
        return min(room, queued + behind_it), variance + 0.3 + more * more
    _last(told, n, there - queued, travel_s(line))
    if behind_it > 0.0:
        _then_one(told, travel_s(line), behind_it)
    _then(told, m)
    return queued, variance


@compiled
def _last(told: Told, n: int, weight: float, way_s: float) -> None:
    """The last of those inside a zone, so many together, are to arrive.

    Those of them who should be at the stop line by now have been slowed down by others: they are somewhere
    between it and the first of the rest (or the end of the zone, `way_s` away), taken as evenly spread.
    """
    inside, parts, number = told.inside, told.driving, 0
    for i in range(n - 1, -1, -1):
        if weight <= FAINT or inside[i, 0] <= 0.0:
            break
        taken = min(inside[i, 1], weight)
        parts[number, 0], parts[number, 1] = inside[i, 0], taken
        weight -= taken
        number += 1
    slow = min(math.ceil(weight - FAINT), parts.shape[0] - number) if weight > FAINT else 0
    first_s = parts[number - 1, 0] if number > 0 else way_s
    for i in range(slow):
        parts[number, 0], parts[number, 1] = first_s * (slow - i) / (slow + 1.0), weight / slow
        number += 1
    for i in range(number // 2):
        other = number - 1 - i
        parts[i, 0], parts[other, 0] = parts[other, 0], parts[i, 0]
        parts[i, 1], parts[other, 1] = parts[other, 1], parts[i, 1]
    told.number[0] = number


@compiled
def _then_one(told: Told, eta_s: float, weight: float) -> None:
    """One more is to arrive, if anybody asks for so many."""
    at = told.number[0]
    if at < told.driving.shape[0]:
        told.driving[at, 0], told.driving[at, 1] = eta_s, weight
        told.number[0] = at + 1


@compiled
def _then(told: Told, m: int) -> None:
    """Then those behind the zone."""
    for i in range(m):
        _then_one(told, told.beyond[i, 0], told.beyond[i, 1])
