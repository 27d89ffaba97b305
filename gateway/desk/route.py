"""How does the desk reach a browser?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from gateway.access.guard import public, requires
from gateway.board.view import BoardView
from gateway.desk.views import GROUPS, views

PAGE: Final = Path(__file__).parents[1] / "board" / "static" / "desk" / "index.html"


def add_desk(app: FastAPI, view: BoardView) -> None:
    """GET /desk, the page; GET /api/desk, what it needs to know before it shows anything."""

    @app.get("/desk", include_in_schema=False, dependencies=[public()])
    async def page() -> Response:
        return FileResponse(PAGE, media_type="text/html; charset=utf-8")

    @app.get("/api/desk", dependencies=[requires("viewer")])
    async def desk() -> Response:
        city = view.city()
        known = {
            "name": city["name"],
            "timezone": city.get("timezone", "UTC"),
            "now_ms": view.live()["now_ms"],
            "intersections": city["intersections"],
            "groups": GROUPS,
            "views": [v._asdict() for v in views()],
        }
        return Response(msgspec.json.encode(known), media_type="application/json")
