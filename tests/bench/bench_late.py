"""What does a message cost until it is on disk when it comes late, or half of them do, beside a timely one?

Run as `python tests/bench/bench_late.py [--plain] [--profile]`. Messages of 1000 water meters go through the
ingest of production, without broker and store, in batches as large as a busy link hands out. Microseconds of
CPU per message; `--plain` judges in Python that is not compiled, as the first seconds after a start do.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gateway.clock import SystemClock
from gateway.config.settings import Settings
from gateway.intake.ingest import Ingest
from gateway.intake.pipeline import opened
from gateway.links.link import Message
from gateway.links.memory_link import MemoryLink

DEVICES = 1000
BATCH = 500
"""Messages that a link hands out at once."""
COMMIT = 4
"""Batches to a commit."""
HOUR_MS = 3_600_000
SETTINGS = Settings.model_validate(
    {
        "city": {"site": "bench"},
        "store": {"kind": "duckdb"},
        "sources": [{"topic": "arterial/{site}/water/{device}", "kind": "water"}],
        "quality": {"rules": [{"kind": "water", "field": "volume_m3", "slack": 1e9}]},
    }
)
LATE: dict[str, Callable[[int], bool]] = {
    "timely": lambda n: False,
    "late": lambda n: True,
    "mixed": lambda n: n // 7 % 2 == 0,
}
"""By name of the load: whether message `n` is late. Of `mixed` every device sends both."""


def messages(late: Callable[[int], bool]) -> Iterator[Message]:
    """Without end; late ones are six hours old."""
    n = 0
    while True:
        t = time.time_ns() // 1_000_000 - (6 * HOUR_MS if late(n) else 0)
        topic = f"arterial/bench/water/w-{n % DEVICES:04d}"
        body = b'{"t": %d, "volume_m3": %d.0, "flow_m3_h": 0.31, "battery_v": 3.6}' % (t + n // DEVICES, n)
        yield Message(topic, body, 1, False, n % 65_535 + 1, time.time_ns(), 1)
        n += 1


async def commits(ingest: Ingest, link: MemoryLink, source: Iterator[Message], n: int) -> float:
    """CPU seconds of `n` commits and what comes before them."""
    spent_s = 0.0
    for _ in range(n):
        batches = [list(islice(source, BATCH)) for _ in range(COMMIT)]
        before_s = time.process_time()
        for batch in batches:
            ingest.take(batch)
        await ingest.commits.commit(link)
        spent_s += time.process_time() - before_s
    return spent_s


async def measure(name: str, plain: bool, n: int, profile: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="arterial-bench-") as folder:
        async with opened(SETTINGS, Path(folder), SystemClock()) as pipeline:
            ingest, link, source = pipeline.ingest, MemoryLink(), messages(LATE[name])
            if not plain:
                ingest.quality.compile()
            await commits(ingest, link, source, 3)
            profiler = cProfile.Profile()
            if profile:
                threads = asyncio.to_thread
                asyncio.to_thread = _here  # type: ignore[assignment]
                profiler.enable()
            spent_s = await commits(ingest, link, source, n)
            if profile:
                profiler.disable()
                asyncio.to_thread = threads
            print(f"{name:8} {spent_s / n / BATCH / COMMIT * 1e6:8.1f} us/message", flush=True)
            if profile:
                pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


async def _here(function: Callable[..., object], *args: object) -> object:
    """So that the profile sees it."""
    return function(*args)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("loads", nargs="*", default=list(LATE), help=", ".join(LATE))
    options.add_argument("--commits", type=int, default=20)
    options.add_argument("--plain", action="store_true", help="judge in Python")
    options.add_argument("--profile", action="store_true", help="show where the time goes")
    given = options.parse_args()
    for name in given.loads:
        asyncio.run(measure(name, given.plain, given.commits, given.profile))


if __name__ == "__main__":
    main()
