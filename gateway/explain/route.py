"""How does the board answer why?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from gateway.access.guard import requires
from gateway.explain.why import ExplainError, Why
from storage.store import StoreUnavailable

Ask = Callable[[str, str], Awaitable[Why]]
"""(intersection, time as a person writes it, "" for now) -> the decision then; raises ExplainError."""


def add_explain(app: FastAPI, ask: Ask) -> None:
    """GET /api/explain?intersection=x1&time=2m."""

    @app.get("/api/explain", dependencies=[requires("viewer")])
    async def explain(intersection: str, time: str = "") -> Response:
        try:
            found = await ask(intersection, time)
        except ExplainError as error:
            return JSONResponse({"error": str(error)}, 404)
        except StoreUnavailable as error:
            return JSONResponse({"error": f"the store does not answer: {error}"}, 503)
        return Response(msgspec.json.encode(found), media_type="application/json")
