"""What does the desk answer: a measure of an intersection over a stretch of time, quickly and never wrong?

An answer is kept until newer events of that stretch are in the store, and five minutes at most, for a cabinet
that was away may send old ones.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Final, NamedTuple, TypeVar

from gateway.config.words import no_such
from gateway.desk.catalog import Found, find
from gateway.desk.measuring import Logged, Question, answered
from gateway.desk.workbench import DeskError
from gateway.desk.worker import Worker
from gateway.reports.channels import Channels, of_city
from signal_control.eventlog import SECOND_NS
from signal_control.measures_live import BEFORE_NS
from signal_control.model import Intersection
from signal_control.street import Stop, street_through
from storage.store import Store

AHEAD_NS: Final = 600 * SECOND_NS
"""Read beyond the end, so that the last cycles are whole."""
KEPT_BYTES: Final = 48 << 20
KEPT_S: Final = 300.0
BINS_MIN: Final = (5, 15, 30, 60)
MS: Final = 1_000_000

T = TypeVar("T")
Stamp = tuple[int | None, ...]


class _Kept(NamedTuple):
    stamp: Stamp
    since_s: float
    body: bytes


class Desk:
    """Measures of one city's intersections from its store; close it in the end."""

    def __init__(
        self,
        intersections: Sequence[Intersection],
        store: Store,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.intersections = {x.id: x for x in intersections}
        self.store = store
        self._now_s = now_s
        self._worker = Worker()
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self.hits = 0

    async def measure(
        self, name: str, at: str, from_ms: int, to_ms: int, bin_min: int = 15, each: bool = False
    ) -> bytes:
        """The answer as gzipped JSON. Raises DeskError, and StoreUnavailable."""
        question, found = self._checked(name, at, from_ms, to_ms, bin_min, each)
        stops = street_through(tuple(self.intersections.values()), at) if found.street else []
        ids = [stop.id for stop in stops] if found.street else [at]
        stamp = await self._stamp(ids, question.span)
        kept = self._kept.get(question)
        if kept is not None and kept.stamp == stamp and self._now_s() - kept.since_s < KEPT_S:
            self._kept.move_to_end(question)
            self.hits += 1
            return kept.body
        body = await self._computed(question, found, ids, stops)
        self._keep(question, _Kept(stamp, self._now_s(), body))
        return body

    def intersection(self, at: str) -> Intersection:
        """The intersection `at`. Raises DeskError with the choices."""
        if at not in self.intersections:
            raise DeskError(no_such("intersection", at, self.intersections))
        return self.intersections[at]

    async def work(self, work: Callable[..., T], *words: object) -> T:
        """What `work(*words)` returns or raises, computed in the process beside the city."""
        return await self._worker.run(work, *words)

    def close(self) -> None:
        """End the process that computes."""
        self._worker.close()

    def _checked(
        self, name: str, at: str, from_ms: int, to_ms: int, bin_min: int, each: bool
    ) -> tuple[Question, Found]:
        try:
            found = find(name)
        except ValueError as error:
            raise DeskError(str(error), 404) from error
        self.intersection(at)
        if bin_min not in BINS_MIN:
            raise DeskError(f"bins of {bin_min} minutes; there are: {', '.join(map(str, BINS_MIN))}", 422)
        if each and not found.has_each:
            raise DeskError(f"{found.name} has no single happenings; leave `each` out", 422)
        if not 0 <= from_ms < to_ms < 4_102_444_800_000:
            raise DeskError(f"from {from_ms} must be before to {to_ms}, ms since the epoch", 422)
        most_s = found.most_s(each)
        if to_ms - from_ms > most_s * 1000:
            asked_h = (to_ms - from_ms) / 3.6e6
            raise DeskError(
                f"{asked_h:.0f} h are too long for {found.name}; at most {most_s / 3600:g} h", 422
            )
        span = (from_ms * MS, to_ms * MS)
        return Question(found.name, at, span, bin_min * 60 * SECOND_NS, each), found

    async def _stamp(self, ids: Sequence[str], span: tuple[int, int]) -> Stamp:
        """When the newest events of the stretch happened: what is newer makes an answer old."""
        newest = [self.store.rows("hires", id_, ["code"], span[0], span[1] + AHEAD_NS, 1) for id_ in ids]
        return tuple(rows[0][0] if rows else None for rows in await asyncio.gather(*newest))

    async def _computed(
        self, question: Question, found: Found, ids: Sequence[str], stops: Sequence[Stop]
    ) -> bytes:
        own = {id_: self.intersections[id_] for id_ in ids}
        channels: Channels = of_city(own.values(), found.detectors) if found.detectors else {}
        logs = [await self.logged(id_, question.span) for id_ in ids]
        models = own if found.kind == "study" else {}
        try:
            return await self._worker.run(answered, question, logs, models, channels, list(stops))
        except ValueError as error:
            raise DeskError(str(error), 422) from error
        except BrokenProcessPool as error:
            raise DeskError("the process that computes measures died twice of this one", 500) from error

    async def logged(self, id_: str, span: tuple[int, int]) -> Logged:
        """What an intersection logged in a stretch of time, and a little around it (ns since the epoch)."""
        events = await self.store.events(id_, max(0, span[0] - BEFORE_NS), span[1] + AHEAD_NS)
        return Logged(id_, events.at_ns.tobytes(), events.code.tobytes(), events.param.tobytes())

    def _keep(self, question: Question, kept: _Kept) -> None:
        self._kept[question] = kept
        self._kept.move_to_end(question)
        while len(self._kept) > 1 and sum(len(k.body) for k in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)
