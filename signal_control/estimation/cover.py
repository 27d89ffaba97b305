"""How many vehicles stand beyond an advance detector that the queue covers? Compiled.

Occupied for COVERED_S: the queue has reached it (sign A of Liu et al. 2009). From then on the queue beyond
grows with the flow measured before, and shrinks by every vehicle that passes; a gap of GAP_S after that says
that all of it has passed (sign C).
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    BEYOND_VEH,
    COVER_OFF_S,
    COVER_ON_S,
    COVER_TOLD_S,
    COVERING,
    HIDDEN_VEH,
    NEVER,
    PASSES,
    Book,
)
from signal_control.estimation.rates import add, per_hour

COVERED_S: Final = 4.0
"""Longer than a slow truck needs to pass over."""
GAP_S: Final = 3.5


@compiled
def cover_on(book: Book, detector: int, at_s: float) -> None:
    """An advance detector turned on: one passed, or arrived upon it."""
    cover = book.detectors[detector]
    settle_cover(book, detector, at_s)
    if cover[COVERING] > 0.0:
        cover[HIDDEN_VEH] = max(0.0, cover[HIDDEN_VEH] - 1.0)
    cover[COVER_ON_S] = at_s
    add(book.rates[PASSES, detector], at_s, 1.0)


@compiled
def cover_off(book: Book, detector: int, at_s: float) -> None:
    """It turned off."""
    settle_cover(book, detector, at_s)
    book.detectors[detector, COVER_ON_S], book.detectors[detector, COVER_OFF_S] = NEVER, at_s


@inlined
def settle_cover(book: Book, detector: int, at_s: float) -> None:
    """Let time pass: the queue reaches the detector, grows beyond it, or has gone by."""
    cover = book.detectors[detector]
    free = math.isnan(cover[COVER_ON_S])
    if cover[COVERING] > 0.0:
        if free and at_s - cover[COVER_OFF_S] >= GAP_S:
            cover[COVERING], cover[HIDDEN_VEH] = 0.0, 0.0
        else:
            cover[HIDDEN_VEH] = _grown(book, detector, at_s)
    elif not free and at_s - cover[COVER_ON_S] >= COVERED_S:
        cover[COVERING], cover[COVER_TOLD_S] = 1.0, cover[COVER_ON_S]
        cover[HIDDEN_VEH] = _grown(book, detector, at_s)
    cover[COVER_TOLD_S] = max(cover[COVER_TOLD_S], at_s)


@inlined
def occupied(book: Book, detector: int, at_s: float, for_s: float) -> bool:
    """Whether somebody has been standing on it for so long."""
    on_s = book.detectors[detector, COVER_ON_S]
    return not math.isnan(on_s) and at_s - on_s >= for_s


@inlined
def hidden(book: Book, detector: int) -> float:
    """Vehicles beyond it, as of the last event."""
    cover = book.detectors[detector]
    return cover[HIDDEN_VEH] if cover[COVERING] > 0.0 else 0.0


@inlined
def _grown(book: Book, detector: int, at_s: float) -> float:
    cover = book.detectors[detector]
    more = per_hour(book.rates[PASSES, detector], at_s) / 3600.0 * max(0.0, at_s - cover[COVER_TOLD_S])
    return min(cover[BEYOND_VEH], cover[HIDDEN_VEH] + more)
