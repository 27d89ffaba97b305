"""How fast do readings come to rest, as a ratio to a plain baseline measured in the same run?

Run as `python tests/bench/bench_storage.py [readings]`. The baseline of the spool is the same bytes, written
to a file and fsynced; that of the store is a bare INSERT of ready columns in this process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec

from collectors.reading import Reading
from storage.columns import columns
from storage.connect import connect
from storage.schema import Shape
from storage.spool import Spool
from storage.writer import Writer

T0_NS = 1_700_000_000_000_000_000
APPEND = 500
BATCH = 20_000


def events(n: int) -> list[Reading]:
    """Events of three signals, ten at each tenth of a second."""
    return [
        Reading(
            "hires",
            "s",
            f"x{i % 3}",
            T0_NS + i // 10 * 100_000_000,
            {"code": i % 90, "param": i % 32},
            {},
            i % 10**6,
            T0_NS,
        )
        for i in range(n)
    ]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bench_append(folder: Path, appends: int = 200) -> None:
    """The spool against the same bytes, uncompressed, appended to a file and fsynced."""
    readings = events(APPEND)
    body = msgspec.msgpack.encode(readings)
    spool = Spool(folder / "append.db")
    file = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    spooled = plain = 0.0
    for _ in range(appends):
        spooled += seconds(lambda: spool.append(readings))
        plain += seconds(lambda: (os.write(file, body), os.fsync(file)))
    os.close(file)
    spool.close()
    print(
        f"spool append of {APPEND}: {spooled / appends * 1e3:.2f} ms ({APPEND * appends / spooled:,.0f}/s), "
        f"write+fsync {plain / appends * 1e3:.2f} ms, ratio {spooled / plain:.2f}"
    )


def bench_plain_insert(folder: Path, readings: list[Reading]) -> float:
    """Seconds for the bare inserts of columns made before, in this process."""
    shape = Shape({"code": "int", "param": "int"})
    made = [columns(readings[i : i + BATCH], shape) for i in range(0, len(readings), BATCH)]
    db = duckdb.connect(str(folder / "plain.duckdb"), config={"threads": 1})
    db.execute(
        "CREATE TABLE hires (time_ns BIGINT, received_ns BIGINT, site VARCHAR, device VARCHAR,"
        " code BIGINT, param BIGINT)"
    )

    def insert() -> None:
        for batch in made:
            db.register("batch", batch)
            db.execute("INSERT INTO hires SELECT * FROM batch")

    took = seconds(insert)
    db.close()
    return took


async def bench_store(folder: Path, readings: list[Reading], plain: float) -> None:
    """The store through its process, and then the whole way through spool and writer."""
    n = len(readings)
    store = await connect("duckdb", {"path": "direct.duckdb"}, folder)
    start = time.perf_counter()
    for i in range(0, n, BATCH):
        await store.write(readings[i : i + BATCH], i)
    took = time.perf_counter() - start
    await store.close()
    print(f"duckdb store: {n / took:,.0f}/s, bare insert {n / plain:,.0f}/s, ratio {took / plain:.2f}")

    store, spool = await connect("duckdb", {"path": "whole.duckdb"}, folder), Spool(folder / "whole.db")
    writer = Writer(store, spool)
    cpu = time.process_time()
    start = time.perf_counter()
    task = asyncio.create_task(writer.run(), name="writer")
    for i in range(0, n, APPEND):
        await asyncio.to_thread(spool.append, readings[i : i + APPEND])
    appended = time.perf_counter() - start
    await writer.drain(120)
    took = time.perf_counter() - start
    task.cancel()
    assert await store.count("hires") == n
    assert spool.books("duckdb").balanced
    print(
        f"spool, writer and duckdb: {n:,} events in {took:.2f} s ({n / took:,.0f}/s), "
        f"appended after {appended:.2f} s, parent CPU {time.process_time() - cpu:.2f} s"
    )
    await store.close()
    spool.close()


def main() -> None:
    readings = events(int(sys.argv[1]) if len(sys.argv) > 1 else 246_413)
    with tempfile.TemporaryDirectory(prefix="arterial-bench-") as name:
        folder = Path(name)
        bench_append(folder)
        plain = bench_plain_insert(folder, readings)
        asyncio.run(bench_store(folder, readings, plain))


if __name__ == "__main__":
    main()
