"""Who is believed to be on the lanes of an approach, and what does each sight of somebody change? Compiled.

Vehicles of approach `a` stand in order of their time at the stop line; `k` is the place of a lane in it.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    ASSUMED,
    BEFORE,
    ENTERED_VEH,
    FOUND,
    GREEN_S,
    LANE_0,
    LIKELY,
    NO_DETECTOR,
    OFF_S,
    SURPRISE_VEH,
    THERE,
    UNCOUNTED_VEH,
    Book,
)
from signal_control.estimation.lane_choice import found, lost, note_left, share, stranger
from signal_control.estimation.stop_line import EMPTY_S, gap_ended, shows_s
from signal_control.estimation.unseen import LATE_S, unseen_part
from signal_control.estimation.vehicles import (
    NOBODY,
    enter_lane,
    forget,
    insert,
    see_first,
    somewhere,
    sort,
    trim,
    unseen,
)

EARLY_S: Final = 3.0
"""A vehicle may be this early, and rarely twice as much."""
OVERDUE_S: Final = 6.0
SPREAD_S: Final = 2.5
"""Arrival times at a free stop line scatter so much (half as likely at this distance)."""
ANY_TIME: Final = 0.1
UNKNOWN: Final = 0.02
FAINT: Final = 0.005
"""A belief this weak is none; it would cost as much time as a strong one."""
LIKELY_LANE: Final = 0.15
GUESS_SHOWS_S: Final = 0.35
"""Half-life, at a free stop line, of the belief in somebody who was but assumed to have queued up."""
MOST_UNSEEN: Final = 0.9
"""However much of a lane's traffic its dead detectors saw, others change into it from beside."""


@compiled
def enter(book: Book, a: int, due_s: float, detector: int) -> None:
    """A detector sees somebody come, who goes where others went that it saw."""
    at = insert(book, a, due_s, detector)
    for k in range(book.p.shape[2]):
        book.p[a, at, k] = share(book, detector, k)
    book.approaches[a, ENTERED_VEH] += 1.0
    lost(book, detector, 1.0 - somewhere(book, a, at))
    trim(book, a)


@compiled
def weight(book: Book, a: int, k: int, until_s: float) -> float:
    """Vehicles on a lane that are due at its stop line until `until_s`."""
    total = 0.0
    for i in range(book.number[a]):
        if book.due_s[a, i] > until_s:
            break
        total += book.p[a, i, k]
    return total


@compiled
def came(book: Book, a: int, k: int, at_s: float) -> None:
    """Somebody reached a stop line that had been free."""
    lane, due, found_p = book.spans[a, LANE_0] + k, book.due_s, book.scratch[FOUND]
    line = book.lanes[lane]
    n = _early_enough(book, a, at_s)
    believed = 0.0
    for i in range(n):
        off = (at_s - due[a, i]) / SPREAD_S
        book.scratch[LIKELY, i] = ANY_TIME + math.exp2(-(off * off))
        if due[a, i] < at_s - OVERDUE_S and book.source[a, i] != ASSUMED:
            believed = max(believed, book.p[a, i, k])
    _remember(book, a, n)
    new = see_first(book, a, k, n, _unknown(book, a, k, n), False)
    for i in range(n):
        _account(book, a, i, 0.0)
    green_s = line[GREEN_S]
    if not math.isnan(green_s) and believed > 0.1 and at_s - green_s > OVERDUE_S:
        late = 0.0
        for i in range(n):
            if due[a, i] < at_s - OVERDUE_S and book.source[a, i] != ASSUMED:
                late += found_p[i]
        gap_ended(line, new + late)
    if new >= 2 * NOBODY:
        enter_lane(book, a, at_s, k, new, NO_DETECTOR)


@compiled
def entered(book: Book, a: int, k: int, due_s: float) -> None:
    """Somebody entered the zone of a lane, from where it takes until `due_s` to the stop line.

    Nobody who is due sooner: those are in the zone already, as far as anybody knows.
    """
    best, fits = -1, -1.0
    for i in range(book.number[a]):
        fit = _fits(book, a, i, k, due_s) if book.due_s[a, i] > due_s else 0.0
        if fit > fits:
            best, fits = i, fit
    if best >= 0 and fits > 0.1:
        book.scratch[BEFORE, best] = somewhere(book, a, best)
        for other in range(book.p.shape[2]):
            book.p[a, best, other] = 1.0 if other == k else 0.0
        _account(book, a, best, 0.0)
        book.due_s[a, best] = due_s
        sort(book, a)
    else:
        book.approaches[a, ENTERED_VEH] += 1.0
        enter_lane(book, a, due_s, k, 1.0, NO_DETECTOR)


@compiled
def left(book: Book, a: int, k: int, at_s: float) -> float:
    """Somebody crossed the stop line; the probability that nobody had seen it come."""
    lane = book.spans[a, LANE_0] + k
    n = _early_enough(book, a, at_s)
    for i in range(n):
        book.scratch[LIKELY, i] = 1.0
    _remember(book, a, n)
    nobody_saw = see_first(book, a, k, n, _unknown(book, a, k, n), True)
    for i in range(n):
        chance = book.scratch[FOUND, i]
        _account(book, a, i, chance)
        if book.source[a, i] >= 0:
            found(book, book.source[a, i], k, chance)
        else:
            nobody_saw += chance
    book.lanes[lane, UNCOUNTED_VEH] = max(0.0, book.lanes[lane, UNCOUNTED_VEH] - nobody_saw)
    note_left(book, lane, nobody_saw, at_s)
    forget(book, a)
    return nobody_saw


@inlined
def absent(book: Book, a: int, k: int, before_s: float, at_s: float) -> float:
    """The stop line is free: the longer, the less likely are those who should stand there.

    Returns how many vehicles are believed less to be on this lane.
    """
    line, due, p = book.lanes[book.spans[a, LANE_0] + k], book.due_s, book.p
    if math.isnan(line[OFF_S]):
        return 0.0
    free_s, half_life_s = max(before_s, line[OFF_S] + EMPTY_S), shows_s(line)
    if free_s >= at_s:
        return 0.0
    line[UNCOUNTED_VEH] *= math.exp2((free_s - at_s) / half_life_s)
    if book.number[a] == 0 or due[a, 0] + LATE_S >= at_s:
        return 0.0
    fewer = 0.0
    for i in range(book.number[a]):
        since_s, guessed = max(free_s, due[a, i] + LATE_S), book.source[a, i] == ASSUMED
        if since_s >= at_s:
            break
        believed = p[a, i, k]
        if believed < FAINT:
            p[a, i, k] = 0.0
        else:
            _doubt(book, a, i, k, math.exp2((since_s - at_s) / (GUESS_SHOWS_S if guessed else half_life_s)))
            if believed >= 0.5:
                fewer += believed - p[a, i, k]
    forget(book, a)
    return fewer


@compiled
def longest(book: Book, a: int, detector: int) -> int:
    """The lane, of those that an advance detector's traffic goes to, with the longest queue; or -1."""
    best, most, best_share = -1, 0.0, 0.0
    for k in range(book.p.shape[2]):
        part = share(book, detector, k)
        if part >= LIKELY_LANE:
            there = 0.0
            for i in range(book.number[a]):
                there += book.p[a, i, k]
            if best < 0 or there > most or (there == most and part > best_share):
                best, most, best_share = k, there, part
    return best


@inlined
def _early_enough(book: Book, a: int, at_s: float) -> int:
    """How many vehicles may be at the stop line by now; writes into THERE how likely that is."""
    for i in range(book.number[a]):
        late_s = at_s - book.due_s[a, i]
        if late_s < -2 * EARLY_S:
            return i
        book.scratch[THERE, i] = min(1.0, max(0.0, (late_s + 2 * EARLY_S) / EARLY_S))
    return book.number[a]


@compiled
def _unknown(book: Book, a: int, k: int, n: int) -> float:
    """The weight of somebody of whom nothing is known, beside the first `n`, who may be at the stop line.

    Where detectors are not believed, most come unseen: those who were assumed for that weigh more in LIKELY.
    """
    known = max(UNKNOWN, 0.5 * stranger(book, book.spans[a, LANE_0] + k))
    part = min(MOST_UNSEEN, unseen_part(book, a, k))
    if part == 0.0:
        return known
    odds, nobody = part / (1.0 - part), 1.0
    for i in range(n):
        if book.source[a, i] == ASSUMED:
            nobody *= 1.0 - book.p[a, i, k] * book.scratch[THERE, i]
            book.scratch[LIKELY, i] *= 1.0 + odds
    return max(known, odds * nobody)


@inlined
def _doubt(book: Book, a: int, i: int, k: int, likely: float) -> None:
    book.scratch[BEFORE, i] = somewhere(book, a, i)
    unseen(book, a, i, k, likely)
    _account(book, a, i, 0.0)
    book.lanes[book.spans[a, LANE_0] + k, SURPRISE_VEH] -= book.scratch[BEFORE, i] - somewhere(book, a, i)


@inlined
def _remember(book: Book, a: int, n: int) -> None:
    """How likely the first `n` are to be on any lane, before a sight."""
    for i in range(n):
        book.scratch[BEFORE, i] = somewhere(book, a, i)


@inlined
def _account(book: Book, a: int, i: int, gone: float) -> None:
    """What a vehicle's lanes have lost by a sight, but for what is `gone` over the line, is nowhere."""
    if book.source[a, i] >= 0:
        fewer = book.scratch[BEFORE, i] - somewhere(book, a, i) - gone
        if abs(fewer) > FAINT / 2:
            lost(book, book.source[a, i], fewer)


@compiled
def _fits(book: Book, a: int, i: int, k: int, due_s: float) -> float:
    """How well somebody who is due at `due_s` is this vehicle, which may not have been there yet."""
    off_s = abs(book.due_s[a, i] - due_s)
    off = off_s / SPREAD_S
    return book.p[a, i, k] * math.exp2(-(off * off)) if off_s < 3 * SPREAD_S else 0.0
