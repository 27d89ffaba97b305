"""Who turns into a bay has been seen before: by a detector farther back, on the lane beside it. Compiled.

All who enter a bay that begins behind such a detector pass both; they are one vehicle, not two. Who has not
passed the bay's detector in time went on beside it.
"""

from __future__ import annotations

import math
from typing import Final

from collectors.compiled import compiled
from signal_control.estimation.book import BAY, DISTANCE_M, LANE_0, PLACE, SPEED_MPS, Book
from signal_control.estimation.cover import COVERED_S, occupied
from signal_control.estimation.lane_choice import found, lost, share
from signal_control.estimation.vehicles import somewhere, sort, unseen

SOONER_S: Final = 1.5
"""Who drives faster than expected is this much sooner at the bay's detector (half as likely then) ..."""
LATER_S: Final = 4.0
"""... and who brakes for a queue this much later."""
HINT: Final = 0.1
"""Anybody may turn into a bay, however few did so far."""
LEAST_FIT: Final = 0.02
PASSED_S: Final = 4.0
"""Who has not come by the bay's detector so long after it was due there is not in the bay."""
NEARLY_NEVER: Final = 0.05
FAINT: Final = 0.02


@compiled
def turned_in(book: Book, a: int, detector: int, due_s: float) -> bool:
    """A bay's detector sees somebody who is due at the stop line at `due_s`.

    Returns whether it is one whom a detector farther back saw; that one is then on the bay's lane.
    """
    lane = int(book.detectors[detector, PLACE])
    k, best, fits = lane - book.spans[a, LANE_0], -1, LEAST_FIT
    for i in range(book.number[a]):
        if not _from_farther(book, a, i, detector):
            continue
        later_s = due_s - book.due_s[a, i]
        off = later_s / (LATER_S if later_s > 0.0 else SOONER_S)
        fit = max(book.p[a, i, k], HINT * somewhere(book, a, i)) * math.exp2(-(off * off))
        if fit > fits:
            best, fits = i, fit
    if best < 0:
        return False
    lost(book, book.source[a, best], somewhere(book, a, best) - 1.0)
    found(book, book.source[a, best], k, 1.0)
    for other in range(book.p.shape[2]):
        book.p[a, best, other] = share(book, detector, other)
    lost(book, detector, 1.0 - somewhere(book, a, best))
    book.due_s[a, best], book.source[a, best] = due_s, detector
    sort(book, a)
    return True


@compiled
def passed_by(book: Book, a: int, detector: int, at_s: float) -> None:
    """Those who should have passed a bay's detector, which is free, and have not are not in the bay."""
    if occupied(book, detector, at_s, COVERED_S):
        return
    lane = int(book.detectors[detector, PLACE])
    k = lane - book.spans[a, LANE_0]
    from_here_s = book.detectors[detector, DISTANCE_M] / book.lanes[lane, SPEED_MPS]
    for i in range(book.number[a]):
        if book.due_s[a, i] - from_here_s + PASSED_S > at_s:
            break
        if book.p[a, i, k] > FAINT and _from_farther(book, a, i, detector):
            unseen(book, a, i, k, NEARLY_NEVER)


@compiled
def _from_farther(book: Book, a: int, i: int, detector: int) -> bool:
    """Whether a vehicle was seen by a detector farther back than the bay's, and not by the bay's yet."""
    source = book.source[a, i]
    if source < 0 or book.detectors[source, BAY] > 0.0:
        return False
    return bool(book.detectors[source, DISTANCE_M] > book.detectors[detector, DISTANCE_M])
