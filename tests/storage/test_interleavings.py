"""Whatever the order of adding, crashing, writing, failing and refusing: is everything somewhere, once?"""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from collectors.reading import Reading
from storage.spool import Spool, SpoolFull
from storage.store import Rejected, StoreFailed, StoreUnavailable
from storage.writer import Writer

DRAIN_S = 10.0
PLACES = ("", "asked", "kept", "position", "rejected", "panics")
"""Where the program may be killed; with the last one the store fails at everything, PANICS times, before."""
PANICS = 40


class MoodyMemory:
    """A store that keeps each key once, and lets the test choose what goes wrong."""

    name = "memory"

    def __init__(self, records_position: bool) -> None:
        self.kept: set[int] = set()
        self.recorded: int | None = 0 if records_position else None
        self.away = self.panics = 0
        self.stops_at, self.reached = "", asyncio.Event()

    async def write(self, batch, position):
        await self._mood("asked")
        if self.stops_at == "panics":
            self.panics += 1
            if self.panics > PANICS:
                await self.stop("panics")
            raise StoreFailed("panic")
        if any(r.fields["mood"] == "fails" for r in batch):
            raise StoreFailed("panic")
        if bad := [(r, "bad") for r in batch if r.fields["mood"] == "refused"]:
            raise Rejected(bad if len(batch) % 2 else (), "bad")
        known = sum(r.at_ns in self.kept for r in batch)
        self.kept |= {r.at_ns for r in batch}
        if self.recorded is not None:
            assert position >= self.recorded, "the position runs back"
            self.recorded = position
        await self.stop("kept")
        return {"water": known}

    async def position(self):
        await self._mood("position")
        return self.recorded

    async def _mood(self, place):
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")
        await self.stop(place)

    async def stop(self, place):
        if self.stops_at == place:
            self.reached.set()
            await asyncio.Event().wait()


class Interleavings(RuleBasedStateMachine):
    """A spool and its writer, killed and started again; `added` is what was acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.spool = Spool(self.folder / "s.db", max_bytes=20_000)
        self.store = MoodyMemory(records_position=True)
        self.added: set[int] = set()
        self.bad: set[int] = set()
        """Those of `added` that the store refuses or fails at."""
        self.refused: set[int] = set()
        self.next = 0

    @rule(moods=st.lists(st.sampled_from(["good"] * 8 + ["refused", "fails"]), min_size=1, max_size=30))
    def add(self, moods):
        readings = [
            Reading("water", "demo", "w-0001", self.next + i, {"volume_m3": float(i), "mood": mood}, {}, 0, 5)
            for i, mood in enumerate(moods)
        ]
        self.next += len(readings)
        with contextlib.suppress(SpoolFull):
            self.spool.append(readings)
            self.added |= {r.at_ns for r in readings}
            self.bad |= {r.at_ns for r in readings if r.fields["mood"] != "good"}

    @rule(records=st.booleans())
    def the_store_begins_or_ceases_to_record_its_position(self, records):
        self.store.recorded = self.spool.position("memory") if records else None

    @rule()
    def crash(self):
        self.spool.close()
        self.spool = Spool(self.folder / "s.db", max_bytes=20_000)

    @rule(place=st.sampled_from(PLACES), away=st.integers(0, 4), size=st.sampled_from([5, 2500]))
    def write(self, place, away, size):
        """Run the writer until it is killed at `place`, or has written everything."""
        self.store.away, self.store.stops_at, self.store.panics = away, place, 0
        asyncio.run(self._write(size))

    async def _write(self, size):
        async def no_pause(_):
            await asyncio.sleep(0)

        async def rejected(readings, why):
            self.refused |= {r.at_ns for r in readings}
            await self.store.stop("rejected")

        self.store.reached = asyncio.Event()
        writer = Writer(self.store, self.spool, rejected, batch_readings=size, age_s=0.001, pause=no_pause)
        task = asyncio.create_task(writer.run())
        ends = [asyncio.create_task(self.store.reached.wait()), asyncio.create_task(self._done())]
        done, _ = await asyncio.wait([*ends, task], timeout=DRAIN_S, return_when=asyncio.FIRST_COMPLETED)
        assert done, "the writer stands still"
        assert task not in done, task
        for each in (*ends, task):
            each.cancel()
        await asyncio.gather(*ends, task, return_exceptions=True)

    async def _done(self):
        """All that waits is what the store fails at: without others nobody knows whose fault it is."""
        while any(r.fields["mood"] != "fails" for r in self._waiting()):
            await asyncio.sleep(0.002)

    def _waiting(self):
        rows = self.spool.read(self.spool.position("memory"), 10**9)
        return [r for _, readings in rows for r in readings]

    @invariant()
    def the_books_balance(self):
        books = self.spool.books("memory")
        assert books.balanced, books
        assert books.total.received == len(self.added)

    @invariant()
    def everything_is_somewhere(self):
        waiting = {r.at_ns for r in self._waiting()}
        assert self.added <= self.store.kept | self.refused | waiting
        assert self.store.kept <= self.added - self.bad
        assert self.refused <= self.bad, "a good reading was refused"

    def teardown(self):
        self.add(["good", "good"])
        self.write("", 0, 2500)
        failing = {r.at_ns for r in self._waiting()}
        assert self.added <= self.store.kept | self.refused | failing
        self.spool.close()
        shutil.rmtree(self.folder)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=40,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a run with disks takes minutes
)
