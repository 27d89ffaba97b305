"""How many vehicles does a lane hold, who of them stands, and when will the others be at the stop line?

Compiled: all lanes of an intersection in one call, since this runs most often of all.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.approach import joins_s
from signal_control.estimation.book import (
    ADVANCE,
    APPROACH,
    CLOSED_S,
    COUNTED,
    COVER_ON_S,
    COVERING,
    DETECTOR_0,
    DETECTOR_END,
    DISTANCE_M,
    FED,
    GAPS,
    GREEN_S,
    LANE_0,
    LEFT_S,
    MOST_VEHICLES,
    MOVING_S,
    PASSED_VEH,
    REACH_M,
    ROLE,
    SPACING_M,
    SPEED_MPS,
    SURPRISE_VAR,
    UNCOUNTED_VEH,
    ZONED,
    Book,
    Floats,
)
from signal_control.estimation.cover import COVERED_S, hidden, occupied
from signal_control.estimation.rounding import rounded
from signal_control.estimation.saturation import headway_s, learned_veh_h
from signal_control.estimation.stop_line import WAVE_S, front_s, proven_s, stalled, starts_s
from signal_control.estimation.told import (
    FAINT,
    FRONT_S,
    LEARNED_VEH_H,
    LEFT_AGO_S,
    MOST_ARRIVALS,
    MOVING,
    QUEUED,
    SD,
    STALLED,
    Told,
)
from signal_control.estimation.traffic import longest
from signal_control.estimation.zone import fresh
from signal_control.estimation.zone_count import in_zone

UNSURE_S: Final = 5.0
"""So long before and after a vehicle stops or starts it is not certain which it does."""
BELIEVED: Final = 0.5
"""An occupied advance detector means a queue up to it when this part of the queue is known of anyway ..."""
SURE_S: Final = 20.0
"""... or after so long."""
SEVERAL: Final = 2.0
"""Nobody waits for a green in which the stop line was free so often."""


@compiled
def count_all(book: Book, told: Told, at_s: float) -> None:
    """The queue of every lane at this moment; changes nothing but `told`."""
    end = 0
    for lane in range(book.lanes.shape[0]):
        line, row, told.number[0] = book.lanes[lane], told.lanes[lane], 0
        if line[ZONED] > 0.0 and fresh(line, at_s):
            queued, variance = in_zone(book, told, lane, at_s)
        else:
            queued, variance = _on_lane(book, told, lane, at_s)
        begin, moving = end, 0.0
        for i in range(min(told.number[0], MOST_ARRIVALS)):
            told.coming[end, 0] = rounded(told.driving[i, 0], 10.0)
            told.coming[end, 1] = rounded(told.driving[i, 1], 100.0)
            moving += told.coming[end, 1]
            end += 1
        told.spans[lane, 0], told.spans[lane, 1] = begin, end
        row[QUEUED] = rounded(queued, 100.0)
        row[SD] = rounded(_sd(line, queued, variance, at_s), 100.0)
        row[MOVING] = rounded(moving, 100.0)
        row[STALLED] = 1.0 if stalled(line, at_s) else 0.0
        row[LEFT_AGO_S] = -1.0 if math.isnan(line[LEFT_S]) else rounded(at_s - line[LEFT_S], 10.0)
        row[FRONT_S] = rounded(front_s(line, at_s), 10.0)
        row[LEARNED_VEH_H] = learned_veh_h(line)


@inlined
def _on_lane(book: Book, told: Told, lane: int, at_s: float) -> tuple[float, float]:
    """The queue of a lane without a zone, or with one that is not believed, and its variance."""
    line = book.lanes[lane]
    queued, variance, total = _walked(book, told, lane, at_s)
    waits = line[COUNTED] > 0.0 and front_s(line, at_s) >= 1.0 and math.isnan(line[MOVING_S])
    if waits and queued < 1.0:
        queued = 1.0
    if line[COUNTED] > 0.0 and queued >= 1.0:
        more = line[UNCOUNTED_VEH]
        queued, total, variance = queued + more, total + more, variance + more
    return _beyond(book, told, lane, at_s, queued, variance, total)


@inlined
def _walked(book: Book, told: Told, lane: int, at_s: float) -> tuple[float, float, float]:
    """From the stop line upstream: up to the last vehicle that stands it is queue. Also all together.

    A vehicle stands from when it joins the queue until the start-up wave reaches it; near either moment that
    is uncertain. (The same rule as when the light closes, see approach.py.)
    """
    a, line, driving = int(book.lanes[lane, APPROACH]), book.lanes[lane], told.driving
    k, number = lane - book.spans[a, LANE_0], 0
    ahead, queued, spread, variance = 0.0, 0.0, 0.0, 0.0
    wave_s = starts_s(line, 0.0, at_s)
    step_s = SPACING_M / line[SPEED_MPS]
    for i in range(book.number[a]):
        weight = book.p[a, i, k]
        if weight < FAINT:
            continue
        joined_s = at_s - joins_s(book.due_s[a, i], 0.0, 1.0) + ahead * step_s
        away_s = abs(joined_s)
        standing = joined_s >= 0.0
        if not math.isnan(wave_s):
            start_s = wave_s + ahead * WAVE_S - at_s
            standing = standing and start_s > 0.0
            away_s = min(away_s, abs(start_s))
        spread += weight * (1.0 - weight)
        if away_s < UNSURE_S:
            spread += 0.25 * weight * (1.0 - away_s / UNSURE_S)
        ahead += weight
        if standing:
            queued, variance, number = ahead, spread, 0
        else:
            driving[number, 0], driving[number, 1] = max(0.0, book.due_s[a, i] - at_s), weight
            number += 1
    told.number[0] = number
    return queued, max(variance, spread), ahead


@inlined
def _beyond(
    book: Book, told: Told, lane: int, at_s: float, queued: float, variance: float, total: float
) -> tuple[float, float]:
    """Add what stands beyond a covered advance detector, and nothing that the approach has no room for."""
    a = int(book.lanes[lane, APPROACH])
    room, k = 1.0 + book.approaches[a, REACH_M] / SPACING_M, lane - book.spans[a, LANE_0]
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] != ADVANCE:
            continue
        covered = book.detectors[detector, COVERING] > 0.0 or occupied(book, detector, at_s, COVERED_S)
        if covered and longest(book, a, detector) == k:
            reach = min(room, _reach(book, lane, detector, at_s, total))
            if reach > queued:
                more = 0.3 * (reach - queued)
                told.number[0] = 0
                return reach, variance + 0.5 + more * more
    return min(queued, room), variance


@compiled
def _reach(book: Book, lane: int, detector: int, at_s: float, total: float) -> float:
    """The queue up to and beyond a covered advance detector; 0 when not believed, or when all of it moves."""
    line = book.lanes[lane]
    inside = 1.0 + book.detectors[detector, DISTANCE_M] / SPACING_M
    if _elsewhere(book, line, detector) or inside > _most(book, line, detector, at_s):
        return 0.0
    if total < BELIEVED * inside:
        sure = occupied(book, detector, at_s, SURE_S)
        if not sure or book.detectors[detector, PASSED_VEH] >= 0.0:
            return 0.0
    reach = max(total, inside) + hidden(book, detector)
    start_s = starts_s(line, reach, at_s)
    moves = not math.isnan(start_s) and start_s <= at_s
    if moves and line[COUNTED] == 0.0 and occupied(book, detector, at_s, COVERED_S):
        moves = False  # it should, but nobody there has gone
    return 0.0 if moves else reach


@compiled
def _most(book: Book, line: Floats, detector: int, at_s: float) -> float:
    """How many can have come since nobody stood here: those on the way then, and a dense flow since."""
    since_s = proven_s(line, at_s)
    if line[COUNTED] == 0.0 or math.isnan(since_s):
        return float(MOST_VEHICLES)
    if since_s >= at_s:
        return 0.0
    return (at_s - since_s + book.detectors[detector, DISTANCE_M] / line[SPEED_MPS]) / headway_s(line)


@compiled
def _elsewhere(book: Book, line: Floats, detector: int) -> bool:
    """Whether who stands on an advance detector waits for something else: it has stood there all along while
    the stop line was free again and again in green."""
    if line[GAPS] < SEVERAL:
        return False
    since_s = book.detectors[detector, COVER_ON_S]
    return not math.isnan(line[GREEN_S]) or math.isnan(since_s) or since_s <= line[CLOSED_S]


@compiled
def _sd(line: Floats, queued: float, variance: float, at_s: float) -> float:
    """Standard deviation of a queue: of its count, and of what the lane's detectors cannot know.

    Where departures are counted, greens have shown how many more or less come than are known of.
    """
    if line[COUNTED] > 0.0 and line[ZONED] == 0.0 and not proven_s(line, at_s) >= at_s:
        variance += line[SURPRISE_VAR]
    if line[ZONED] > 0.0 or (line[COUNTED] > 0.0 and line[FED] > 0.0):
        unknown = 0.1 * queued
    elif line[COUNTED] > 0.0:
        unknown = 0.3 + 0.6 * queued
    else:
        unknown = 0.5 + 0.6 * queued if line[FED] > 0.0 else 1.0 + queued
    return math.sqrt(0.1 + variance + unknown * unknown)
