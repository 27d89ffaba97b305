"""How do people see, acknowledge and snooze alarms over HTTP?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import requires
from gateway.access.identity import Identity

MOST_S = 31 * 86_400.0
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Alarms(Protocol):
    """What the routes need of gateway.alarms.room."""

    def view(self) -> dict[str, Any]: ...
    def history(self) -> list[dict[str, Any]]: ...
    def acknowledge(self, id: str, who: str) -> None: ...
    def suspend(self, rule: str, subject: str, seconds: float, who: str, why: str) -> None: ...
    async def test(self, who: str) -> dict[str, bool]: ...


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Acknowledge(_Table):
    """An alarm by its id, or by rule and subject (`bin_full:b-017`)."""

    id: Name


class Snooze(_Table):
    """Tell nobody of what matches (* is anything) for so many seconds of city time; 0 ends that."""

    rule: Name
    subject: Name
    seconds: float = Field(ge=0, le=MOST_S)
    why: Annotated[str, Field(max_length=300)] = ""


def add_alarms(app: FastAPI, alarms: Alarms) -> None:
    """The alarms of a city: viewers see them, operators acknowledge, snooze and test."""

    @app.get("/api/alarms", dependencies=[requires("viewer")])
    async def active() -> Response:
        return _json(alarms.view())

    @app.get("/api/alarms/history", dependencies=[requires("viewer")])
    async def history() -> Response:
        return _json({"over": alarms.history()})

    @app.post("/api/alarms/ack")
    async def acknowledge(wish: Acknowledge, who: Annotated[Identity, requires("operator")]) -> Response:
        return _done(lambda: alarms.acknowledge(wish.id, str(who)), wish)

    @app.post("/api/alarms/snooze")
    async def snooze(wish: Snooze, who: Annotated[Identity, requires("operator")]) -> Response:
        return _done(lambda: alarms.suspend(wish.rule, wish.subject, wish.seconds, str(who), wish.why), wish)

    @app.post("/api/alarms/test")
    async def test(who: Annotated[Identity, requires("operator")]) -> Response:
        return JSONResponse({"took": await alarms.test(str(who))})


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _done(act: Callable[[], None], wish: BaseModel) -> Response:
    try:
        act()
    except KeyError as unknown:
        return JSONResponse({"error": str(unknown.args[0])}, 404)
    return JSONResponse(wish.model_dump(mode="json"))
