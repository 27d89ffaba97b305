"""How many bytes on disk, and how much CPU of its server, does a reading cost in each store?

Run as `python tests/bench/bench_disk.py [readings]`. Water meters (three numbers a reading) report every 15
minutes, in the order in which a city hears them; what is measured is a store that has come to rest.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from collectors.reading import Reading  # noqa: E402
from storage.connect import connect  # noqa: E402
from storage.spool import Spool  # noqa: E402
from tests.live.influx_server import influxd, victoria  # noqa: E402

DEVICES = 500
EVERY_NS = 900 * 10**9
T0_NS = 1_700_000_000_000_000_000
BATCH = 20_000
ROW = 500
"""Readings in one row of the spool: what gathers in 50 ms at 10,000 a second."""
REST_S = 12.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def readings(n: int) -> Iterator[list[Reading]]:
    """`n` readings in batches: counters that grow by a few litres, flows of three digits, a battery."""
    chance = random.Random(1)
    volumes = [500 + chance.random() * 1000 for _ in range(DEVICES)]
    batch = []
    for i in range(n):
        device, turn = i % DEVICES, i // DEVICES
        flow = round(max(0.0, chance.gauss(0.1, 0.2)), 3)
        volumes[device] += flow / 4
        fields = {"volume_m3": round(volumes[device], 3), "flow_m3_h": flow, "battery_v": 3.6}
        at_ns = T0_NS + turn * EVERY_NS + device * 450_000_000
        batch.append(
            Reading(
                "water",
                "bench",
                f"w-{device:06d}",
                at_ns,
                fields,
                {},
                0,
                at_ns + chance.randrange(10_000_000, 200_000_000),
            )
        )
        if len(batch) == BATCH or i == n - 1:
            yield batch
            batch = []


def used(folder: Path) -> int:
    """Bytes on disk of all files under `folder` (holes count nothing), without what programs say."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"]
    return sum(path.stat().st_blocks * 512 for path in files)


def child_cpu_s(before: set[int]) -> float:
    """CPU of the processes that were started since and still run, in seconds (Linux)."""
    total = 0.0
    for pid in children() - before:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(words[11]) + int(words[12])) * TICK_S
    return total


def children() -> set[int]:
    """Process ids of our children."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    return {int(pid) for pid in found.stdout.split() if Path(f"/proc/{pid}/stat").exists()}


async def measured(kind: str, settings: dict[str, object], folder: Path, n: int) -> float:
    """Write everything; returns the CPU of the store's process, in seconds."""
    before = children() if kind == "duckdb" else set()
    store = await connect(kind, settings, folder)
    done = 0
    for batch in readings(n):
        done += len(batch)
        await store.write(batch, done)
    await asyncio.sleep(0 if kind == "duckdb" else REST_S)
    cpu_s = child_cpu_s(before)
    await store.close()
    return cpu_s


@contextmanager
def patient_influxd(folder: Path) -> Iterator[str]:
    """An InfluxDB that moves what it has in memory into files after two seconds instead of ten minutes."""
    os.environ["INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION"] = "2s"
    os.environ["INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION"] = "4s"
    with influxd(folder) as url:
        yield url


Served = Callable[[Path], AbstractContextManager[str]]
SERVED: dict[str, Served] = {"influx": patient_influxd, "victoria": victoria}
SETTINGS: dict[str, dict[str, object]] = {"victoria": {"retention_days": 36_500}}


def in_spool(folder: Path, n: int) -> float:
    """Bytes of a reading while it waits in the spool."""
    spool = Spool(folder / "spool.db")
    for batch in readings(n):
        for i in range(0, len(batch), ROW):
            spool.append(batch[i : i + ROW])
    size = spool.bytes_used()
    spool.close()
    return size / n


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    found: dict[str, dict[str, float]] = {}
    for kind in ("duckdb", *SERVED):
        with tempfile.TemporaryDirectory(prefix="arterial-bench-") as name:
            folder, began_s = Path(name), time.monotonic()
            if kind in SERVED:
                with SERVED[kind](folder / "server") as url:
                    settings: dict[str, object] = {"url": url, **SETTINGS.get(kind, {})}
                    cpu_s = asyncio.run(measured(kind, settings, folder, n))
            else:
                cpu_s = asyncio.run(measured(kind, {}, folder, n))
            bytes_each = used(folder) / n
            found[kind] = {
                "bytes": round(bytes_each, 2),
                "cpu_s_per_million": round(cpu_s / n * 1e6, 2),
                "seconds": round(time.monotonic() - began_s, 1),
            }
    with tempfile.TemporaryDirectory(prefix="arterial-bench-") as name:
        found["spool"] = {"bytes": round(in_spool(Path(name), min(n, 200_000)), 2)}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
