"""Into which lane does a vehicle go after the detector that saw it come?

Learned from whom the stop lines saw leave: every detector keeps how much of its traffic turned up on which
lane, how much turned up nowhere (turned off before, counted twice), and every lane how many came from nowhere
(side streets, missed pulses). Detectors and lanes are named by their place in the book, `k` is the lane's
place in its approach.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import (
    APPROACH,
    LANE_0,
    LEFT_VEH,
    LOST_VEH,
    OWN_SHARE,
    PLACE,
    STRANGE_VEH,
    STRANGERS,
    SURPRISE_VEH,
    Book,
)
from signal_control.estimation.rates import MASS, add, per_hour

FORGET: Final = 0.992
"""What a count keeps when one more is counted: a memory of 125 vehicles."""
MOST_UNKNOWN: Final = 0.4
SURELY: Final = 0.98
"""No count is surer than this."""


@compiled
def found(book: Book, detector: int, k: int, weight: float) -> None:
    """One of a detector's vehicles, or this much of one, left by lane `k`."""
    _forget(book, detector, weight)
    book.chosen[detector, k] += weight


@inlined
def lost(book: Book, detector: int, weight: float) -> None:
    """One of its vehicles, or this much of one, turned up nowhere; less than nothing takes that back."""
    _forget(book, detector, max(0.0, weight))
    book.detectors[detector, LOST_VEH] = max(0.0, book.detectors[detector, LOST_VEH] + weight)


@inlined
def share(book: Book, detector: int, k: int) -> float:
    """Probability of lane `k` for its next vehicle; what all miss to 1 turns up nowhere."""
    chosen, total = book.chosen, 0.0
    for other in range(chosen.shape[1]):
        total += chosen[detector, other]
    part = min(SURELY, chosen[detector, k] / (total + book.detectors[detector, LOST_VEH]))
    least = book.detectors[detector, OWN_SHARE]
    if least == 0.0:
        return part
    a = int(book.lanes[int(book.detectors[detector, PLACE]), APPROACH])
    return (
        max(part, least)
        if book.detectors[detector, PLACE] == book.spans[a, LANE_0] + k
        else min(part, 1.0 - least)
    )


@inlined
def _forget(book: Book, detector: int, weight: float) -> None:
    keep = 1.0 - (1.0 - FORGET) * weight
    for k in range(book.chosen.shape[1]):
        book.chosen[detector, k] *= keep
    book.detectors[detector, LOST_VEH] *= keep


@compiled
def note_left(book: Book, lane: int, unknown: float, at_s: float) -> None:
    """Somebody left `lane`, who had not been seen to come with probability `unknown`."""
    lanes = book.lanes
    lanes[lane, LEFT_VEH] = lanes[lane, LEFT_VEH] * FORGET + 1.0
    lanes[lane, STRANGE_VEH] = lanes[lane, STRANGE_VEH] * FORGET + unknown
    lanes[lane, SURPRISE_VEH] += unknown
    add(book.rates[STRANGERS, lane], at_s, unknown)


@compiled
def stranger(book: Book, lane: int) -> float:
    """Probability that the next one to leave `lane` had not been seen to come."""
    return min(MOST_UNKNOWN, book.lanes[lane, STRANGE_VEH] / book.lanes[lane, LEFT_VEH])


@inlined
def unseen_veh_h(book: Book, lane: int, at_s: float) -> float:
    """Flow that comes to `lane` without being seen, vehicles per hour.

    Those who got lost are no part of it: their detector sends so many less to the lane from then on.
    """
    return per_hour(book.rates[STRANGERS, lane], at_s)


def absolve(book: Book, a: int) -> None:
    """There are no strangers at an approach and nobody got lost: a detector was dead."""
    first, end, detector_0, detector_end = book.spans[a].tolist()
    book.lanes[first:end, STRANGE_VEH] = 0.0
    book.rates[STRANGERS, first:end, MASS] = 0.0
    book.detectors[detector_0:detector_end, LOST_VEH] = 0.0
