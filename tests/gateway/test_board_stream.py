"""Does the board's websocket keep sending, end when it should, and stay closed to foreign pages?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.board import server


class City:
    """A BoardView that numbers its snapshots."""

    def __init__(self) -> None:
        self.looks = 0

    def city(self) -> dict[str, Any]:
        return {}

    def live(self) -> dict[str, Any]:
        self.looks += 1
        return {"look": self.looks}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None: ...


class Client:
    """One websocket client spoken to in plain ASGI; `stuck` never takes a message."""

    def __init__(self, headers: dict[str, str], stuck: bool = False) -> None:
        self.headers = {"host": "127.0.0.1:8321", **headers}
        self.stuck = stuck
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox.put_nowait({"type": "websocket.connect"})

    async def run(self, app: Any) -> None:
        raw = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        scope = {
            "type": "websocket", "path": "/ws", "raw_path": b"/ws", "query_string": b"", "headers": raw,
            "subprotocols": [], "scheme": "ws", "root_path": "",
            "server": ("127.0.0.1", 8321), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        await asyncio.wait_for(app(scope, self.outbox.get, self._take), 5)

    async def _take(self, message: Any) -> None:
        if self.stuck and message["type"] == "websocket.send":
            await asyncio.Event().wait()
        self.inbox.put_nowait(dict(message))

    def leave(self) -> None:
        self.outbox.put_nowait({"type": "websocket.disconnect", "code": 1001})


async def test_snapshots_keep_coming_until_the_client_leaves() -> None:
    client = Client({"origin": "http://127.0.0.1:8321"})
    running = asyncio.create_task(client.run(server.build(City(), period_s=0.01)))
    assert (await client.inbox.get())["type"] == "websocket.accept"
    looks = [json.loads((await client.inbox.get())["text"])["look"] for _ in range(3)]
    assert looks == sorted(looks)
    assert looks[-1] > looks[0]
    client.leave()
    await running


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"host": "evil.example", "origin": "http://evil.example"}]
)
async def test_a_foreign_page_may_not_listen(headers: dict[str, str]) -> None:
    client = Client(headers)
    await client.run(server.build(City()))
    answer = await client.inbox.get()
    assert (answer["type"], answer["code"]) == ("websocket.close", 1008)


async def test_a_slow_client_is_dropped_not_queued_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SLOW_CLIENT_S", 0.02)
    client = Client({}, stuck=True)
    city = City()
    await client.run(server.build(city, period_s=0.01))
    assert city.looks == 1


async def test_watchers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_WATCHERS", 1)
    app = server.build(City(), period_s=0.01)
    first, second = Client({}), Client({})
    running = asyncio.create_task(first.run(app))
    assert (await first.inbox.get())["type"] == "websocket.accept"
    await second.run(app)
    assert (await second.inbox.get())["code"] == 1013
    first.leave()
    await running
