"""What do a lane's light and its stop-line detectors say of the front of its queue? Compiled."""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    CLOSED_S,
    COUNTED,
    CROSSED_VEH,
    EXITS,
    GAPS,
    GONE,
    GREEN_S,
    HESITATION,
    IS_ON,
    LEFT_S,
    MOVING_S,
    NEVER,
    OFF_S,
    ON_COUNT,
    ON_S,
    PLACE,
    PROVEN_S,
    QUEUED_AT_GREEN,
    READY_S,
    STALLED_UNTIL_S,
    SURPRISE_VAR,
    SURPRISE_VEH,
    ZONED,
    Book,
    Floats,
)
from signal_control.estimation.rates import add
from signal_control.estimation.saturation import discharged, headway_s, turned_green

START_UP_S: Final = 1.0
"""From green until the first vehicle moves."""
WAVE_S: Final = 1.1
"""From one standing vehicle's start until the next one's: the wave runs back at 6 m/s."""
EMPTY_S: Final = 2.0
"""A discharging queue leaves a 2 m zone free for 1.3 s between vehicles; longer, and it has ended."""
CLEARED_S: Final = 5.0
"""A stop line free for so long has no queue behind it, whatever stands further back."""
STANDING_S: Final = 5.0
"""Somebody on the stop line for this long in green does not move (a first truck needs 5 s to clear it)."""
STALL_MEMORY_S: Final = 25.0
FLOWS_S: Final = 4.0
"""A queue that releases nobody for so long in green has stopped, whatever is to be seen at the line."""
SHOWS_S: Final = 0.7
"""Half of those who should stand on a free stop line show up there so much later."""
SURPRISES: Final = 0.1
"""What one green counts in the mean square of surprises."""
SHOWS_MOST_S: Final = 8.0


@compiled
def turn_green(line: Floats, at_s: float, queued: float) -> None:
    """The light turned green on so many vehicles."""
    line[QUEUED_AT_GREEN] = queued
    line[GREEN_S] = line[MOVING_S] = at_s
    line[GONE] = line[GAPS] = 0.0
    line[READY_S] = at_s + START_UP_S + headway_s(line)
    turned_green(line, at_s)


@compiled
def turn_red(line: Floats, at_s: float) -> None:
    """The light turned yellow or red."""
    _note_stall(line, at_s)
    if line[GONE] > 0.0 or line[SURPRISE_VEH] != 0.0:
        surprise = line[SURPRISE_VEH]
        line[SURPRISE_VAR] += SURPRISES * (surprise * surprise - line[SURPRISE_VAR])
        line[SURPRISE_VEH] = 0.0
    line[GREEN_S] = line[MOVING_S] = NEVER
    line[CLOSED_S] = at_s


@compiled
def turn_on(book: Book, detector: int, at_s: float) -> bool:
    """A detector turned on; whether it had been free for so long that a new front has come."""
    line = book.lanes[int(book.detectors[detector, PLACE])]
    fresh = empty(line, at_s, EMPTY_S) or (math.isnan(line[ON_S]) and math.isnan(line[OFF_S]))
    if fresh and not math.isnan(line[GREEN_S]):
        line[GAPS] += 1.0
    line[PROVEN_S] = proven_s(line, at_s)
    if line[ON_COUNT] == 0.0:
        line[ON_S], line[OFF_S] = at_s, NEVER
    if book.detectors[detector, IS_ON] == 0.0:
        book.detectors[detector, IS_ON] = 1.0
        line[ON_COUNT] += 1.0
    return fresh and line[ON_COUNT] == 1.0


@compiled
def turn_off(book: Book, detector: int, at_s: float) -> bool:
    """A detector turned off; whether somebody left (not: the detector had not been on)."""
    if book.detectors[detector, IS_ON] == 0.0:
        return False
    lane = int(book.detectors[detector, PLACE])
    book.detectors[detector, IS_ON] = 0.0
    book.lanes[lane, ON_COUNT] -= 1.0
    passed(book, lane, at_s)
    if book.lanes[lane, ON_COUNT] == 0.0:
        book.lanes[lane, ON_S], book.lanes[lane, OFF_S] = NEVER, at_s
    return True


@compiled
def passed(book: Book, lane: int, at_s: float) -> None:
    """Somebody crossed the line."""
    line = book.lanes[lane]
    stood = not flows(line, at_s)
    _note_stall(line, at_s)
    add(book.rates[EXITS, lane], at_s, 1.0)
    line[LEFT_S] = at_s
    if line[COUNTED] == 0.0:
        line[CROSSED_VEH] += 1.0
    if not math.isnan(line[GREEN_S]):
        if line[COUNTED] > 0.0:
            discharged(line, at_s, line[QUEUED_AT_GREEN])
        line[GONE] += 1.0
        if stood:
            line[MOVING_S], line[GONE] = at_s - START_UP_S, 0.0
    if not math.isnan(line[ON_S]):
        line[ON_S] = at_s


@compiled
def moved(line: Floats, at_s: float) -> None:
    """Whoever stood in front drives: somebody crosses the line, or is about to."""
    if not math.isnan(line[GREEN_S]):
        if not flows(line, at_s):
            line[MOVING_S], line[GONE] = at_s - START_UP_S, 0.0
        line[LEFT_S] = at_s
        if not math.isnan(line[ON_S]):
            line[ON_S] = at_s


@compiled
def watch(line: Floats, standing: bool, at_s: float) -> None:
    """What a zone says in place of a detector at the line: whether anybody stands."""
    if not standing:
        line[ON_S] = NEVER
    elif math.isnan(line[ON_S]):
        line[ON_S] = at_s


@inlined
def empty(line: Floats, at_s: float, for_s: float) -> bool:
    """Whether the stop line has been free for so long that nobody can stand."""
    return not math.isnan(line[OFF_S]) and at_s - line[OFF_S] >= for_s


@compiled
def proven_s(line: Floats, at_s: float) -> float:
    """When it was last certain that nobody stood at the stop line or behind it; NEVER: not yet."""
    return at_s if empty(line, at_s, CLEARED_S) else line[PROVEN_S]


@compiled
def flows(line: Floats, at_s: float) -> bool:
    """Whether the light is green and the front moves."""
    if math.isnan(line[GREEN_S]):
        return False
    since_s = line[GREEN_S] if math.isnan(line[LEFT_S]) else max(line[GREEN_S], line[LEFT_S])
    return not (line[COUNTED] > 0.0 or line[ZONED] > 0.0) or at_s - since_s < FLOWS_S


@compiled
def shows_s(line: Floats) -> float:
    """Half-life of the belief in somebody who should be at the stop line, which is free.

    A front that hesitates explains one gap in a green; those who have not come after several are elsewhere.
    """
    if math.isnan(line[GREEN_S]):
        return SHOWS_S
    waits = line[HESITATION] / (1.0 + line[GAPS])
    return SHOWS_S + SHOWS_MOST_S * (waits * waits)


@compiled
def gap_ended(line: Floats, believed: float) -> None:
    """After a gap in green somebody came who had been due for long with probability `believed`."""
    line[HESITATION] += 0.1 * (believed - line[HESITATION])


@compiled
def starts_s(line: Floats, ahead: float, at_s: float) -> float:
    """When a vehicle with so many ahead of it starts; NEVER while the front does not move."""
    if math.isnan(line[MOVING_S]) or not flows(line, at_s):
        return NEVER
    return line[MOVING_S] + START_UP_S + (line[GONE] + ahead) * WAVE_S


@compiled
def stands(line: Floats, at_s: float) -> bool:
    """Whether the front stands although the light is green."""
    if math.isnan(line[ON_S]) or math.isnan(line[GREEN_S]):
        return False
    return at_s - max(line[ON_S], line[GREEN_S]) >= STANDING_S


@compiled
def stalled(line: Floats, at_s: float) -> bool:
    """Whether this lane, though green, lets nobody go (or did not, within STALL_MEMORY_S)."""
    return at_s < line[STALLED_UNTIL_S] or stands(line, at_s)


@compiled
def front_s(line: Floats, at_s: float) -> float:
    """For how long somebody has been on the stop line without a break."""
    return 0.0 if math.isnan(line[ON_S]) else max(0.0, at_s - line[ON_S])


@compiled
def _note_stall(line: Floats, at_s: float) -> None:
    if stands(line, at_s):
        line[STALLED_UNTIL_S] = at_s + STALL_MEMORY_S
