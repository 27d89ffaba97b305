"""How does an operator's order reach the city over HTTP?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.board.origin import is_own_page
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


def add_operate(app: FastAPI, give: Give, ours: frozenset[str]) -> None:
    """POST /api/operate, from the board's own page or a program on this machine's names."""

    @app.post("/api/operate")
    async def operate(wish: Wish, request: Request) -> Response:
        if not is_own_page(request, ours):
            return JSONResponse({"error": "only the board's own page may give orders"}, 403)
        who = request.headers.get("x-arterial-user", "") or "board"
        where = f" at {request.client.host}" if request.client else ""
        try:
            await give(wish, f"{who[:60]}{where}")
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": str(error.args[0]) if error.args else "refused"}, 422)
        return JSONResponse(wish.model_dump(mode="json"))
