"""Does everything in the spool reach the store, whatever the store does, and do the books balance?"""

import asyncio
import contextlib

import pytest

from storage.writer import Writer


@contextlib.asynccontextmanager
async def running(store, spool, **options):
    async def no_pause(seconds):
        pauses.append(seconds)
        await asyncio.sleep(0)

    pauses: list[float] = []
    refused = []

    async def rejected(readings, why):
        refused.extend((reading, why) for reading in readings)

    writer = Writer(store, spool, rejected, age_s=0.001, pause=no_pause, **options)
    task = asyncio.create_task(writer.run(), name="writer")
    try:
        yield writer, refused, pauses
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_readings_reach_the_store_and_the_books_balance(store, spool, hires, water):
    spool.append([*hires(30), water()])
    async with running(store, spool) as (writer, _, _):
        spool.append(hires(10, first=30))
        assert await writer.drain(10)
        assert len(store.kept) == 41
        assert (writer.stored, writer.state, writer.lag_s) == (41, "ok", 0.0)
    books = spool.books("memory")
    assert books.balanced
    assert books.kinds["hires"].stored == 40
    assert spool.bytes_used() == 0


async def test_a_store_that_is_away_costs_nothing_but_time(store, spool, hires):
    store.away = 7
    spool.append(hires(30))
    async with running(store, spool) as (writer, _, pauses):
        assert await writer.drain(10)
        assert (writer.state, writer.why) == ("ok", "")
    assert len(store.kept) == 30
    assert len(pauses) == 7
    assert pauses[-1] > pauses[0]
    assert spool.books("memory").balanced


async def test_the_state_tells_that_the_store_is_away_and_why(store, spool, hires):
    store.away = 10**9
    spool.append(hires(30))

    async with running(store, spool) as (writer, _, _):
        assert not await writer.drain(0.05)
        async with asyncio.timeout(10):
            while writer.state != "down":
                await asyncio.sleep(0.001)
        assert writer.why == "gone fishing"
    assert spool.waiting("memory") == 30
    assert spool.books("memory").balanced


async def test_the_pause_that_a_store_asks_for_is_granted_within_reason(store, spool, hires):
    store.away, store.retry_after_s = 1, 40.0
    spool.append(hires(1))
    async with running(store, spool) as (writer, _, pauses):
        assert await writer.drain(10)
    assert pauses == [40.0]


@pytest.mark.parametrize("says_which", [True, False])
async def test_bad_readings_never_cost_their_neighbours(store, spool, hires, water, says_which):
    store.refuses = lambda reading: reading.tie in (3, 17) or reading.kind == "water"
    store.says_which, store.recorded = says_which, 0
    last = spool.append([*hires(30), water(), water(device="w-0002")])
    async with running(store, spool) as (writer, refused, _):
        assert await writer.drain(10)
        assert writer.rejected == 4
    assert sorted(reading.tie for reading, _ in refused if reading.kind == "hires") == [3, 17]
    assert len(store.kept) == 28
    assert store.recorded == last
    books = spool.books("memory")
    assert books.balanced
    assert (books.total.refused, books.total.stored) == (4, 28)


async def test_a_batch_that_is_bad_throughout_is_refused_and_the_flow_goes_on(store, spool, hires, water):
    store.refuses = lambda reading: reading.kind == "hires"
    spool.append(hires(9))
    spool.append([water()])
    async with running(store, spool, batch_readings=9) as (writer, refused, _):
        assert await writer.drain(10)
    assert (len(refused), len(store.kept)) == (9, 1)


async def test_what_the_store_had_already_is_booked_as_duplicate(store, spool, hires):
    spool.append(hires(10))
    spool.append(hires(10))
    async with running(store, spool) as (writer, _, _):
        assert await writer.drain(10)
    books = spool.books("memory")
    assert (books.total.stored, books.total.duplicate, books.balanced) == (10, 10, True)


async def test_after_a_crash_between_store_and_spool_nothing_is_written_twice(store, spool, hires):
    store.recorded = spool.append(hires(10))
    spool.append(hires(5, first=10))
    async with running(store, spool) as (writer, _, _):
        assert await writer.drain(10)
    assert sum(store.writes) == 5
    books = spool.books("memory")
    assert (books.total.stored, books.balanced) == (15, True)


async def test_a_position_from_another_spool_is_not_believed(store, spool, hires):
    last = spool.append(hires(10))
    store.recorded = last + 10**9
    async with running(store, spool) as (writer, _, _):
        assert await writer.drain(10)
    assert len(store.kept) == 10
    assert store.recorded == last


@pytest.mark.parametrize("recorded", [None, 0])
@pytest.mark.parametrize("place", ["position", "asked", "kept"])
async def test_cancelled_anywhere_and_started_again_the_books_balance(store, spool, hires, place, recorded):
    spool.append(hires(30))
    store.refuses = lambda reading: reading.tie == 7
    store.stops_at, store.recorded = place, recorded
    async with running(store, spool):
        await store.reached.wait()
    store.stops_at = ""
    async with running(store, spool) as (again, _, _):
        spool.append(hires(5, first=30))
        assert await again.drain(10)
    assert len(store.kept) == 34
    assert spool.waiting("memory") == 0
    assert spool.books("memory").balanced


async def test_batches_are_bounded(store, spool, hires):
    for i in range(10):
        spool.append(hires(10, first=10 * i))
    async with running(store, spool, batch_readings=25) as (writer, _, _):
        assert await writer.drain(10)
    assert max(store.writes) <= 25
    assert len(store.kept) == 100
