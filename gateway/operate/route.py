"""How does an operator's order reach the city over HTTP?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import requires
from gateway.access.identity import Identity
from signal_control.operation.modes import Mode

MOST_S = 86_400.0


class Wish(BaseModel):
    """An order: what is wanted, where, and for how many seconds of city time; 0 ends the order in force."""

    model_config = ConfigDict(extra="forbid")

    intersection: str
    kind: Literal["release", "hold", "mode"]
    seconds: float = Field(ge=0, le=MOST_S)
    serve: tuple[int, ...] = ()
    mode: Mode = "adaptive"


Give = Callable[[Wish, str], Awaitable[None]]
"""(wish, who): raises KeyError or ValueError, whose texts name the choices."""


def add_operate(app: FastAPI, give: Give) -> None:
    """POST /api/operate, for operators with a second factor."""

    @app.post("/api/operate")
    async def operate(wish: Wish, who: Annotated[Identity, requires("operator", signals=True)]) -> Response:
        try:
            await give(wish, str(who))
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": str(error.args[0]) if error.args else "refused"}, 422)
        return JSONResponse(wish.model_dump(mode="json"))
