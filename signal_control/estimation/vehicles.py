"""Which of the vehicles believed on an approach is the one that a detector sees now?

Every vehicle has, for each lane of its approach, a probability of being there; what is missing to 1 is the
probability that it is gone or never was. A detector that sees the first vehicle of a lane makes some of them
more likely to be there and moves the others aside. The update is Bayes' rule for one vehicle at a time, with
vehicles taken as independent afterwards (assumed-density filtering). `k` is the place of a lane in its
approach `a`. Compiled.
"""

from __future__ import annotations

from typing import Final

from collectors.compiled import compiled, inlined
from signal_control.estimation.book import FOUND, LIKELY, MOST_VEHICLES, THERE, Book

NOBODY: Final = 0.02
"""A vehicle that is less likely than this to be anywhere is forgotten."""
SURE: Final = 0.05
"""A miscount is never less likely than this: keeps a division finite."""


@compiled
def insert(book: Book, a: int, due_s: float, source: int) -> int:
    """Somebody comes, with no probability yet to be on any lane; its place. Then call `trim`."""
    due, sources, p, n = book.due_s, book.source, book.p, book.number[a]
    at = n
    while at > 0 and due[a, at - 1] > due_s:
        at -= 1
    for i in range(n, at, -1):
        _move(book, a, i - 1, i)
    due[a, at], sources[a, at] = due_s, source
    for k in range(p.shape[2]):
        p[a, at, k] = 0.0
    book.number[a] = n + 1
    return at


@compiled
def trim(book: Book, a: int) -> None:
    """Forget the least likely one (the first of those) when there are more than MOST_VEHICLES."""
    n = book.number[a]
    if n > MOST_VEHICLES:
        faintest, least = 0, somewhere(book, a, 0)
        for i in range(1, n):
            likely = somewhere(book, a, i)
            if likely < least:
                faintest, least = i, likely
        for i in range(faintest + 1, n):
            _move(book, a, i, i - 1)
        book.number[a] = n - 1


@compiled
def enter_lane(book: Book, a: int, due_s: float, k: int, weight: float, source: int) -> None:
    """So much of a vehicle comes on one lane."""
    at = insert(book, a, due_s, source)
    book.p[a, at, k] = weight
    trim(book, a)


@compiled
def sort(book: Book, a: int) -> None:
    """Bring vehicles in order again after some times have changed; equal times keep their order."""
    due, p, n = book.due_s, book.p, book.number[a]
    for i in range(1, n):
        at = i
        while at > 0 and due[a, at - 1] > due[a, at]:
            due[a, at - 1], due[a, at] = due[a, at], due[a, at - 1]
            book.source[a, at - 1], book.source[a, at] = book.source[a, at], book.source[a, at - 1]
            for k in range(p.shape[2]):
                p[a, at - 1, k], p[a, at, k] = p[a, at, k], p[a, at - 1, k]
            at -= 1


@inlined
def somewhere(book: Book, a: int, i: int) -> float:
    """The probability that a vehicle is on any lane."""
    total = 0.0
    for k in range(book.p.shape[2]):
        total += book.p[a, i, k]
    return total


@inlined
def forget(book: Book, a: int) -> None:
    """Drop those who are less likely than NOBODY to be anywhere."""
    kept = 0
    for i in range(book.number[a]):
        if somewhere(book, a, i) >= NOBODY:
            if kept != i:
                _move(book, a, i, kept)
            kept += 1
    book.number[a] = kept


@compiled
def see_first(book: Book, a: int, k: int, n: int, unknown: float, leaves: bool) -> float:
    """A detector sees the first vehicle of a lane: who is it? Changes the probabilities of the first `n`.

    In `scratch`, THERE is the probability that a vehicle, if on this lane, has come this far; LIKELY how well
    the time fits; `unknown` is the weight of somebody nobody knew of. `leaves`: it is gone from here on.
    Writes into FOUND the probability of each vehicle to be the one; returns that of the unknown one.
    """
    p, there, likely, found = book.p, book.scratch[THERE], book.scratch[LIKELY], book.scratch[FOUND]
    nobody_before, total = 1.0, 0.0
    for i in range(n):
        here = p[a, i, k] * there[i]
        found[i] = nobody_before * here * likely[i]
        nobody_before *= 1.0 - here
        total += found[i]
    total += unknown
    new = unknown / total
    earlier = new
    for i in range(n):
        found[i] = found[i] / total
        _update(book, a, i, k, there[i], found[i], earlier, leaves)
        earlier += found[i]
    return new


@inlined
def _update(book: Book, a: int, i: int, k: int, come: float, it: float, earlier: float, leaves: bool) -> None:
    """`it`: this is the one; `earlier`: one before it (nothing learned); else it is not at the detector."""
    p, later = book.p, max(0.0, 1.0 - earlier - it)
    here = p[a, i, k]
    not_there = max(SURE, 1.0 - here * come)
    keep = earlier + later / not_there
    for other in range(p.shape[2]):
        if other != k:
            p[a, i, other] = min(1.0, p[a, i, other] * keep)
    stays = 0.0 if leaves else it
    p[a, i, k] = here * earlier + later * here * (1.0 - come) / not_there + stays


@inlined
def unseen(book: Book, a: int, i: int, k: int, likely: float) -> None:
    """Where somebody on a lane would show, nobody does, which has probability `likely` if it is there."""
    p = book.p
    here = p[a, i, k] * likely
    total = max(SURE, 1.0 - p[a, i, k] + here)
    for other in range(p.shape[2]):
        p[a, i, other] = min(1.0, p[a, i, other] / total)
    p[a, i, k] = here / total


@inlined
def _move(book: Book, a: int, i: int, to: int) -> None:
    book.due_s[a, to], book.source[a, to] = book.due_s[a, i], book.source[a, i]
    for k in range(book.p.shape[2]):
        book.p[a, to, k] = book.p[a, i, k]
