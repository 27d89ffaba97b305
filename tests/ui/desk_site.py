"""What does a browser see of a city with data? The production board over a store that holds a morning."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from gateway.config.settings import load
from gateway.links.memory_link import MemoryLink
from gateway.serving import serve
from signal_control.eventlog import Log, ordered
from signal_control.model import Intersection
from storage.connect import connect
from tests.bench.desk_city import city, city_file, fill
from tests.live.ports import free_port

MIDNIGHT_MS: Final = 1_790_035_200_000
HOURS: Final = (6.5, 9.0)
FROM_MS, TO_MS = (MIDNIGHT_MS + round(h * 3_600_000) for h in HOURS)
PATIENCE_S: Final = 90.0


class Site(NamedTuple):
    """A running city: its address, its intersections and what each of them logged."""

    url: str
    intersections: tuple[Intersection, ...]
    logs: dict[str, Log]

    def desk(self, view: str, at: str = "s001") -> str:
        """The address of a view of the desk over all there is."""
        begin, end = (datetime.fromtimestamp(ms / 1000, UTC).isoformat()[:19] for ms in (FROM_MS, TO_MS))
        return f"{self.url}desk?view={view}&at={at}&from={begin}Z&to={end}Z"


class StoppedClock:
    """A clock that stands when the last quarter of an hour is over and measured."""

    source = "system"
    speed = 1.0
    profile_s: float | None = None
    age_s: float | None = 0.0

    def now_ns(self) -> int:
        """Nanoseconds since the epoch."""
        return (TO_MS + 720_000) * 1_000_000


@contextmanager
def running_site(var: Path) -> Iterator[Site]:
    """Two neighbouring intersections with a morning each, served until the block is left."""
    there, ready, port = city(2), threading.Event(), free_port()
    settings = load(city_file(var / "city.toml", there, port))
    loop = asyncio.new_event_loop()
    task: list[asyncio.Task[None]] = []
    logs: dict[str, Log] = {}

    async def run() -> None:
        logs.update(await _filled(there, var))
        work = serve(
            settings, MemoryLink(), var, None, StoppedClock(), ready.set, city_file=var / "city.toml"
        )
        task.append(asyncio.create_task(work))
        await asyncio.wait(task)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S), "the board did not start"
    try:
        yield Site(f"http://127.0.0.1:{port}/", there, logs)
    finally:
        loop.call_soon_threadsafe(task[0].cancel)
        thread.join(30)


async def _filled(there: tuple[Intersection, ...], var: Path) -> dict[str, Log]:
    store = await connect("duckdb", {}, var)
    try:
        await fill(store, there, MIDNIGHT_MS, HOURS[1], since_h=HOURS[0], seed=5)
        found = {x.id: await store.events(x.id, FROM_MS * 1_000_000, TO_MS * 1_000_000) for x in there}
        return {id_: ordered(e.at_ns, e.code, e.param) for id_, e in found.items()}
    finally:
        await store.close()
