"""How do charts and scripts ask for a measure over HTTP?"""

from __future__ import annotations

import gzip

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from gateway.access.guard import requires
from gateway.desk.catalog import SHORT, catalog
from gateway.desk.desk import Desk
from gateway.desk.fleet_route import add_fleet
from gateway.desk.roller import Roller
from gateway.desk.workbench import DeskError
from storage.store import StoreUnavailable


def add_measures(app: FastAPI, desk: Desk, roller: Roller | None = None) -> None:
    """GET /api/desk/measures, the list; /api/desk/measure, one; /api/desk/intersection, the model of one;
    with a roller, that keeps it, also /api/desk/fleet."""
    if roller is not None:
        add_fleet(app, desk, roller)

    @app.get("/api/desk/measures", dependencies=[requires("viewer")])
    async def measures() -> Response:
        return _json(_listed())

    @app.get("/api/desk/measure", dependencies=[requires("viewer")])
    async def measure(
        request: Request,
        name: str,
        at: str,
        from_ms: int,
        to_ms: int,
        bin_min: int = 15,
        each: bool = False,
    ) -> Response:
        try:
            body = await desk.measure(name, at, from_ms, to_ms, bin_min, each)
        except DeskError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except StoreUnavailable as error:
            return JSONResponse({"error": f"the store does not answer: {error}"}, 503)
        return zipped(request, body)

    @app.get("/api/desk/intersection", dependencies=[requires("viewer")])
    async def intersection(at: str) -> Response:
        try:
            found = desk.intersection(at)
        except DeskError as error:
            return JSONResponse({"error": str(error)}, error.status)
        return _json(found.model_dump(mode="json"))


def zipped(request: Request, body: bytes) -> Response:
    """Gzipped JSON as it is, for those who take it; everybody does but the odd script."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
    return Response(gzip.decompress(body), media_type="application/json")


def _listed() -> list[dict[str, object]]:
    short: dict[str, list[str]] = {}
    for name, long in SHORT.items():
        short.setdefault(long, []).append(name)
    return [
        {
            "name": found.name,
            "short": short.get(found.name, []),
            "about": found.about,
            "detectors": found.detectors,
            "street": found.street,
            "each": found.has_each,
            "most_s": found.most_s(),
        }
        for found in catalog().values()
    ]


def _json(told: object) -> Response:
    return Response(msgspec.json.encode(told), media_type="application/json")
