"""Does a reading at which a store always fails stand in nobody's way, and is no other one blamed?"""

import asyncio
import contextlib

import pytest

from storage.store import StoreFailed
from storage.writer import Writer


@contextlib.asynccontextmanager
async def writing(store, spool):
    async def no_pause(seconds):
        await asyncio.sleep(0)

    async def rejected(readings, why):
        refused.extend(readings)

    refused = []
    task = asyncio.create_task(Writer(store, spool, rejected, age_s=0.001, pause=no_pause).run())
    try:
        yield refused
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Fails:
    """A store that answers 500 to `bad` readings, and to everything for the first `down` calls."""

    def __init__(self, store, bad=lambda reading: False, down=0):
        self.store, self.bad, self.down, self.name, self.calls = store, bad, down, store.name, 0

    async def write(self, batch, position):
        self.calls += 1
        self.down -= self.down > 0
        if self.down or any(map(self.bad, batch)):
            raise StoreFailed("panic")
        return await self.store.write(batch, position)

    async def position(self):
        return None


async def until(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("bad", [{0}, {299}, {17, 18, 150}, set(range(0, 300, 30))])
async def test_only_the_readings_at_fault_are_refused(store, spool, hires, bad):
    readings = hires(300)
    marked = {readings[i].key_ns for i in bad}
    spool.append(readings)
    async with writing(Fails(store, lambda r: r.key_ns in marked), spool) as refused:
        await until(lambda: spool.waiting("memory") == 0)
    assert {r.key_ns for r in refused} == marked
    assert len(store.kept) == 300 - len(bad)
    assert spool.books("memory").balanced


async def test_a_store_that_fails_at_everything_for_long_refuses_nothing(store, spool, hires):
    spool.append(hires(300))
    failing = Fails(store, down=500)
    async with writing(failing, spool) as refused:
        await until(lambda: spool.waiting("memory") == 0)
    assert not refused
    assert len(store.kept) == 300
    assert failing.calls < 600


async def test_a_single_reading_is_judged_once_there_is_another_to_compare(store, spool, hires):
    first, *rest = hires(3)
    spool.append([first])
    failing = Fails(store, lambda r: r.key_ns == first.key_ns)
    async with writing(failing, spool) as refused:
        await until(lambda: failing.calls > 20)
        assert not refused
        spool.append(rest)
        await until(lambda: spool.waiting("memory") == 0)
    assert refused == [first]
    assert len(store.kept) == 2
