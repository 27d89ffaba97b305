"""How does a route say who may call it?

    @app.post("/api/devices")
    async def add(wish: Wish, who: Annotated[Identity, requires("engineer")]) -> Response: ...

A route that says nothing is for admins only, and a test names it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from gateway.access.door import Access
from gateway.access.identity import Identity, Refused
from gateway.access.roles import Role

POLICY: Final = 1008
Check = Callable[[HTTPConnection], Awaitable[Identity]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route. `role` None: anybody. `signals`: it changes a signal."""

    role: Role | None
    signals: bool = False
    monitoring: bool = False
    """Whether [access] monitoring decides."""

    def role_for(self, access: Access) -> Role | None:
        """The least role that may call it."""
        return "viewer" if self.monitoring and access.settings.monitoring == "viewer" else self.role


def requires(role: Role, *, signals: bool = False) -> Any:
    """For a route's parameter: who calls, if he may; with `signals` he must have shown a second factor."""
    return Depends(_check(Rule(role, signals)))


def public() -> Any:
    """For a route that anybody may call; the caller is a visitor unless he has logged in."""
    return Depends(_check(Rule(None)))


def monitoring() -> Any:
    """For what watches the program itself: open to all, unless [access] monitoring says otherwise."""
    return Depends(_check(Rule(None, monitoring=True)))


def install(app: FastAPI, access: Access) -> None:
    """Let `access` decide for every route of `app`."""
    app.state.access = access
    app.add_exception_handler(Refused, cast(Any, _refuse))
    app.add_exception_handler(RequestValidationError, cast(Any, _wrong_shape))
    app.router.dependencies.append(Depends(_undeclared))


def rules(app: FastAPI) -> Iterator[tuple[str, str, Rule | None]]:
    """(methods, path, rule) of every route; a rule of None means that nobody declared one."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield " ".join(sorted(route.methods or ())), route.path, rule_of(route)
        elif isinstance(route, APIWebSocketRoute):
            yield "WS", route.path, rule_of(route)


def rule_of(route: object) -> Rule | None:
    """The rule that a route declares."""
    dependant = getattr(route, "dependant", None)
    for one in dependant.dependencies if dependant is not None else ():
        if one.call in _RULES:
            return _RULES[one.call]
    return None


_RULES: Final[dict[Any, Rule]] = {}


@cache
def _check(rule: Rule) -> Check:
    async def check(connection: HTTPConnection) -> Identity:
        access: Access = connection.app.state.access
        return await access.admit(connection, rule.role_for(access), rule.signals)

    _RULES[check] = rule
    return check


async def _undeclared(connection: HTTPConnection) -> None:
    """A route without a rule is not open by mistake."""
    if rule_of(connection.scope.get("route")) is None:
        await _check(Rule("admin", signals=True))(connection)


async def _refuse(asking: Request | WebSocket, refused: Exception) -> Response | None:
    assert isinstance(refused, Refused)
    if isinstance(asking, WebSocket):
        await asking.close(code=POLICY)
        return None
    headers = {"Retry-After": str(round(refused.wait_s))} if refused.wait_s else {}
    if refused.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": refused.text, "code": refused.code}, refused.status, headers)


async def _wrong_shape(asking: Request, wrong: RequestValidationError) -> Response:
    """What is wrong with a request, without repeating what it brought: that may be a password."""
    found = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'body'}: {fault['msg']}"
        for fault in wrong.errors()
    ]
    return JSONResponse({"error": "; ".join(found), "code": "wrong_shape"}, 422)
