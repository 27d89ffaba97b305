"""How do citizens read service messages, and how do operators publish them over HTTP?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import public, requires
from gateway.access.identity import Identity
from gateway.messages.desk import Messages
from gateway.messages.message import Category, Certainty, Message, Severity, Urgency, Wording

Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]


class Say(BaseModel):
    """What to tell citizens; `circle` is latitude, longitude and radius in km."""

    model_config = ConfigDict(extra="forbid")

    headline: Annotated[str, Field(min_length=1, max_length=160)]
    text: Text = ""
    instruction: Text = ""
    event: Annotated[str, Field(min_length=1, max_length=100)] = "Service message"
    area: Line = ""
    circle: (
        tuple[
            Annotated[float, Field(ge=-90, le=90)],
            Annotated[float, Field(ge=-180, le=180)],
            Annotated[float, Field(ge=0, le=20_000)],
        ]
        | None
    ) = None
    category: Category = "Infra"
    urgency: Urgency = "Expected"
    severity: Severity = "Minor"
    certainty: Certainty = "Observed"
    hours: Annotated[float, Field(gt=0, le=8760)] | None = None

    @property
    def wording(self) -> Wording:
        """The same without its length of time."""
        return Wording(**self.model_dump(exclude={"hours"}))


class Withdraw(BaseModel):
    """Why it counts no longer."""

    model_config = ConfigDict(extra="forbid")

    why: Line = ""


def add_messages(app: FastAPI, messages: Messages) -> None:
    """/feed for everybody; publishing for operators."""

    @app.get("/feed/messages.rss", dependencies=[public()])
    async def feed() -> Response:
        return Response(messages.rss(), media_type="application/rss+xml")

    @app.get("/feed/cap/{identifier}.xml", dependencies=[public()])
    async def one(identifier: str) -> Response:
        found = messages.cap(identifier)
        if found is None:
            return JSONResponse({"error": f"no message '{identifier}'"}, 404)
        return Response(found, media_type="application/cap+xml")

    @app.get("/api/messages", dependencies=[requires("viewer")])
    async def there() -> Response:
        return Response(msgspec.json.encode({"messages": messages.view()}), media_type="application/json")

    @app.post("/api/messages")
    async def publish(wish: Say, who: Annotated[Identity, requires("operator")]) -> Response:
        return _told(lambda: messages.publish(wish.wording, wish.hours, str(who)))

    @app.post("/api/messages/{number}/update")
    async def update(number: int, wish: Say, who: Annotated[Identity, requires("operator")]) -> Response:
        return _told(lambda: messages.update(number, wish.wording, wish.hours, str(who)))

    @app.post("/api/messages/{number}/withdraw")
    async def withdraw(
        number: int, wish: Withdraw, who: Annotated[Identity, requires("operator")]
    ) -> Response:
        return _told(lambda: messages.withdraw(number, str(who), wish.why))


def _told(act: Callable[[], Message]) -> Response:
    try:
        message = act()
    except KeyError as unknown:
        return JSONResponse({"error": str(unknown.args[0])}, 404)
    told: dict[str, Any] = {"number": message.number, "identifier": message.newest.identifier}
    return JSONResponse(told)
