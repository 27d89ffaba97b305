"""How fast does the desk answer over a day of many intersections that came through the real pipeline?

    python tests/bench/bench_desk.py FOLDER [--intersections 100] [--hours 24]

Made once and kept in FOLDER: the city file, its log, and the store that `arterial replay` filled through
broker, ingest and spool (about 1.5 MB an intersection and day). Then, from that store: each measure of one
intersection and day, and the fleet table. The best of three, for others may be busy on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from gateway.app import running
from gateway.config.settings import load
from gateway.desk.catalog import catalog
from gateway.desk.desk import Desk
from gateway.desk.fleet_route import told
from gateway.links.memory_link import MemoryLink
from storage.connect import connect
from tests.bench.desk_city import city, city_file, log_file, start_of_day

MS = 1_000_000
LIMIT_S, FLEET_LIMIT_S = 0.5, 1.0


class Stopped:
    """A clock that stands an hour after the day."""

    source, speed, profile_s, age_s = "system", 1.0, None, 0.0

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ns(self) -> int:
        return self._now_ms * MS


def made(folder: Path, intersections: int, hours: float) -> int:
    """Fill the folder unless it is; returns the begin of the day, ms."""
    begin, mark = folder / "begin", folder / "replayed"
    folder.mkdir(parents=True, exist_ok=True)
    if not begin.exists():
        there = city(intersections)
        city_file(folder / "city.toml", there)
        events = log_file(folder / "day.parquet", there, start_of_day(), hours)
        begin.write_text(str(start_of_day()))
        print(f"{events:,} events of {intersections} intersections written")
    if not mark.exists():
        started = time.monotonic()
        words = ["replay", str(folder / "day.parquet"), "--config", str(folder / "city.toml")]
        program = [sys.executable, "-c", "import gateway.cli; gateway.cli.main()"]
        subprocess.run([*program, *words, "--var", str(folder / "var")], check=True)
        mark.write_text(f"{time.monotonic() - started:.0f} s")
    return int(begin.read_text())


async def bench_measures(folder: Path, begin_ms: int, end_ms: int) -> None:
    """Each measure of one intersection over the day, nothing kept from before."""
    settings = load(folder / "city.toml")
    store = await connect("duckdb", {}, folder / "var")
    at = settings.intersections[len(settings.intersections) // 2].id
    desk = Desk(settings.intersections, store)
    started = time.perf_counter()
    events = await store.events(at, begin_ms * MS, end_ms * MS)
    print(f"{at}: {len(events):,} events read in {time.perf_counter() - started:.3f} s")
    await desk.measure("has_data", at, begin_ms, end_ms)
    print(f"{'measure':32} {'wall s':>8} {'CPU s':>8} {'bytes':>8}   limit {LIMIT_S} s")
    for name, found in catalog().items():
        last = min(end_ms, begin_ms + found.most_s() * 1000)
        for each in (False, True) if found.has_each else (False,):
            walls, cpus = [], []
            for shift in range(1, 4):
                started, used = time.perf_counter(), cpu_s()
                body = await desk.measure(name, at, begin_ms + shift, last, each=each)
                walls.append(time.perf_counter() - started)
                cpus.append(cpu_s() - used)
            late = "" if min(walls) < LIMIT_S else "  OVER"
            label = name + (" each" if each else "")
            print(f"{label:32} {min(walls):8.3f} {min(cpus):8.3f} {len(body):8}{late}")
    desk.close()
    await store.close()


def cpu_s() -> float:
    """CPU seconds of this process and of those beside it: the store's and the one that computes."""
    tasks = Path("/proc/self/task").glob("*/children")
    children = [pid for task in tasks for pid in task.read_text().split()]
    ticks = 0
    for pid in children:
        with contextlib.suppress(FileNotFoundError):
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


async def bench_fleet(folder: Path, begin_ms: int, end_ms: int) -> None:
    """The fleet table of the day, in a running city; its bins are measured first where they are not."""
    settings, clock = load(folder / "city.toml"), Stopped(end_ms + 3_600_000)
    async with running(settings, MemoryLink(), folder / "var", None, clock) as app:
        started = time.perf_counter()
        while True:
            found = await told(app.desk, app.roller, begin_ms, end_ms)
            bins = sum(line["bins"] for line in found["lines"])
            if bins >= len(found["lines"]) * (end_ms - begin_ms) // 900_000:
                break
            await asyncio.sleep(5)
        print(f"bins measured and stored after {time.perf_counter() - started:.0f} s")
        walls = []
        for _ in range(5):
            started = time.perf_counter()
            found = await told(app.desk, app.roller, begin_ms, end_ms)
            walls.append(time.perf_counter() - started)
        vehicles = sum(line["vehicles"] for line in found["lines"])
        print(
            f"fleet of {len(found['lines'])}: {min(walls):.3f} s of {FLEET_LIMIT_S} ({vehicles:,} vehicles)"
        )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("--intersections", type=int, default=100)
    words.add_argument("--hours", type=float, default=24.0)
    asked = words.parse_args()
    begin_ms = made(asked.folder, asked.intersections, asked.hours)
    end_ms = begin_ms + round(asked.hours * 3_600_000)
    asyncio.run(bench_measures(asked.folder, begin_ms, end_ms))
    asyncio.run(bench_fleet(asked.folder, begin_ms, end_ms))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"CPU of the processes beside: {children.ru_utime + children.ru_stime:.0f} s; load {os.getloadavg()}"
    )


if __name__ == "__main__":
    main()
