"""Does the board serve its page, its numbers and its switch, and to nobody else's page?"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from gateway.board.server import STATIC, build

OWN = "http://127.0.0.1:8321"


class City:
    """A BoardView that counts what it is asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.switched: list[tuple[str, str | None]] = []

    def city(self) -> dict[str, Any]:
        return {
            "name": "Test",
            "strategies": [{"name": "fixed_time", "doc": ""}, {"name": "max_pressure", "doc": ""}],
            "intersections": [{"id": "x1"}, {"id": "x2"}],
        }

    def live(self) -> dict[str, Any]:
        self.asked += 1
        return {"now_ms": 1, "bad": float("nan")}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None:
        if intersection == "x2":
            raise KeyError("x2 takes no orders; there are: x1")
        self.switched.append((strategy, intersection))


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def client(city: City) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(build(city, names=["board.example"])), base_url=OWN
    )


async def test_the_page_allows_nothing_but_its_own_files(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_every_file_the_page_names_is_served(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    paths = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(paths) > 5
    for path in paths:
        assert (await client.get(path)).status_code == 200, path


async def test_modules_come_as_javascript_and_are_asked_for_again(client: httpx.AsyncClient) -> None:
    module = await client.get("/static/js/main.js")
    assert "javascript" in module.headers["content-type"]
    assert module.headers["cache-control"] == "no-cache"
    again = await client.get("/static/js/main.js", headers={"if-none-match": module.headers["etag"]})
    assert again.status_code == 304


async def test_vendored_files_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    chart = await client.get("/static/vendor/uplot-1.6.32/uPlot.esm.js")
    assert "immutable" in chart.headers["cache-control"]
    assert (STATIC / "vendor/uplot-1.6.32/LICENSE").read_text().startswith("The MIT License")


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/static/../server.py", "/static/%2e%2e/server.py"]
)
async def test_nothing_else_is_told(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_numbers_are_json_and_never_cached(client: httpx.AsyncClient) -> None:
    live = await client.get("/api/live")
    assert live.json() == {"now_ms": 1, "bad": None}
    assert live.headers["cache-control"] == "no-store"
    assert (await client.get("/api/city")).json()["name"] == "Test"
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_many_watchers_cost_the_city_one_look(client: httpx.AsyncClient, city: City) -> None:
    for _ in range(20):
        await client.get("/api/live")
    assert city.asked == 1


async def test_a_switch_reaches_the_city(client: httpx.AsyncClient, city: City) -> None:
    answer = await client.post(
        "/api/strategy", json={"strategy": "fixed_time", "intersection": "x1"}, headers={"origin": OWN}
    )
    assert answer.status_code == 200
    await client.post("/api/strategy", json={"strategy": "max_pressure"})
    assert city.switched == [("fixed_time", "x1"), ("max_pressure", None)]


@pytest.mark.parametrize(
    ("wish", "status", "told"),
    [
        ({"strategy": "max_presure"}, 422, "there are: fixed_time, max_pressure"),
        ({"strategy": "fixed_time", "intersection": "x9"}, 404, "there are: x1, x2"),
        ({"strategy": "fixed_time", "intersection": "x2"}, 404, "there are: x1"),
        ({"strategy": "fixed_time", "speed": 3}, 422, "speed"),
        ({}, 422, "strategy"),
    ],
)
async def test_a_wrong_switch_is_told_the_choices(
    client: httpx.AsyncClient, city: City, wish: dict[str, Any], status: int, told: str
) -> None:
    answer = await client.post("/api/strategy", json=wish)
    assert answer.status_code == status
    assert told in answer.text
    assert city.switched == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example:8321", "origin": "http://evil.example:8321"},
        {"host": "[bad"},
    ],
)
async def test_a_foreign_page_cannot_switch(
    client: httpx.AsyncClient, city: City, headers: dict[str, str]
) -> None:
    answer = await client.post("/api/strategy", json={"strategy": "fixed_time"}, headers=headers)
    assert answer.status_code == 403
    assert city.switched == []


async def test_a_configured_name_is_ours(client: httpx.AsyncClient, city: City) -> None:
    headers = {"host": "board.example", "origin": "https://board.example"}
    answer = await client.post("/api/strategy", json={"strategy": "fixed_time"}, headers=headers)
    assert answer.status_code == 200


def test_the_page_never_reads_what_arrives_as_markup() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser"
    )
    for module in (STATIC / "js").glob("*.js"):
        assert not forbidden.search(module.read_text()), module.name


def test_the_page_loads_nothing_from_elsewhere() -> None:
    ours = [*STATIC.glob("*.html"), *(STATIC / "js").glob("*.js"), *(STATIC / "css").glob("*.css")]
    for file in ours:
        addresses = re.findall(r"https?://[^\s\"'`]+", file.read_text())
        assert [a for a in addresses if not a.startswith("http://www.w3.org/")] == [], file.name
    assert " style=" not in (STATIC / "index.html").read_text()
