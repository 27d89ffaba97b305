"""Do flags reach the disk, is what is known kept, and can one ask for it?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from collectors.reading import Reading
from gateway import board_client
from gateway.access.door import open_here
from gateway.access.guard import install
from gateway.board.origin import own_names
from gateway.cli import app
from gateway.clock import SystemClock
from gateway.config.settings import SettingsError, load
from gateway.devices.facts import Facts
from gateway.intake.pipeline import Pipeline, opened
from gateway.intake.stage import Stage
from gateway.links.memory_link import MemoryLink
from gateway.quality.quality import KEPT, Quality
from gateway.quality.route import add_health

CITY = '[city]\nsite = "demo"\n[[sources]]\ntopic = "arterial/{site}/water/{device}"\nkind = "water"\n'
MINUTE_NS = 60 * 10**9


class Noon(SystemClock):
    """A clock that is set by hand."""

    at_ns = 1_790_000_000_000_000_000 // (3600 * 10**9) * 3600 * 10**9

    def now_ns(self) -> int:
        return self.at_ns


def city(folder: Path, more: str = "") -> Path:
    path = folder / "city.toml"
    path.write_text(CITY + more, encoding="utf-8")
    return path


async def say(pipeline: Pipeline, clock: Noon, counts: list[float]) -> None:
    """One message a minute, each committed by itself."""
    link = MemoryLink()
    messages = link.messages()
    for count in counts:
        clock.at_ns += MINUTE_NS
        link.deliver("arterial/demo/water/w-1", b'{"t":%d,"volume_m3":%.3f}' % (clock.at_ns // 10**6, count))
        pipeline.ingest.take([await anext(messages)])
        await pipeline.ingest.commits.commit(link)


async def test_a_counter_that_is_set_back_is_flagged_on_disk_and_its_use_derived(tmp_path: Path) -> None:
    clock = Noon()
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [500 + n / 100 for n in range(20)])
        assert pipeline.spool.flagged() == {}
        await say(pipeline, clock, [n / 100 for n in range(20)])
        assert pipeline.spool.flagged() == {"reset": {"water": 1}, "substituted": {"consumption": 1}}
        books = pipeline.books().kinds
        assert books["water"].received == 40
        assert books["consumption"].received == 1
        assert [one.what for one in pipeline.ingest.quality.history("w-1")] == []
        assert pipeline.ingest.quality.look([], clock.at_ns, "", "demo")[0].fields["state"] == "over"
        assert [one.what for one in pipeline.ingest.quality.history("w-1")] == ["reset"]


async def test_what_is_known_of_counters_survives_a_restart(tmp_path: Path) -> None:
    clock = Noon()
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [500 + n / 100 for n in range(20)])
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [1.0])
        assert pipeline.spool.flagged() == {"reset": {"water": 1}}


async def test_after_a_kill_nothing_is_called_missing(tmp_path: Path) -> None:
    clock = Noon()
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [n / 100 for n in range(30)])
        pipeline.ingest.quality.save(tmp_path / KEPT, clean=False)
        killed = (tmp_path / KEPT).read_bytes()
    (tmp_path / KEPT).write_bytes(killed)
    clock.at_ns += 60 * MINUTE_NS
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [0.4, 0.41])
        assert "gap" not in pipeline.spool.flagged()
    clock.at_ns += 60 * MINUTE_NS
    async with opened(load(city(tmp_path)), tmp_path, clock) as pipeline:
        await say(pipeline, clock, [0.5])
        assert pipeline.spool.flagged()["gap"] == {"water": 1, "consumption": 1}


def test_a_file_that_cannot_be_read_is_said_and_left_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / KEPT).write_bytes(b"\x93nonsense")
    Quality().load(tmp_path / KEPT)
    assert "measured anew" in caplog.text


def test_judging_a_stage_twice_judges_it_once() -> None:
    stage, quality = Stage(), Quality()
    stage.keep(Reading("water", "demo", "w-1", 1_790_000_000_000_000_000, {"volume_m3": 1.0}))
    quality.judge(stage)
    quality.judge(stage)
    assert quality.judged == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[[quality.rules]]\nkind = "watr"\n', "no kind with bounds named 'watr'"),
        ('[[quality.rules]]\nkind = "water"\nfield = "volume_m3"\nhigh = 3\n', "no bound of water.volume_m3"),
        ('[[quality.feeds]]\nname = "gw"\ndevices = ["w/1"]\n', "no device is called"),
        ("[quality]\nconsumption = 60\n", "consumption"),
    ],
)
def test_a_city_file_that_means_nothing_is_answered(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(city(tmp_path, more))
    assert told in str(caught.value)


@pytest.fixture
def broken() -> Quality:
    quality = Quality()
    for second in range(1, 3600, 600):
        quality.look([], second * 10**9, "", "demo")
    at_ns = 3600 * 10**9
    facts = [
        Facts("demo", f"w-{n}", ["water"], last_ns=at_ns - n * 400 * 10**9, gaps_ms=[60_000] * 5)
        for n in (0, 1)
    ]
    quality.look(facts, at_ns, "", "demo")
    return quality


def test_one_can_ask_over_http_and_at_the_terminal(broken: Quality, monkeypatch: pytest.MonkeyPatch) -> None:
    web = FastAPI()
    install(web, open_here(own_names(())))
    add_health(web, broken)
    monkeypatch.setattr(board_client, "_transport", Sync(web))
    answer = board_client.get("http://127.0.0.1", "/api/health/devices", subject="w-1")
    assert [(one["what"], one["subject"]) for one in answer["open"]] == [("silent", "w-1")]
    found = CliRunner().invoke(app, ["health", "--url", "http://127.0.0.1"])
    assert found.exit_code == 2
    assert "w-1" in found.output
    assert "silent" in found.output
    well = CliRunner().invoke(app, ["health", "w-0", "--url", "http://127.0.0.1"])
    assert (well.exit_code, well.output) == (0, "w-0 is well, as far as anybody knows.\n")


class Sync(httpx.BaseTransport):
    """A web application answers requests that do not wait."""

    def __init__(self, web: FastAPI) -> None:
        self._transport = httpx.ASGITransport(web, client=("127.0.0.1", 5))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._transport.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


def test_findings_are_plain_json(broken: Quality) -> None:
    (found,) = msgspec.json.decode(msgspec.json.encode(broken.findings))
    assert found["scope"] == "device"
