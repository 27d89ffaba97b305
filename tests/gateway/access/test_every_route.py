"""Does every route of the board say who may call it?"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import gateway
from gateway.access.door import open_here
from gateway.access.guard import Rule, install, requires, rules
from gateway.board.server import build

GATEWAY = Path(gateway.__file__).parent

OPEN = {"/", "/desk", "/healthz", "/metrics"}
"""What may be called without a role: pages without data in them, and what watches the program itself."""
OPEN_PREFIXES = ("/api/access/", "/login", "/oidc/")


class View:
    """A BoardView of an empty city."""

    def city(self) -> dict[str, Any]:
        return {"name": "Test", "intersections": [], "strategies": []}

    def live(self) -> dict[str, Any]:
        return {"now_ms": 1}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None: ...


async def _nothing(*_: object) -> Any:
    return None


def whole_board() -> FastAPI:
    """The board with everything that it can have."""
    return build(View(), metrics=lambda accept: (b"", "text/plain"), explain=_nothing, operate=_nothing)


def undeclared(app: FastAPI) -> list[str]:
    return [f"{methods} {path}" for methods, path, rule in rules(app) if rule is None]


def test_every_route_declares_its_role() -> None:
    assert undeclared(whole_board()) == [], "add requires(...), public() or monitoring() to these routes"


CALLS = ("get", "post", "put", "patch", "delete", "websocket", "api_route", "websocket_route", "route")
DECLARES = ("requires", "public", "monitoring")


def silent_routes(code: str) -> list[str]:
    """Functions that are given to an application as routes and name no rule, in decorator or signature."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        paths = [one for one in node.decorator_list if _is_route(one)]
        said = " ".join(ast.unparse(part) for part in [*paths, node.args])
        if paths and not any(f"{word}(" in said for word in DECLARES):
            found.append(node.name)
    return found


def _is_route(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    path = node.args[0]
    slash = isinstance(path, ast.Constant) and str(path.value).startswith("/")
    return node.func.attr in CALLS and slash


def test_no_route_anywhere_is_silent_about_its_role() -> None:
    silent = {
        str(file.relative_to(GATEWAY)): names
        for file in GATEWAY.rglob("*.py")
        if (names := silent_routes(file.read_text()))
    }
    assert silent == {}, "add requires(...), public() or monitoring() to these routes"
    assert silent_routes('@app.post("/api/x")\nasync def x(who: Who) -> None: ...') == ["x"]


def test_only_pages_and_monitoring_are_for_everybody() -> None:
    free = {path for _, path, rule in rules(whole_board()) if rule is not None and rule.role is None}
    assert {path for path in free if not path.startswith(OPEN_PREFIXES)} <= OPEN


def test_what_changes_a_signal_wants_a_second_factor() -> None:
    found = {path: rule for _, path, rule in rules(whole_board())}
    for path in ("/api/strategy", "/api/operate"):
        assert found[path] == Rule("operator", signals=True), path


@pytest.mark.parametrize("declare", [lambda app: app.get("/new"), lambda app: app.websocket("/new")])
def test_a_route_that_declares_nothing_is_named(declare: Callable[[FastAPI], Any]) -> None:
    app = whole_board()
    declare(app)(_nothing)
    assert len(undeclared(app)) == 1


async def test_a_route_that_declares_nothing_is_not_open() -> None:
    app = FastAPI()
    access = open_here()
    access.near = False
    install(app, access)

    @app.get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    @app.get("/declared", dependencies=[requires("viewer")])
    async def declared() -> str:
        return "secret"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/forgotten")).status_code == 401
        assert (await client.get("/declared")).status_code == 401
        access.near = True
        assert (await client.get("/forgotten")).json() == "secret"
