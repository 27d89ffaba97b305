"""What has been heard of an intersection since the last look? Compiled: many events in one call."""

from __future__ import annotations

from collectors.compiled import compiled
from signal_control.estimation.approach import pulsed, settle
from signal_control.estimation.book import SETTLED_S, Book, Floats
from signal_control.estimation.missed import heard

TURNED_OFF, TURNED_ON, HEARD, REPORTED = 0.0, 1.0, 2.0, 3.0
"""What a detector did; of one that is not believed only that it was heard. Or the cabinet reported: time has
passed everywhere."""


@compiled
def take(book: Book, told: Floats) -> None:
    """Events in the order in which they happened; of each three numbers: what, which detector, when."""
    for i in range(0, told.shape[0], 3):
        detector = int(told[i + 1])
        if told[i] == HEARD:
            heard(book, detector)
        elif told[i] == REPORTED:
            for a in range(book.spans.shape[0]):
                settle(book, a, told[i + 2])
        else:
            pulsed(book, detector, told[i] == TURNED_ON, told[i + 2])


@compiled
def carry_on(book: Book, at_s: float, soon_s: float) -> None:
    """Let time pass where it has not for more than `soon_s`."""
    for a in range(book.spans.shape[0]):
        if at_s - book.approaches[a, SETTLED_S] > soon_s:
            settle(book, a, at_s)
