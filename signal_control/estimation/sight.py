"""May somebody come into an approach without being seen? Compiled."""

from __future__ import annotations

from typing import Final

from collectors.compiled import inlined
from signal_control.estimation.book import (
    ADVANCE,
    COVERING,
    DETECTOR_0,
    DETECTOR_END,
    FED,
    HIDES,
    LANE_0,
    LANE_END,
    ROLE,
    ZONED,
    Book,
)
from signal_control.estimation.lane_choice import stranger
from signal_control.estimation.zone import full

MOST_STRANGE: Final = 0.3
"""Where more than this part of those who leave had been seen by nobody, one cannot tell who comes."""


@inlined
def note_hidden(book: Book, a: int) -> None:
    """Note it: no lane is seen ahead of its stop line, or a queue stands over where one is."""
    seen = 0
    for lane in range(book.spans[a, LANE_0], book.spans[a, LANE_END]):
        line = book.lanes[lane]
        if line[FED] > 0.0 or line[ZONED] > 0.0:
            seen += 1
        if line[FED] == 0.0 and _hides(book, lane):
            book.approaches[a, HIDES] = 1.0
    for detector in range(book.spans[a, DETECTOR_0], book.spans[a, DETECTOR_END]):
        if book.detectors[detector, ROLE] == ADVANCE and book.detectors[detector, COVERING] > 0.0:
            book.approaches[a, HIDES] = 1.0
    if seen == 0:
        book.approaches[a, HIDES] = 1.0


@inlined
def _hides(book: Book, lane: int) -> bool:
    """Whether those who come on a lane without an advance detector of its own may not be seen: its zone is
    full, or who leaves it has not been seen on a lane beside it either."""
    line = book.lanes[lane]
    return full(line) if line[ZONED] > 0.0 else stranger(book, lane) > MOST_STRANGE
