"""What do the detectors and lights of an approach say of the vehicles on its lanes? Compiled.

Lanes and detectors are named by their place in the book, approaches (`a`) too; `k` is the place of a lane in
its approach. Times are seconds and never run backwards.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.bays import passed_by, turned_in
from signal_control.estimation.book import (
    ADVANCE,
    APPROACH,
    ARRIVALS,
    BAY,
    CLOSED_S,
    COUNTED,
    DETECTOR_0,
    DETECTOR_END,
    DISTANCE_M,
    ENTRIES,
    EXITS,
    FED,
    GAPS,
    GREEN_S,
    LANE_0,
    LANE_END,
    OFF_S,
    ON_S,
    PASSES,
    PLACE,
    QUEUED_AT_GREEN,
    READY_S,
    ROLE,
    SETTLED_S,
    SPACING_M,
    SPEED_MPS,
    STOP,
    STRANGERS,
    TRUSTED,
    UNCOUNTED_VEH,
    UNSEEN,
    ZONE_M,
    ZONED,
    Book,
    Floats,
)
from signal_control.estimation.cover import cover_off, cover_on, settle_cover
from signal_control.estimation.missed import heard, miss, note_entered, note_left
from signal_control.estimation.rates import begin, per_hour
from signal_control.estimation.rounding import rounded
from signal_control.estimation.saturation import headway_s
from signal_control.estimation.sight import note_hidden
from signal_control.estimation.stop_line import (
    CLEARED_S,
    empty,
    starts_s,
    turn_green,
    turn_off,
    turn_on,
    turn_red,
)
from signal_control.estimation.traffic import (
    absent,
    came,
    enter,
    left,
    weight,
)
from signal_control.estimation.uncounted import fill, release
from signal_control.estimation.unseen import accompany, assume, beside_veh_h, hidden_veh_h, none_between
from signal_control.estimation.vehicles import sort
from signal_control.estimation.zone import full, moves, read_zone

BRAKING_S: Final = 3.0
"""A vehicle that stops arrives this much later than one that drives on."""
FOLLOW: Final = 0.3
"""Of an unseen queue that has turned out longer than it was thought, so much more is thought to be left."""
GRAIN_S: Final = 0.3
"""Events so close together are one moment: settling oftener changes nothing and costs time."""


@compiled
def begin_all(book: Book, at_s: float) -> None:
    """Nothing is known before this moment; stop lines are taken for free until somebody is seen there."""
    for lane in range(book.lanes.shape[0]):
        for rate in (EXITS, ARRIVALS, STRANGERS, ENTRIES):
            begin(book.rates[rate, lane], at_s)
        book.lanes[lane, CLOSED_S] = book.lanes[lane, READY_S] = book.lanes[lane, OFF_S] = at_s
    for detector in range(book.detectors.shape[0]):
        begin(book.rates[PASSES, detector], at_s)
    for a in range(book.spans.shape[0]):
        book.approaches[a, SETTLED_S] = at_s


@compiled
def pulsed(book: Book, detector: int, on: bool, at_s: float) -> None:
    """A detector that is believed, at the stop line or before it, turned on or off."""
    heard(book, detector)
    lane, role = int(book.detectors[detector, PLACE]), book.detectors[detector, ROLE]
    a = int(book.lanes[lane, APPROACH])
    k = lane - book.spans[a, LANE_0]
    settle(book, a, at_s)
    if role == STOP and on:
        if turn_on(book, detector, at_s):
            came(book, a, k, at_s)
    elif role == STOP:
        if turn_off(book, detector, at_s) and book.lanes[lane, ZONED] == 0.0:
            note_left(book, a, k, left(book, a, k, at_s))
            _more_follow(book, a, k, at_s)
    elif on:
        cover_on(book, detector, at_s)
        due_s = at_s + book.detectors[detector, DISTANCE_M] / book.lanes[lane, SPEED_MPS]
        if book.detectors[detector, BAY] == 0.0 or not turned_in(book, a, detector, due_s):
            enter(book, a, due_s, detector)
            accompany(book, a, detector, due_s, at_s)
        note_entered(book, a, detector, at_s)
    else:
        cover_off(book, detector, at_s)


@compiled
def zone_told(book: Book, detector: int, standing: float, at_s: float) -> None:
    """A zone has told how many are in it, and now how many of them stand."""
    lane = int(book.detectors[detector, PLACE])
    a = int(book.lanes[lane, APPROACH])
    settle(book, a, at_s)
    read_zone(book, a, lane - book.spans[a, LANE_0], standing, at_s)


@compiled
def open_lane(book: Book, lane: int, at_s: float) -> None:
    """The light of a lane, which was not green, is."""
    a = int(book.lanes[lane, APPROACH])
    settle(book, a, at_s)
    turn_green(book.lanes[lane], at_s, weight(book, a, lane - book.spans[a, LANE_0], at_s))


@compiled
def close_lane(book: Book, lane: int, at_s: float) -> None:
    """The light of a lane, which was green, is yellow or red: those who move reach the line one headway after
    the other, and stop."""
    line, a = book.lanes[lane], int(book.lanes[lane, APPROACH])
    settle(book, a, at_s)
    k, step_s = lane - book.spans[a, LANE_0], headway_s(line)
    ahead, place = 0.0, 0
    for i in range(book.number[a]):
        here = book.p[a, i, k]
        if here >= 0.5 and not _standing(line, book.due_s[a, i], ahead, at_s):
            place += 1
            book.due_s[a, i] = max(book.due_s[a, i], at_s + step_s * place)
        ahead += here
    sort(book, a)
    turn_red(line, at_s)


@compiled
def settle(book: Book, a: int, at_s: float) -> None:
    """Let time pass until `at_s`."""
    before_s, first, end = book.approaches[a, SETTLED_S], book.spans[a, LANE_0], book.spans[a, LANE_END]
    if at_s - before_s < GRAIN_S:
        return
    book.approaches[a, SETTLED_S] = at_s
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE and book.detectors[detector, TRUSTED] > 0.0:
            settle_cover(book, detector, at_s)
            if book.detectors[detector, BAY] > 0.0:
                passed_by(book, a, detector, at_s)
    for lane in range(first, end):
        line = book.lanes[lane]
        if line[COUNTED] > 0.0:
            if not math.isnan(line[OFF_S]):
                if empty(line, at_s, CLEARED_S):
                    none_between(book, a, lane)
                miss(book, a, lane, absent(book, a, lane - first, before_s, at_s), at_s)
        elif line[ZONED] == 0.0 and fill(book, a, lane, at_s):
            line[READY_S] = at_s
        elif line[ZONED] == 0.0 or (full(line) and moves(line)):
            release(book, a, lane - first, at_s)
        else:
            line[READY_S] = at_s
        flow = _unseen_veh_h(book, lane, at_s)
        if flow > 0.0 and _all_seen(line):
            line[UNCOUNTED_VEH] += flow / 3600.0 * (at_s - before_s)
        elif flow > 0.0:
            assume(book, a, lane - first, flow / 3600.0 * (at_s - before_s), before_s, at_s)
    note_hidden(book, a)


@compiled
def _all_seen(line: Floats) -> bool:
    """Whether all detectors of a lane work: who comes unseen is no more than a number then."""
    return line[COUNTED] > 0.0 and line[FED] > 0.0 and line[UNSEEN] == 0.0 and line[ZONED] == 0.0


@compiled
def flow_veh_h(book: Book, lane: int, at_s: float) -> float:
    """Smoothed arrivals (departures where arrivals are not seen), vehicles per hour."""
    if book.lanes[lane, FED] > 0.0:
        return per_hour(book.rates[ARRIVALS, lane], at_s)
    if book.lanes[lane, ZONE_M] > 0.0:
        return per_hour(book.rates[ENTRIES, lane], at_s)
    return per_hour(book.rates[EXITS, lane], at_s)


@compiled
def flows(book: Book, at_s: float, found: Floats) -> None:
    """Write the flow of every lane, vehicles per hour, as it is and rounded."""
    for lane in range(book.lanes.shape[0]):
        found[lane, 0] = flow_veh_h(book, lane, at_s)
        found[lane, 1] = rounded(found[lane, 0], 10.0)


@compiled
def joins_s(due_s: float, ahead: float, speed_mps: float) -> float:
    """When a vehicle with so many standing ahead of it stands."""
    return due_s + BRAKING_S - ahead * SPACING_M / speed_mps


@compiled
def _standing(line: Floats, due_s: float, ahead: float, at_s: float) -> bool:
    """Whether a vehicle with so many ahead of it stands in the queue."""
    if joins_s(due_s, ahead, line[SPEED_MPS]) > at_s:
        return False
    start_s = starts_s(line, ahead, at_s)
    return math.isnan(start_s) or at_s < start_s


@inlined
def _unseen_veh_h(book: Book, lane: int, at_s: float) -> float:
    """Flow that joins the queue of a lane without being seen."""
    line = book.lanes[lane]
    if line[ZONED] > 0.0:
        hides = full(line) and line[FED] == 0.0
        return per_hour(book.rates[ENTRIES, lane], at_s) if hides else 0.0
    if line[COUNTED] > 0.0 and math.isnan(line[ON_S]):
        return 0.0
    if line[COUNTED] > 0.0 and line[FED] == 0.0:
        flow = per_hour(book.rates[EXITS, lane], at_s)
    else:
        flow = hidden_veh_h(book, lane, at_s)
    if line[UNSEEN] == 0.0 or flow == 0.0:
        return flow
    return max(0.0, flow - beside_veh_h(book, lane, at_s))  # the others: see accompany


@compiled
def _more_follow(book: Book, a: int, k: int, at_s: float) -> None:
    """A queue that nobody saw form goes on until there is a gap, however many it was thought to be."""
    lane = book.spans[a, LANE_0] + k
    line = book.lanes[lane]
    if line[FED] > 0.0 and line[UNSEEN] == 0.0:
        return
    if math.isnan(line[GREEN_S]) or line[GAPS] > 0.0:
        return
    more = max(1.0, FOLLOW * line[QUEUED_AT_GREEN]) - weight(book, a, k, at_s)
    if more > 0.0:
        assume(book, a, k, more, at_s - GRAIN_S, at_s)
