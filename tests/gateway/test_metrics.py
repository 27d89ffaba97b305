"""Does a scraper get well-formed metrics that balance, with labels that no device can choose?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families

from collectors.reading import Reading
from collectors.source import Source, Sources
from gateway.board.server import build
from gateway.cabinet import Reply
from gateway.clock import SystemClock
from gateway.config.settings import load
from gateway.intake.ingest import Ingest
from gateway.intake.pipeline import Pipeline
from gateway.intake.workers_metrics import CrewCollector
from gateway.links.link import Message
from gateway.links.memory_link import MemoryLink
from gateway.metrics import CityCollector, Exposition
from gateway.signals import Signals
from storage.refused import Refused
from storage.spool import Spool
from storage.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
DEMO = load(ROOT / "configs" / "demo.toml")
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
NOW_MS = 1_760_000_000_000


class Shelf:
    """A store in memory."""

    name = "shelf"

    async def write(self, batch: Sequence[Reading], position: int) -> Mapping[str, int]:
        return {}

    async def position(self) -> None:
        return None


class City:
    """A pipeline and controllers, driven by hand."""

    def __init__(self, folder: Path) -> None:
        self.spool, self.refused = Spool(folder / "spool.sqlite"), Refused(folder / "refused.sqlite")
        sources = Sources([Source(f"arterial/{{site}}/{k}/{{device}}", "json", k) for k in ("water", "gas")])
        self.ingest = Ingest(sources, self.spool, self.refused, SystemClock())
        self.link = MemoryLink()
        self.signals = Signals("demo", DEMO.intersections, "max_pressure")
        self.spool.keep_for(["near", "far"])
        writers = tuple(
            Writer(Shelf(), self.spool, name=name)
            for name in ("near", "far")  # type: ignore[arg-type]
        )
        pipeline = Pipeline(self.spool, self.refused, self.ingest, writers)
        self.exposition = Exposition(
            CityCollector(pipeline, self.link, self.signals, SystemClock(), lambda: {"x2": "not connected"})
        )

    async def take(self, topic: str, payload: bytes) -> None:
        """One message, on disk on return."""
        self.ingest.handle(Message(topic, payload, 1))
        await self.ingest.commits.commit(self.link)

    def families(self) -> dict[str, Metric]:
        """What a scrape brings, parsed."""
        text, _ = self.exposition.text("")
        return {family.name: family for family in text_string_to_metric_families(text.decode())}


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    made = City(tmp_path)
    for n in range(10):
        await made.take(f"arterial/demo/water/w-{n:04}", b'{"t": %d, "volume_m3": 1}' % (NOW_MS + n % 3))
    await made.take("arterial/demo/water/w-0000", b'{"t": %d, "volume_m3": 1}' % NOW_MS)
    await made.take("arterial/demo/gas/g-0001", b"{")
    for n in range(5):
        await made.take(f"arterial/demo/evil/{n}", b"\xff")
    first = made.spool.read(0, 4)[0][0]
    made.spool.advance("near", first, [("stored", "water", 1)])
    yield made
    made.spool.close()
    made.refused.close()


def values(family: Metric, **labels: str) -> list[float]:
    """The samples whose labels include these."""
    return [
        s.value for s in family.samples if labels.items() <= s.labels.items() and "_created" not in s.name
    ]


async def test_the_books_balance_in_every_store(city: City) -> None:
    found = city.families()
    for store in ("near", "far"):
        total = {
            column: sum(values(found[f"arterial_readings_{column}"], store=store))
            for column in ("received", "stored", "refused", "duplicate", "waiting")
        }
        assert total["received"] == 17
        assert total["received"] == sum(n for column, n in total.items() if column != "received")
        assert values(found["arterial_spool_readings"], store=store) == [total["waiting"]]
        assert values(found["arterial_books_balanced"], store=store) == [1]
    assert values(found["arterial_readings_stored"], store="near", kind="water") == [1]
    assert values(found["arterial_readings_waiting"], store="far", kind="water") == [10]
    assert values(found["arterial_readings_duplicate"], store="far", kind="water") == [1]


async def test_books_that_do_not_balance_are_told(city: City) -> None:
    city.spool.count("received", "gas", 3)
    found = city.families()
    assert values(found["arterial_books_balanced"]) == [0, 0]
    assert sum(values(found["arterial_readings_waiting"], store="far")) == 13
    assert values(found["arterial_spool_readings"], store="far") == [10]


async def test_refusals_are_counted_by_reason_and_fate(city: City) -> None:
    first = city.refused.oldest()[0].id
    city.refused.send([first], 1)
    city.refused.accept([("arterial/demo/gas/g-0001", b"{")])
    found = city.families()
    assert values(found["arterial_refused_payloads"], reason="malformed") == [1]
    assert values(found["arterial_refused_payloads"], reason="unknown_topic") == [5]
    assert values(found["arterial_refused_payloads_settled"], fate="accepted") == [1]
    assert values(found["arterial_refused_payloads_kept"]) == [5]


async def test_no_label_takes_a_value_that_a_device_chooses(city: City) -> None:
    before = {(s.name, *s.labels.values()) for f in city.families().values() for s in f.samples}
    for n in range(50):
        await city.take(f"arterial/demo/kind{n}/{n}", b"{}")
        await city.take(f"arterial/demo/gas/g-{n:04}", b"[]")
    after = {(s.name, *s.labels.values()) for f in city.families().values() for s in f.samples}
    assert {row for row in after - before if row[0] != "arterial_refused_payloads_total"} == set()
    assert len(after - before) <= 2


async def test_names_follow_the_conventions(city: City) -> None:
    found = city.families()
    assert "arterial_build_info" in {s.name for f in found.values() for s in f.samples}
    for name, family in found.items():
        assert re.fullmatch(r"(arterial|process)_[a-z_]+", name)
        assert family.documentation
        assert {sample.name for sample in family.samples} <= _allowed(family), name


def _allowed(family: Metric) -> set[str]:
    return {f"{family.name}_total", f"{family.name}_created"} if family.type == "counter" else {family.name}


async def test_control_is_counted_by_intersection(city: City) -> None:
    side = city.signals.dispatch("x1")
    state: dict[str, Any] = dict.fromkeys(("greens", "yellows", "red_clears", "walks", "ped_clears"), 0)
    state |= {"mode": "local", "plan": 1, "command": "", "greens": 0b100010}
    city.signals.observe(Reading("signal", "demo", "x1", NOW_MS * 10**6, state))
    (command,) = city.signals.tick(NOW_MS * 10**6 + 10**9).commands
    side.answered(Reply(NOW_MS, command.id, True))
    side.answered(Reply(NOW_MS, "old", False, "late"))
    found = city.families()
    assert values(found["arterial_commands"], intersection="x1") == [1]
    assert values(found["arterial_command_replies"], intersection="x1", answer="accepted") == [1]
    assert values(found["arterial_command_replies"], intersection="x1", answer="refused") == [1]
    assert values(found["arterial_command_silences"], intersection="x1") == [0]
    assert values(found["arterial_adaptive"], intersection="x1") == [1]
    assert values(found["arterial_adaptive"], intersection="x2") == [0]
    assert values(found["arterial_cabinet_trouble"], intersection="x1") == [0]
    assert values(found["arterial_cabinet_trouble"], intersection="x2") == [1]
    assert values(found["arterial_decision_age_seconds"], intersection="x1")[0] > 1000


async def test_connections_and_the_spool_are_told(city: City) -> None:
    city.link.disconnect()
    found = city.families()
    assert values(found["arterial_broker_up"]) == [0]
    assert values(found["arterial_store_up"]) == [1, 1]
    assert values(found["arterial_spool_bytes"])[0] > 0
    assert values(found["arterial_spool_oldest_age_seconds"], store="far")[0] >= 0
    assert values(found["arterial_spool_full"]) == [0]
    assert values(found["process_resident_memory_bytes"])[0] > 1e6


class View:
    """A board with nothing on it."""

    def city(self) -> dict[str, Any]:
        return {}

    def live(self) -> dict[str, Any]:
        return {}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None: ...


async def test_a_scraper_is_served_by_whatever_name_it_uses(city: City) -> None:
    board = httpx.ASGITransport(build(View(), metrics=city.exposition.text))
    async with httpx.AsyncClient(transport=board, base_url="http://arterial.internal:8321") as client:
        page = await client.get("/metrics", headers={"sec-fetch-site": "cross-site", "origin": "http://x"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/plain; version=")
        assert page.headers["cache-control"] == "no-store"
        assert list(text_string_to_metric_families(page.text))
        accept = {"accept": "application/openmetrics-text; version=1.0.0"}
        modern = await client.get("/metrics", headers=accept)
        assert modern.headers["content-type"].startswith("application/openmetrics-text")
        assert {f.name for f in open_families(modern.text)} >= {
            "arterial_readings_received",
            "arterial_build",
        }


async def test_every_metric_is_explained_to_people(city: City) -> None:
    city.signals.tick(NOW_MS * 10**6)
    ours = {s.name for f in city.families().values() for s in f.samples if s.name.startswith("arterial_")}
    ours = {name for name in ours if not name.endswith("_created")}
    crew = CrewCollector(Path("nowhere"), "shelf", lambda: {"worker-1": True})
    ours |= {s.name for f in crew.collect() for s in f.samples}
    named = set(re.findall(r"`(arterial_[a-z_]+)`", PAGE))
    assert named == ours
