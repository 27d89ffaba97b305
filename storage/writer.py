"""How do readings get from the spool into the store, whatever happens to the store meanwhile?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, Literal, TypeVar

from collectors.batch import kinds_of, merged
from collectors.reading import Reading
from storage.books import Column, Entry
from storage.doubt import Doubt, halves
from storage.spool import ROW_READINGS, Spool, SpoolFull
from storage.store import Rejected, Store, StoreFailed, StoreUnavailable

log = logging.getLogger(__name__)

OnRejected = Callable[[Sequence[Reading], str], Awaitable[None]]
"""Keeps readings that the store will never take, with the reason, durably on return."""
Pause = Callable[[float], Awaitable[None]]
T = TypeVar("T")

BATCH_READINGS: Final = 10_000
AGE_S: Final = 0.25
"""A batch that is not full waits no longer than this for more, after a busy one twice as long."""
BUSY_READINGS: Final = 2_000
FIRST_PAUSE_S: Final = 0.25
FULL_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
LONGEST_ASKED_S: Final = 300.0
"""A store that asks for a longer pause than this does not get it."""


class Writer:
    """Moves readings from `spool` to `store`, one batch in flight; once, as far as the store can tell.

    `run` ends only by cancellation (safe at any time) or by a fault of the spool itself. A store that is away
    does not reach the caller: `state` is "down" meanwhile, and readings wait in the spool.
    """

    def __init__(
        self,
        store: Store,
        spool: Spool,
        rejected: OnRejected | None = None,
        *,
        batch_readings: int = BATCH_READINGS,
        age_s: float = AGE_S,
        pause: Pause = asyncio.sleep,
        name: str = "",
    ) -> None:
        self.store, self.spool = store, spool
        self.name = name or store.name
        """Under which the spool keeps this store's position and books; two of one kind differ in it."""
        self.state: Literal["ok", "down"] = "ok"
        self.since_ns = time.time_ns()
        """Since when `state` is what it is (wall clock, ns since the epoch)."""
        self.why = ""
        """Why the state is down, in the store's words."""
        self.stored = self.duplicate = self.rejected = 0
        """Readings since this object was made; the books of the spool have them since ever."""
        self._on_rejected = rejected
        self._batch_readings, self._age_s, self._pause = batch_readings, age_s, pause
        self._hurry = asyncio.Event()
        self._empty = asyncio.Event()
        self._oldest_ns: int | None = None
        self._failures = 0

    @property
    def lag_s(self) -> float:
        """How long the oldest reading has been waiting for the store, in seconds."""
        return 0.0 if self._oldest_ns is None else max(0.0, (time.time_ns() - self._oldest_ns) / 1e9)

    lag = lag_s

    async def run(self) -> None:
        """Move readings until cancelled."""
        after = await self._resume()
        while True:
            rows = await asyncio.to_thread(self.spool.read, after, self._batch_readings)
            batch = merged([readings for _, readings in rows])
            if rows:
                with contextlib.suppress(StoreFailed):  # more behind it will tell whose fault it is
                    after = await self._transfer(batch, after, rows[-1][0])
            else:
                self._oldest_ns = None
                self._empty.set()
            if len(batch) + ROW_READINGS < self._batch_readings:
                await self._wait(2 * self._age_s if len(batch) >= BUSY_READINGS else self._age_s)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until the store has everything that is in the spool; False when that takes too long.

        `run` must be running.
        """
        self._hurry.set()
        try:
            async with asyncio.timeout(timeout_s):
                while await asyncio.to_thread(self.spool.waiting, self.name):
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            return False
        finally:
            self._hurry.clear()
        return True

    async def _resume(self) -> int:
        """Where to go on. What the store recorded and the spool did not (a crash between) is booked now."""
        after = await asyncio.to_thread(self.spool.position, self.name)
        recorded = await self._persist(self.store.position)
        if recorded is None or recorded > self.spool.last:  # it speaks of another spool
            return after
        while after < recorded:
            rows = await asyncio.to_thread(self.spool.read, after, self._batch_readings)
            known = [(row, readings) for row, readings in rows if row <= recorded]
            if not known:
                break
            entries = _entries("stored", merged([readings for _, readings in known]))
            after = known[-1][0]
            await self._settle(after, entries)
        return after

    async def _transfer(self, batch: Sequence[Reading], before: int, position: int) -> int:
        self._oldest_ns = await asyncio.to_thread(self.spool.oldest_ns, self.name)
        entries = await self._move(batch, before, position)
        await self._settle(position, entries)
        self._count(entries)
        return position

    async def _settle(self, position: int, entries: Sequence[Entry]) -> None:
        await self._with_room(lambda: asyncio.to_thread(self.spool.advance, self.name, position, entries))

    async def _with_room(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what needs some disk, also when it is so full that it must wait for somebody to make room."""
        while True:
            try:
                return await work()
            except SpoolFull as full:
                self.why = str(full)
                await self._pause(FULL_PAUSE_S)

    async def _move(self, batch: Sequence[Reading], before: int, position: int) -> list[Entry]:
        """Write `batch` in as many pieces as it needs; returns what became of its readings.

        Only the last piece carries `position`: until then the store has not got everything before it.
        """
        entries: list[Entry] = []
        pieces: list[Sequence[Reading]] = [batch]
        doubt = Doubt()
        good: Sequence[Reading] = ()
        while pieces:
            piece = pieces.pop()
            write = partial(self.store.write, piece, before if pieces else position)
            try:
                entries += _kept(piece, await self._persist(write, doubt.patience) or {})
                doubt.works()
                good = piece or good
            except StoreFailed as error:
                if not entries and (len(batch) == 1 or doubt.hopeless):
                    raise
                if doubt.suspect(piece) and good and await self._takes(good[:1], before):
                    await self._reject(piece, str(error))
                    entries += _entries("refused", piece)
                    pieces += [] if pieces else [()]
                else:
                    later, *soon = doubt.divided(piece)
                    pieces = [later, *pieces, *soon]
            except Rejected as error:
                doubt.works()
                bad, rest = _divided(piece, error)
                for why, readings in bad.items():
                    await self._reject(readings, why)
                    entries += _entries("refused", readings)
                pieces += rest or ([] if pieces else [()])
        return entries

    async def _takes(self, known: Sequence[Reading], before: int) -> bool:
        """Whether the store takes at this moment what it has already."""
        try:
            await self.store.write(known, before)
        except StoreUnavailable:
            return False
        return True

    async def _reject(self, readings: Sequence[Reading], why: str) -> None:
        log.warning("%s rejects %d readings of %s: %s", self.name, len(readings), readings[0].kind, why)
        if self._on_rejected is not None:
            await self._with_room(partial(self._on_rejected, readings, why))

    async def _persist(self, call: Callable[[], Awaitable[T]], patience: int = 1) -> T:
        """The result of `call`, however long the store is away. Raises Rejected, and StoreFailed when that
        has happened `patience` times."""
        while True:
            try:
                result = await call()
            except StoreFailed as error:
                await self._pause(self._down(error))
                patience -= 1
                if patience <= 0:
                    raise
            except StoreUnavailable as error:
                await self._pause(self._down(error))
            except Rejected:
                self._up()
                raise
            else:
                self._up()
                return result

    def _down(self, error: StoreUnavailable) -> float:
        """Note that the store is away; returns how long to leave it alone, in seconds."""
        self.why = str(error)
        if self.state == "ok":
            self.state, self.since_ns = "down", time.time_ns()
            log.warning("%s is away, readings wait in the spool: %s", self.name, error)
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        asked = min(error.retry_after_s or 0.0, LONGEST_ASKED_S)
        return max(asked, random.uniform(longest / 2, longest))

    def _up(self) -> None:
        self._failures, self.why = 0, ""
        if self.state == "down":
            self.state, self.since_ns = "ok", time.time_ns()
            log.info("%s is back", self.name)

    async def _wait(self, age_s: float) -> None:
        """Let readings gather; not while somebody drains."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(age_s):
                await self._hurry.wait()

    def _count(self, entries: Sequence[Entry]) -> None:
        total: Counter[str] = Counter()
        for name, _, n in entries:
            total[name] += n
        self.stored += total["stored"]
        self.duplicate += total["duplicate"]
        self.rejected += total["refused"]


def _kept(piece: Sequence[Reading], known: Mapping[str, int]) -> list[Entry]:
    """Entries for a piece that is in the store, `known` of which it had before, by kind."""
    found = kinds_of(piece)
    old: list[Entry] = [("duplicate", kind, n) for kind, n in known.items() if n]
    new = {kind: n - known.get(kind, 0) for kind, n in found.items()}
    return old + [("stored", kind, n) for kind, n in new.items() if n]


def _entries(name: Column, readings: Sequence[Reading]) -> list[Entry]:
    return [(name, kind, n) for kind, n in kinds_of(readings).items()]


def _divided(
    piece: Sequence[Reading], error: Rejected
) -> tuple[dict[str, list[Reading]], list[Sequence[Reading]]]:
    """The readings at fault by reason, and the pieces to try next, the last one first."""
    why = {id(reading): text for reading, text in error.faults}
    if not why.keys() & {id(reading) for reading in piece}:
        if len(piece) > 1:
            return {}, halves(piece)
        why = {id(reading): error.why for reading in piece}
    bad: dict[str, list[Reading]] = {}
    for reading in piece:
        if id(reading) in why:
            bad.setdefault(why[id(reading)], []).append(reading)
    good = [reading for reading in piece if id(reading) not in why]
    return bad, [good] if good else []
