"""Do the books balance, how fast do readings flow, and what was refused?"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from collectors.skew import Skew
from gateway.intake.ingest import Ingest
from gateway.links.link import Link
from gateway.panels.marks import Marks
from storage.books import Account, Books
from storage.refused import Refused, RefusedPayload
from storage.spool import Spool
from storage.writer import Writer

SERIES_S: Final = 300.0
RATE_S: Final = 5.0
PREVIEW_BYTES: Final = 120
REFUSED_SHOWN: Final = 8


class OnDisk(NamedTuple):
    """What the spool's books, of the first store and of each by name, and the refused payloads say."""

    books: Books
    stores: Mapping[str, Books]
    used_bytes: int
    reasons: dict[str, int]
    recent: tuple[dict[str, object], ...]


class PipelinePanel:
    """The pipeline's books and rates: `read` looks at the disk (in a thread), `take` and `view` at memory.

    The books and rates are those of the first of `writers`; every store has its state, lag and waiting.
    """

    def __init__(
        self,
        spool: Spool,
        refused: Refused,
        ingest: Ingest,
        writers: Sequence[Writer],
        link: Link,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._spool, self._refused, self._ingest = spool, refused, ingest
        self._writers, self._link, self._wall = tuple(writers), link, wall
        self._marks = Marks(spool, refused, ingest.times, findings=lambda: ingest.quality.findings)
        self._samples: deque[tuple[float, int, int]] = deque()
        self._found = OnDisk(Books(), {}, 0, {}, ())

    @property
    def books(self) -> Books:
        """The books as last read from the disk."""
        return self._found.books

    @property
    def found(self) -> OnDisk:
        """What was last read from the disk."""
        return self._found

    @property
    def writers(self) -> tuple[Writer, ...]:
        """The writers of all stores, the first one's books are the city's."""
        return self._writers

    @property
    def spool_bytes(self) -> int:
        """Bytes that the spool may hold."""
        return self._spool.max_bytes

    @property
    def worst_clocks(self) -> tuple[Skew, ...]:
        """The devices whose clocks were furthest off when that was last looked at."""
        return self._marks.worst

    def read(self) -> OnDisk:
        """The books and the latest refusals as they are on the disk."""
        stores = {writer.name: self._spool.books(writer.name) for writer in self._writers}
        books = stores[self._writers[0].name]
        self._marks.read()
        recent = tuple(_shown(r) for r in self._refused.recent(REFUSED_SHOWN))
        return OnDisk(books, stores, self._spool.bytes_used(), self._refused.counts(), recent)

    def take(self, found: OnDisk) -> None:
        """Show `found` from now on; about once a second."""
        self._found = found
        total, now = found.books.total, self._wall()
        if self._samples and now < self._samples[-1][0]:  # the computer's clock was set back
            self._samples.clear()
        self._samples.append((now, total.received, total.stored))
        while self._samples and now - self._samples[0][0] > SERIES_S:
            self._samples.popleft()

    def view(self) -> dict[str, object]:
        """The panel as the board draws it."""
        books, rates = self._found.books, self._rates()
        stores = [self._store(writer) for writer in self._writers]
        return {
            **books.totals(),
            "balanced": books.balanced and all(b.balanced for b in self._found.stores.values()),
            "overrun": self._ingest.overrun + self._link.overflow,
            "received_per_s": rates[-1][1] if rates else 0.0,
            "stored_per_s": rates[-1][2] if rates else 0.0,
            "series": rates,
            "kinds": {kind or "unknown": a.received for kind, a in books.kinds.items()},
            "books": {kind or "unknown": _account(a) for kind, a in books.kinds.items()},
            "refused_by_reason": self._found.reasons,
            "recent_refused": list(self._found.recent),
            **self._marks.view(),
            "store": stores[0],
            "stores": stores,
            "spool": {
                "used_bytes": self._found.used_bytes,
                "max_bytes": self._spool.max_bytes,
                "full": self._ingest.commits.full,
            },
            "broker": {
                "name": self._link.name,
                "state": "connected" if self._link.connected else "down",
                "since_ms": self._link.since_ns // 1_000_000,
                "why": self._link.fault,
            },
        }

    def _store(self, writer: Writer) -> dict[str, object]:
        """One store. `full` is the one for which the spool is full: it has most waiting."""
        waiting = {name: books.waiting for name, books in self._found.stores.items()}
        books = self._found.stores.get(writer.name, Books())
        slowest = waiting.get(writer.name, 0) >= max(waiting.values(), default=0)
        full = self._ingest.commits.full if slowest else ""
        return {
            "name": writer.name,
            "kind": writer.store.name,
            "state": "full" if full else writer.state,
            "since_ms": writer.since_ns // 1_000_000,
            "lag_s": round(writer.lag_s, 2),
            "stored": books.total.stored,
            "waiting": books.waiting,
            "balanced": books.balanced,
            "why": full or writer.why,
        }

    def _rates(self) -> list[list[float]]:
        """Readings per wall second over a sliding window: [wall ms, received, stored]."""
        found: list[list[float]] = []
        start = 0
        samples = list(self._samples)
        for i, (at, received, stored) in enumerate(samples):
            while at - samples[start][0] > RATE_S:
                start += 1
            span = at - samples[start][0]
            if span > 0 and i > 0:
                rate = [(received - samples[start][1]) / span, (stored - samples[start][2]) / span]
                found.append([round(at * 1000), *(round(r, 1) for r in rate)])
        return found


def _account(account: Account) -> dict[str, int]:
    """One kind as a row: what waits is what has been received and has not become anything yet."""
    return {
        "received": account.received,
        "stored": account.stored,
        "refused": account.refused,
        "duplicate": account.duplicate,
        "waiting": account.open,
    }


def _shown(refusal: RefusedPayload) -> dict[str, object]:
    return {
        "at_ms": refusal.received_ns // 1_000_000,
        "topic": refusal.topic,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "preview": _preview(refusal),
    }


def _preview(refusal: RefusedPayload) -> str:
    text = refusal.payload[:PREVIEW_BYTES].decode("utf-8", "backslashreplace")
    return text + (f" … {refusal.size} bytes" if refusal.size > PREVIEW_BYTES else "")
