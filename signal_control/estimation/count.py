"""How many vehicles does a lane hold, who of them stands, and when will the others be at the stop line?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signal_control.estimation.approach import SPACING_M, Approach, joins_s
from signal_control.estimation.stop_line import WAVE_S

FAINT: Final = 0.01
MOST_ARRIVALS: Final = 30
UNSURE_S: Final = 5.0
"""So long before and after a vehicle stops or starts it is not certain which it does."""
BELIEVED: Final = 0.5
"""An occupied advance detector means a queue up to it when this part of the queue is known of anyway ..."""
SURE_S: Final = 20.0
"""... or after so long."""
CLEARED_S: Final = 5.0
"""A stop line free for so long in red has no queue behind it, whatever stands on an advance detector."""


@dataclass(frozen=True, slots=True)
class LaneCount:
    """Vehicles in the queue with variance; those who move, as (seconds until at the line, weight)."""

    queued: float
    variance: float
    arrivals: tuple[tuple[float, float], ...]


NOTHING: Final = LaneCount(0.0, 0.0, ())


def count(approach: Approach, lane: int, at_s: float) -> LaneCount:
    """The queue of one lane at this moment; changes nothing."""
    zone = approach.zones.get(lane)
    if zone is not None and approach.lines[lane].zoned and zone.fresh(at_s):
        return _in_zone(approach, lane, at_s)
    line = approach.lines[lane]
    seen, total = _walked(approach, lane, at_s) if approach.traffic.vehicles else (NOTHING, 0.0)
    if line.counted and line.front_s(at_s) >= 1.0 and line.moving_s is None and seen.queued < 1.0:
        seen = LaneCount(1.0, seen.variance, seen.arrivals)
    return _beyond(approach, lane, at_s, seen, total)


def _walked(approach: Approach, lane: int, at_s: float) -> tuple[LaneCount, float]:
    """From the stop line upstream: up to the last vehicle that stands it is queue. Also all together.

    A vehicle stands from when it joins the queue until the start-up wave reaches it; near either moment that
    is uncertain. (The same rule as Approach.standing, written out since this runs most often of all.)
    """
    driving: list[tuple[float, float]] = []
    ahead = queued = spread = variance = 0.0
    wave_s = approach.lines[lane].starts_s(0.0, at_s)
    step_s = SPACING_M / approach.lanes[lane].speed_mps
    for vehicle in approach.traffic.vehicles:
        weight = vehicle.p[lane]
        if weight < FAINT:
            continue
        joined_s = at_s - joins_s(vehicle.due_s, 0.0, 1.0) + ahead * step_s
        away_s = abs(joined_s)
        standing = joined_s >= 0.0
        if wave_s is not None:
            start_s = wave_s + ahead * WAVE_S - at_s
            standing = standing and start_s > 0.0
            away_s = min(away_s, abs(start_s))
        spread += weight * (1.0 - weight)
        if away_s < UNSURE_S:
            spread += 0.25 * weight * (1.0 - away_s / UNSURE_S)
        ahead += weight
        if standing:
            queued, variance = ahead, spread
            driving.clear()
        else:
            driving.append((max(0.0, vehicle.due_s - at_s), weight))
    if not ahead:
        return NOTHING, 0.0
    return LaneCount(queued, max(variance, spread), tuple(driving[:MOST_ARRIVALS])), ahead


def _in_zone(approach: Approach, lane: int, at_s: float) -> LaneCount:
    """A zone knows its queue; who moves in front of somebody standing is in the queue too.

    When it is full, those who are due and not counted in it queue behind it.
    """
    zone, line = approach.zones[lane], approach.lines[lane]
    inside: list[tuple[float, float]] = []
    beyond: list[tuple[float, float]] = []
    behind = ahead = 0.0
    for vehicle in approach.traffic.vehicles:
        weight = vehicle.p[lane]
        if weight < FAINT:
            continue
        eta_s = max(0.0, vehicle.due_s - at_s)
        if eta_s <= zone.travel_s:
            inside.append((eta_s, weight))
            if joins_s(vehicle.due_s, ahead, line.lane.speed_mps) > at_s:
                behind += weight
            ahead += weight
        else:
            beyond.append((eta_s, weight))
    queued = float(zone.standing)
    if zone.standing and line.green_s is not None:
        queued = max(queued, zone.count - behind)
    variance = 0.04 * (1.0 + queued) + 0.3 * (zone.count - zone.standing)
    hidden = max(0.0, ahead - zone.count) if zone.full else 0.0
    if hidden and zone.standing >= zone.count - 1:
        room = 1.0 + approach.reach_m / SPACING_M
        reach = min(room, queued + hidden)
        return LaneCount(reach, variance + 0.3 + (0.4 * hidden) ** 2, tuple(beyond[:MOST_ARRIVALS]))
    if hidden:
        beyond.insert(0, (zone.travel_s, hidden))
    moving = _last(inside, zone.count - queued)
    return LaneCount(queued, variance, tuple([*moving, *beyond][:MOST_ARRIVALS]))


def _last(vehicles: list[tuple[float, float]], weight: float) -> list[tuple[float, float]]:
    """The last ones, so many together; what is missing is at the stop line."""
    found: list[tuple[float, float]] = []
    for eta_s, part in reversed(vehicles):
        taken = min(part, weight)
        if taken > FAINT:
            found.append((eta_s, taken))
        weight -= taken
    if weight > FAINT:
        found.append((0.0, weight))
    return found[::-1]


def _beyond(approach: Approach, lane: int, at_s: float, seen: LaneCount, total: float) -> LaneCount:
    """Add what stands beyond a covered advance detector, and nothing that the approach has no room for."""
    room = 1.0 + approach.reach_m / SPACING_M
    for channel, cover in approach.covers.items():
        if (cover.covering or cover.occupied(at_s)) and approach.traffic.longest(channel) == lane:
            reach = min(room, _reach(approach, lane, channel, at_s, total))
            if reach > seen.queued:
                more = reach - seen.queued
                return LaneCount(reach, seen.variance + 0.5 + (0.3 * more) ** 2, ())
    return seen if seen.queued <= room else LaneCount(room, seen.variance, seen.arrivals)


def _reach(approach: Approach, lane: int, channel: int, at_s: float, total: float) -> float:
    """The queue up to and beyond a covered advance detector; 0 when not believed, or when all of it moves."""
    line, cover = approach.lines[lane], approach.covers[channel]
    if line.off_s is not None and line.green_s is None and line.empty(at_s, CLEARED_S):
        return 0.0
    inside = 1.0 + approach.detectors[channel].distance_m / SPACING_M
    if total < BELIEVED * inside and (not cover.occupied(at_s, SURE_S) or approach.passed[channel] >= 0.0):
        return 0.0
    reach = max(total, inside) + cover.hidden
    starts_s = line.starts_s(reach, at_s)
    return 0.0 if starts_s is not None and starts_s <= at_s else reach
