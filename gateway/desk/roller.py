"""How does every quarter of an hour of every intersection get measured once it is over?

The bins go the way of every reading, spool and store, so that a table of the whole fleet reads some hundred
of them an intersection instead of a hundred thousand events. A bin is measured again when events of it came
late: every hour the last day is counted. Of several readings of one bin the last counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from collectors.reading import Reading
from gateway.desk.bins import binned, counted
from gateway.desk.desk import AHEAD_NS, Desk
from signal_control.eventlog import BIN_NS, SECOND_NS
from storage.store import StoreUnavailable

log = logging.getLogger(__name__)

SETTLE_NS: Final = AHEAD_NS + 60 * SECOND_NS
"""A bin is measured so long after its end: what reaches into it has happened, and arrived."""
DAY_NS: Final = 86_400 * SECOND_NS
HOUR_NS: Final = 3_600 * SECOND_NS
PAUSE_S: Final = 15.0
KIND: Final = "signal_bin"

Offer = Callable[[Sequence[Reading]], None]
Span = tuple[int, int]


class Roller:
    """Measures bins as they end; `want` asks for older ones. Times are the city's, ns since the epoch."""

    def __init__(self, desk: Desk, site: str, offer: Offer, now_ns: Callable[[], int]) -> None:
        self._desk, self._site, self._offer, self._now_ns = desk, site, offer, now_ns
        self._known: dict[tuple[str, int], int] = {}
        self._next_ns: dict[str, int] = {}
        self._counted_ns = 0
        self._wanted: Span | None = None
        self._woken = asyncio.Event()
        self.measuring = False
        """Whether an older stretch of time is being measured or waits for it."""

    async def run(self) -> None:
        """Measure what is over, again and again, until cancelled."""
        while True:
            try:
                await self.catch_up()
                pause_s = PAUSE_S
            except StoreUnavailable as error:
                log.warning("quarters of an hour wait to be measured: %s", error)
                pause_s = 4 * PAUSE_S
            self._woken.clear()
            try:
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def want(self, span: Span) -> None:
        """Have what is not measured of an older stretch of time measured soon; a newer wish replaces it."""
        if self._wanted != span:
            self._wanted, self.measuring = span, True
            self._woken.set()

    async def catch_up(self) -> None:
        """Measure all that is over and not measured. Raises StoreUnavailable."""
        over = self.over_ns()
        if over <= 0:
            return
        late = over - self._counted_ns >= HOUR_NS
        for id_ in self._desk.intersections:
            since = over - DAY_NS if late else self._next_ns.get(id_, over - DAY_NS)
            if since < over:
                await self._roll(id_, (since, over))
            self._next_ns[id_] = over
        self._counted_ns = over if late else self._counted_ns
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            span = (wanted[0] - wanted[0] % BIN_NS, min(over, wanted[1]))
            for id_ in self._desk.intersections:
                await self._roll(id_, span)
        self.measuring = self._wanted is not None

    def over_ns(self) -> int:
        """The end of the last bin that may be measured."""
        settled = self._now_ns() - SETTLE_NS
        return settled - settled % BIN_NS

    async def _roll(self, id_: str, span: Span) -> None:
        """Measure the bins of a stretch of time whose events are not those that were measured."""
        if span[0] >= span[1]:
            return
        logged = await self._desk.logged(id_, span)
        there = {start: n for start, n in counted(logged.log()).items() if span[0] <= start < span[1]}
        measured = await self._measured(id_, span)
        fresh = [start for start, n in sorted(there.items()) if measured.get(start, (0, 0))[0] != n]
        if not fresh:
            return
        found = await self._desk.work(binned, logged, self._desk.intersections[id_], fresh)
        readings = []
        for start, fields in found.items():
            self._known[id_, start] = int(fields["events"])
            tie = measured.get(start, (0, 0))[1]
            readings.append(
                Reading(KIND, self._site, id_, start, fields, tie=tie, received_ns=self._now_ns())
            )
        self._offer(readings)

    async def _measured(self, id_: str, span: Span) -> dict[int, tuple[int, int]]:
        """Of each bin the events that were measured, and how many readings of it there are."""
        found: dict[int, tuple[int, int]] = {}
        for at_ns, events in await self._desk.store.rows(KIND, id_, ["events"], *span, _most(span)):
            start = at_ns - at_ns % BIN_NS
            found[start] = (int(events or 0), found.get(start, (0, 0))[1] + 1)
        for (device, start), events in self._known.items():
            if device == id_ and span[0] <= start < span[1]:
                found[start] = (events, max(1, found.get(start, (0, 0))[1]))
        return found


def _most(span: Sequence[int]) -> int:
    """More rows than a stretch of time can have."""
    return 8 * ((span[1] - span[0]) // BIN_NS + 1)
