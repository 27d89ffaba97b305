"""What `arterial devices` says and does on the files of a city, whether it runs or not, and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from gateway import board_client
from gateway.access.door import open_here
from gateway.access.guard import Rule, install, rules
from gateway.cli import app
from gateway.devices.facts import DeviceFacts, Facts
from gateway.devices.memory import FACTS, save
from gateway.devices.register import Registry, beside
from gateway.devices.route import add_devices
from storage.refused import Refused, RefusedPayload
from tests.gateway.devices.conftest import NOW_MS, Bench

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command on a folder with a stranger w-9, an open device p-1, and the site known."""
    registry = Registry(beside(tmp_path))
    registry.declare([], "demo", 1)
    registry.close()
    refused = Refused(tmp_path / "refused.sqlite")
    topic, why = "arterial/demo/water/w-9", "water: 'w-9' at 'demo' is not registered"
    refused.keep_all(
        [RefusedPayload(topic, b"{}", "unregistered", why, NOW_MS * 10**6, subject="demo/water/w-9")]
    )
    refused.close()
    facts = DeviceFacts({})
    gaps = [60_000] * 3
    known = Facts("demo", "p-1", ["power"], 1, NOW_MS * 10**6, NOW_MS, 42, 1, 0, 3.3, "V", gaps)
    facts.unpack(msgspec.msgpack.encode([known]))
    save(facts, tmp_path / FACTS)

    def invoke(*words: str) -> Result:
        var = () if "--url" in words else ("--var", str(tmp_path))
        return CliRunner().invoke(app, ["devices", *words, *var], env={"COLUMNS": "200"})

    return invoke


def test_the_list_shows_who_is_there_and_who_waits(run: Run) -> None:
    said = run("list")
    assert said.exit_code == 0
    lines = {line.split("│")[1].strip(): line for line in said.stdout.splitlines() if "│" in line}
    assert "quarantined" in lines["w-9"]
    assert "open" in lines["p-1"]
    assert "60 s" in lines["p-1"]
    assert "3.3 V" in lines["p-1"]
    assert "2 devices: 1 quarantined, 1 open" in said.stdout


def test_json_is_for_programs(run: Run) -> None:
    (found,) = json.loads(run("list", "--state", "quarantined", "--json").stdout)
    assert (found["id"], found["waiting"], found["topic"]) == ("w-9", 1, "arterial/demo/water/w-9")
    assert json.loads(run("show", "p-1", "--json").stdout)["interval_s"] == 60


def test_approved_retired_and_shown(run: Run) -> None:
    assert run("approve", "w-9", "--name", "Cellar", "--every", "15m").stdout == "w-9 is approved as water.\n"
    shown = run("show", "w-9").stdout
    assert "w-9 at demo: approved since" in shown
    assert "Cellar" in shown
    assert "expected 15 min" in shown
    assert run("retire", "w-9", "--why", "Sold.").stdout == "w-9 is retired.\n"
    assert "w-9 at demo: retired since" in run("show", "w-9").stdout


def test_add_and_import(run: Run, tmp_path: Path) -> None:
    assert (
        "w-1 is registered." in run("add", "w-1", "--kind", "water", "--lat", "48.2", "--lon", "16.3").stdout
    )
    assert (
        "registered like this already"
        in run("add", "w-1", "--kind", "water", "--lat", "48.2", "--lon", "16.3").stdout
    )
    (tmp_path / "more.csv").write_text("id,kind\nw-1,water\nw-2,water\n")
    assert "2 of 2 devices are new or changed" in run("import", str(tmp_path / "more.csv")).stdout
    assert "0 of 2 devices are new or changed" in run("import", str(tmp_path / "more.csv")).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--state", "new"), "no state 'new'; there are: approved, retired, quarantined, open"),
        (("show", "w-8"), "no device named 'w-8' (did you mean 'w-9'?); there are: p-1, w-9"),
        (("approve", "w-9", "--kind", "watr"), "kind: no kind named 'watr'; there are:"),
        (("add", "w 1"), "w 1: id:"),
        (("add", "w-1", "--every", "often"), "'often' is no length of time; for example 90s, 15m, 24h, 7d"),
        (("retire", "x-1"), "no device named 'x-1'"),
    ],
)
def test_errors_name_the_choices(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["devices", "list", "--var", str(tmp_path / "no")])
    assert result.exit_code == 1
    assert "name arterial's with --var, or its board with --url" in result.stderr


@pytest.fixture
def board(bench: Bench) -> FastAPI:
    web = FastAPI()
    install(web, open_here())
    add_devices(web, bench.attendance)
    return web


async def http(board: FastAPI, method: str, path: str, **more: Any) -> tuple[int, Any]:
    transport = httpx.ASGITransport(board, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.request(method, path, headers={"x-arterial-user": "anna"}, **more)
    return answer.status_code, answer.json()


async def test_over_http_a_stranger_is_seen_and_approved_and_it_takes_effect(
    board: FastAPI, bench: Bench
) -> None:
    await bench.say("arterial/demo/water/w-9", json.dumps({"t": NOW_MS, "volume_m3": 1.5}).encode())
    status, found = await http(board, "GET", "/api/devices", params={"state": "quarantined"})
    assert (status, found["total"], found["devices"][0]["id"]) == (200, 1, "w-9")
    status, view = await http(board, "POST", "/api/devices/approve", json={"id": "w-9", "name": "Cellar"})
    assert (status, view["state"], view["declared"]["name"]) == (200, "approved", "Cellar")
    await bench.until(lambda: len(bench.heard) == 1)
    assert "anna" in bench.changes[0].who
    status, found = await http(board, "GET", "/api/devices/w-9")
    assert found["readings"] == 1
    status, view = await http(board, "POST", "/api/devices/retire", json={"id": "w-9", "why": "Sold."})
    assert (status, view["state"]) == (200, "retired")
    added = {"devices": [{"id": "w-1", "kind": "water"}]}
    assert await http(board, "POST", "/api/devices", json=added) == (200, {"changed": 1})


async def test_over_http_errors_name_the_choices(board: FastAPI, bench: Bench) -> None:
    status, said = await http(board, "POST", "/api/devices/approve", json={"id": "w-8"})
    assert (status, "no device named 'w-8'" in said["error"]) == (422, True)
    assert (await http(board, "GET", "/api/devices/w-8"))[0] == 404
    assert (await http(board, "POST", "/api/devices/approve", json={"id": "w-8", "knd": "x"}))[0] == 422


async def test_looking_is_for_viewers_and_changing_for_engineers(board: FastAPI) -> None:
    found = {(methods, path): rule for methods, path, rule in rules(board)}
    assert {rule for (methods, _), rule in found.items() if "GET" in methods} == {Rule("viewer")}
    assert {rule for (methods, _), rule in found.items() if "POST" in methods} == {Rule("engineer")}
    assert len(found) == 5


def test_the_command_asks_a_board_with_url(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path, json.loads(request.content or b"null")))
        return httpx.Response(200, json={"kinds": ["water"], "devices": [], "changed": 1})

    monkeypatch.setattr(board_client, "_transport", httpx.MockTransport(answer))
    assert "w-9 is approved as water" in run("approve", "w-9", "--url", "http://far:8321").stdout
    assert run("list", "--url", "http://far:8321").stdout == "0 devices\n"
    assert asked == [
        ("POST", "/api/devices/approve", {"id": "w-9", "site": ""}),
        ("GET", "/api/devices", None),
    ]
