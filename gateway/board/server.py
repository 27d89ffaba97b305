"""How do the page, its numbers and the strategy switch reach a browser?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.gzip import GZipMiddleware
from starlette.websockets import WebSocketDisconnect

from gateway.access.door import Access, open_here
from gateway.access.guard import install, monitoring, public, requires
from gateway.access.identity import Identity
from gateway.access.oidc import LoginServer
from gateway.access.oidc_routes import add_oidc
from gateway.access.routes import add_access
from gateway.board.fence import Fence
from gateway.board.origin import own_names
from gateway.board.view import BoardView, intersection_ids, strategy_names
from gateway.desk.route import add_desk
from gateway.explain.route import Ask, add_explain
from gateway.operate.route import Give, add_operate

STATIC = Path(__file__).parent / "static"
PERIOD_S = 0.5
SLOW_CLIENT_S = 5.0
MAX_WATCHERS = 100
NO_LONGER = 4401
"""Close code: the login has ended."""

Metrics = Callable[[str], tuple[bytes, str]]
"""The exposition for an Accept header, and its content type; may block."""


class Switch(BaseModel):
    """A wish to run `strategy` at one intersection, or at all of them."""

    model_config = ConfigDict(extra="forbid")

    strategy: str = Field(min_length=1, max_length=64)
    intersection: str | None = Field(default=None, max_length=64)


class Snapshot:
    """live() as JSON bytes, computed at most once per period however many watch. NaN becomes null."""

    def __init__(self, view: BoardView, period_s: float = PERIOD_S) -> None:
        self._view = view
        self._period_s = period_s
        self._made = float("-inf")
        self._text = b""

    def text(self) -> bytes:
        """The newest snapshot."""
        if time.monotonic() - self._made >= 0.8 * self._period_s:
            self._text = msgspec.json.encode(self._view.live())
            self._made = time.monotonic()
        return self._text


def build(
    view: BoardView,
    *,
    names: Iterable[str] = (),
    period_s: float = PERIOD_S,
    metrics: Metrics | None = None,
    explain: Ask | None = None,
    operate: Give | None = None,
    access: Access | None = None,
    server: LoginServer | None = None,
) -> FastAPI:
    """The board as an ASGI application, with /metrics, /api/explain and /api/operate when there are any.

    `names` are further host names under which people reach this board; addresses, localhost and the machine's
    own name are known already. `period_s` is the time between two websocket messages. `access` decides who
    may do what; without it whoever sits at this computer may do everything, and nobody else anything.
    `server` is the city's own login server.
    """
    app = FastAPI(title="Arterial board", docs_url=None, redoc_url=None, openapi_url=None)
    snapshot = Snapshot(view, period_s)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(Fence)
    access = access or open_here(own_names(names))
    install(app, access)
    add_access(app, access, server.settings.label if server else None)
    if server is not None:
        add_oidc(app, access, server)
    _add_pages(app)
    _add_readings(app, view, snapshot)
    _add_stream(app, snapshot, access, period_s)
    _add_switch(app, view)
    add_desk(app, view)
    if metrics is not None:
        _add_metrics(app, metrics)
    if explain is not None:
        add_explain(app, explain)
    if operate is not None:
        add_operate(app, operate)
    return app


def _add_pages(app: FastAPI) -> None:
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False, dependencies=[public()])
    async def page() -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    @app.get("/healthz", dependencies=[monitoring()])
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}


def _add_readings(app: FastAPI, view: BoardView, snapshot: Snapshot) -> None:
    @app.get("/api/city", dependencies=[requires("viewer")])
    async def city() -> Response:
        return Response(msgspec.json.encode(view.city()), media_type="application/json")

    @app.get("/api/live", dependencies=[requires("viewer")])
    async def live() -> Response:
        return Response(snapshot.text(), media_type="application/json")


def _add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """For scrapers, by whatever name they know this machine."""

    @app.get("/metrics", dependencies=[monitoring()])
    async def scrape(request: Request) -> Response:
        text, content_type = await asyncio.to_thread(metrics, request.headers.get("accept", ""))
        return Response(text, headers={"content-type": content_type})


def _add_stream(app: FastAPI, snapshot: Snapshot, access: Access, period_s: float) -> None:
    watchers: set[WebSocket] = set()

    @app.websocket("/ws")
    async def stream(socket: WebSocket, who: Annotated[Identity, requires("viewer")]) -> None:
        if len(watchers) >= MAX_WATCHERS:
            await socket.close(code=1013)
            return
        await socket.accept()
        watchers.add(socket)
        try:
            await _send_until_gone(socket, snapshot, period_s, lambda: access.counts(who))
        finally:
            watchers.discard(socket)


async def _send_until_gone(
    socket: WebSocket, snapshot: Snapshot, period_s: float, may: Callable[[], bool]
) -> None:
    """Send snapshots until the client leaves or may not see them any more.

    One that takes nothing for 5 s is dropped, not queued for.
    """
    gone = asyncio.create_task(_until_gone(socket), name="board watcher")
    try:
        while not gone.done():
            if not may():
                await socket.close(code=NO_LONGER)
                return
            await asyncio.wait_for(socket.send_text(snapshot.text().decode()), SLOW_CLIENT_S)
            await asyncio.wait({gone}, timeout=period_s)
    except (TimeoutError, WebSocketDisconnect):
        return
    finally:
        gone.cancel()


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        """Nothing a watcher says matters."""


def _add_switch(app: FastAPI, view: BoardView) -> None:
    @app.post("/api/strategy")
    async def switch(wish: Switch, who: Annotated[Identity, requires("operator", signals=True)]) -> Response:
        refusal = _refusal(wish, view.city())
        if refusal is not None:
            return refusal
        try:
            await view.use(wish.strategy, wish.intersection, str(who))
        except KeyError as unknown:
            return JSONResponse({"error": str(unknown.args[0]) if unknown.args else "unknown name"}, 404)
        return JSONResponse({"strategy": wish.strategy, "intersection": wish.intersection})


def _refusal(wish: Switch, city: dict[str, Any]) -> Response | None:
    strategies, intersections = strategy_names(city), intersection_ids(city)
    if wish.strategy not in strategies:
        return _unknown("strategy", wish.strategy, strategies, 422)
    if wish.intersection is not None and wish.intersection not in intersections:
        return _unknown("intersection", wish.intersection, intersections, 404)
    return None


def _unknown(what: str, name: str, choices: list[str], status: int) -> Response:
    error = f"no {what} named {name!r}; there are: {', '.join(choices)}"
    return JSONResponse({"error": error, "choices": choices}, status)
