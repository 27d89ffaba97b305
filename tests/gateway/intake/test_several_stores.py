"""Do several stores each get everything, and does a dead one delay nobody?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.clock import SystemClock
from gateway.intake import commits
from gateway.intake import pipeline as pipelines
from gateway.intake.ingest import Ingest
from gateway.intake.pipeline import Pipeline
from gateway.links.memory_link import MemoryLink
from gateway.panels.pipeline import PipelinePanel
from storage.refused import Refused
from storage.spool import Spool
from storage.store import StoreUnavailable
from storage.writer import Writer


class Shelf:
    """A store in memory; while `away` it cannot be reached."""

    name = "shelf"

    def __init__(self, away: bool = False) -> None:
        self.kept: list[Reading] = []
        self.away = away

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        if self.away:
            raise StoreUnavailable("gone fishing")
        self.kept += batch
        return {}

    async def position(self) -> None:
        if self.away:
            raise StoreUnavailable("gone fishing")


@asynccontextmanager
async def moving(
    folder: Path, near: Shelf, far: Shelf, link: MemoryLink, max_bytes: int = 1 << 20
) -> AsyncIterator[Pipeline]:
    """A pipeline from `link` into both; stores are asked again at once."""
    spool, refused = Spool(folder / "spool.sqlite", max_bytes), Refused(folder / "refused.sqlite")
    sources = Sources([Source("arterial/{site}/water/{device}", "json", "water")])
    ingest = Ingest(sources, spool, refused, SystemClock())

    def writer(store: Shelf, name: str) -> Writer:
        async def pause(_: float) -> None:
            await asyncio.sleep(0.001)

        return Writer(store, spool, ingest.aside.reject, name=name, age_s=0.001, pause=pause)  # type: ignore[arg-type]

    async def receive() -> None:
        async for message in link.messages():
            ingest.handle(message)

    spool.keep_for(["near", "far"])
    made = Pipeline(spool, refused, ingest, (writer(near, "near"), writer(far, "far")))
    async with made.moving(link), asyncio.TaskGroup() as group:
        receiving = group.create_task(receive())
        yield made
        receiving.cancel()
    spool.close()
    refused.close()


def send(link: MemoryLink, numbers: range) -> None:
    """Water readings, one a millisecond."""
    for n in numbers:
        link.deliver("arterial/s/water/w-1", b'{"t": %d, "volume_m3": %d}' % (1_790_000_000_000 + n, n))


async def until(true: object) -> None:
    async with asyncio.timeout(30):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _short_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "DRAIN_S", 0.05)
    monkeypatch.setattr(commits, "FULL_PAUSE_S", 0.01)


async def test_a_dead_store_delays_no_other_and_gets_everything_when_it_is_back(tmp_path: Path) -> None:
    near, far, link = Shelf(), Shelf(away=True), MemoryLink()
    async with moving(tmp_path, near, far, link) as made:
        send(link, range(20))
        await until(lambda: made.books().total.stored == 20 and not link.unacknowledged)
        assert (made.spool.waiting("near"), made.spool.waiting("far")) == (0, 20)
        assert made.books().balanced
        far.away = False
        await until(lambda: len(far.kept) == 20 and made.spool.waiting("far") == 0)
        assert made.spool.books("far").balanced
        assert made.spool.bytes_used() == 0


async def test_the_board_tells_the_state_of_each_store(tmp_path: Path) -> None:
    near, far, link = Shelf(), Shelf(away=True), MemoryLink()
    async with moving(tmp_path, near, far, link) as made:
        panel = PipelinePanel(made.spool, made.refused, made.ingest, made.writers, link)
        send(link, range(3))
        await until(lambda: made.books().total.stored == 3 and made.writers[1].state == "down")
        panel.take(panel.read())
        view = panel.view()
        told = [(s["name"], s["kind"], s["state"], s["waiting"], s["why"]) for s in view["stores"]]  # type: ignore[attr-defined]
        assert told == [("near", "shelf", "ok", 0, ""), ("far", "shelf", "down", 3, "gone fishing")]
        assert view["store"] == view["stores"][0]  # type: ignore[index]
        assert (view["stored"], view["waiting"], view["balanced"]) == (3, 0, True)


async def test_a_store_away_until_the_spool_is_full_stops_acknowledgements_and_is_named(
    tmp_path: Path,
) -> None:
    near, far, link = Shelf(), Shelf(away=True), MemoryLink()
    async with moving(tmp_path, near, far, link, max_bytes=2000) as made:
        panel = PipelinePanel(made.spool, made.refused, made.ingest, made.writers, link)
        start = 0
        while not made.ingest.commits.full:
            send(link, range(start, start + 20))
            start += 20
            await until(lambda: made.ingest.commits.full or not link.unacknowledged)
        await until(lambda: made.spool.waiting("near") == 0)
        panel.take(panel.read())
        stores = panel.view()["stores"]
        assert [s["state"] for s in stores] == ["ok", "full"]  # type: ignore[attr-defined]
        assert "2000 bytes" in panel.view()["spool"]["full"]  # type: ignore[index]
        assert link.unacknowledged > 0
        far.away = False
        await until(lambda: link.unacknowledged == 0 and not made.ingest.commits.full)
