"""Does the DuckDB store keep each reading exactly once, also when its process is killed?"""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys

import duckdb
import pytest
from pydantic import ValidationError

from storage.backends.embedded import connect
from storage.columns import sql_columns
from storage.duck import DuckFile
from storage.schema import Shape, declared
from storage.store import StoreUnavailable
from storage.writer import Writer


async def no_pause(seconds):
    await asyncio.sleep(0)


async def test_kill_9_of_the_database_in_the_middle_neither_loses_nor_repeats(tmp_path, spool, hires):
    for i in range(40):
        spool.append(hires(500, first=500 * i))
    store = await connect({}, tmp_path)
    writer = Writer(store, spool, age_s=0.001, batch_readings=1000, pause=no_pause)
    task = asyncio.create_task(writer.run(), name="writer")
    killed = set()
    while spool.waiting("duckdb"):
        done = spool.books("duckdb").total.stored
        if len(killed) < 2 and done >= 6000 * len(killed) and store.pid not in {None, *killed}:
            killed.add(store.pid)
            os.kill(store.pid, signal.SIGKILL)
        await asyncio.sleep(0)
    assert await writer.drain(10)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert len(killed) == 2
    assert await store.count("hires") == 20_000
    assert (await store.events("x1", 0, 2**62)).param.tolist() == [i % 32 for i in range(20_000)]
    assert spool.books("duckdb").balanced
    await store.close()


async def test_a_killed_database_is_unavailable_once_and_then_back(tmp_path, hires):
    store = await connect({}, tmp_path)
    await store.write(hires(10), 5)
    first = store.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(StoreUnavailable, match=f"process {first} has ended"):
        await store.count("hires")
    assert await store.position() == 5
    assert store.pid != first
    await store.close()
    assert store.pid is None
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.position()


async def test_a_cancelled_question_does_not_confuse_the_next(tmp_path, hires):
    store = await connect({}, tmp_path)
    await store.write(hires(10), 5)
    for _ in range(5):
        question = asyncio.create_task(store.devices("hires"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        question.cancel()
        assert await store.count("hires") == 10
    await store.close()


async def test_a_file_that_somebody_else_has_open_is_unavailable_and_does_not_stop_the_start(tmp_path):
    other = duckdb.connect(str(tmp_path / "arterial.duckdb"))
    store = await connect({}, tmp_path)
    with pytest.raises(StoreUnavailable, match="lock"):
        await store.position()
    other.close()
    assert await store.position() == 0
    await store.close()


async def test_settings_name_what_is_wrong(tmp_path):
    with pytest.raises(ValidationError, match="threads"):
        await connect({"threads": 0}, tmp_path)


PARENT = """
import asyncio, sys
from pathlib import Path
from storage.backends.embedded import connect

print("imported")
async def main():
    store = await connect({}, Path(sys.argv[1]))
    print(store.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_the_database_dies_with_its_parent_and_never_imports_the_parents_main(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline().strip() for _ in range(2)]
        assert lines[0] == "imported"
        os.kill(int(lines[1]), 0)
        os.kill(int(lines[1]), signal.SIGINT)
        database = os.pidfd_open(int(lines[1]))
        parent.kill()
        assert parent.stdout.read() == ""
    ended, _, _ = select.select([database], [], [], 60.0)
    os.close(database)
    assert ended, "the database outlives its parent"
    # the file is free: nobody is left who holds it
    duckdb.connect(str(tmp_path / "arterial.duckdb")).close()


def test_a_field_that_a_kind_gains_later_gets_its_column(tmp_path, water):
    path = str(tmp_path / "a.duckdb")
    old = DuckFile(path, {"water": Shape({"volume_m3": "int"})})
    old.write([water(fields={"volume_m3": 3})], 1)
    old.close()
    new = DuckFile(path, {"water": Shape({"volume_m3": "float", "flow_m3_h": "float"}, ("zone",))})
    new.write([water(at_ns=7, fields={"volume_m3": 1.5, "flow_m3_h": 0.1}, tags={"zone": "a"})], 2)
    assert new.count("water") == 2
    assert new.position() == 2
    new.close()
    rows = duckdb.connect(path).execute("SELECT volume_m3, flow_m3_h, zone FROM water ORDER BY 1").fetchall()
    assert rows == [(1.5, 0.1, "a"), (3.0, None, None)]


def test_a_file_of_before_there_were_flags_gets_their_column(tmp_path, water):
    path, schema = str(tmp_path / "a.duckdb"), {"water": declared()["water"]}
    with duckdb.connect(path) as db:
        kept = {name: kind for name, kind in sql_columns(schema["water"]).items() if name != "quality"}
        db.execute(f"CREATE TABLE water ({', '.join(f'{name} {kind}' for name, kind in kept.items())})")
    file = DuckFile(path, schema)
    file.write([water(1.0, 5), water(2.0, 6, quality=1)], 1)
    file.close()
    with duckdb.connect(path) as db:
        found = db.execute("SELECT volume_m3, quality FROM water ORDER BY 1").fetchall()
    assert found == [(1.0, None), (2.0, 1)]


def test_all_types_arrive_in_their_columns_and_missing_ones_are_null(tmp_path, water):
    path = str(tmp_path / "a.duckdb")
    shape = Shape({"f": "float", "i": "int", "s": "str", "b": "bool"})
    file = DuckFile(path, {"water": shape})
    full = {"f": 1, "i": -(2**63), "s": 'ü"\0', "b": False}
    one_each = [{name: value} for name, value in full.items()]
    file.write([water(at_ns=i, fields=fields) for i, fields in enumerate([full, *one_each])], 1)
    file.close()
    rows = duckdb.connect(path).execute("SELECT f, i, s, b FROM water ORDER BY time_ns").fetchall()
    assert rows[0] == (1.0, -(2**63), 'ü"\0', False)
    for n, name in enumerate(full):
        assert rows[n + 1] == tuple(rows[0][i] if other == name else None for i, other in enumerate(full))
