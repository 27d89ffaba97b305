"""How do the engineer's views ask the running city?"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response

from gateway.access.guard import requires
from gateway.desk.answer import answered
from gateway.desk.before_after_route import add_before_after
from gateway.desk.detectors import detectors
from gateway.desk.overview import broken, overview, overview_live
from gateway.desk.sheet.route import add_sheet
from gateway.desk.strip import strip, why_at
from gateway.desk.trials.route import add_trials
from gateway.desk.trials.trials import Trials
from gateway.desk.workbench import Workbench


def add_workbench(app: FastAPI, bench: Workbench, trials: Trials | None = None) -> None:
    """GET and POST under /api/desk. `trials` is the caller's to close; without it there are none."""
    _add_looking(app, bench)
    add_sheet(app, bench)
    add_before_after(app, bench)
    if trials is not None:
        add_trials(app, bench, trials)


def _add_looking(app: FastAPI, bench: Workbench) -> None:
    @app.get("/api/desk/overview", dependencies=[requires("viewer")])
    async def overview_(at: str) -> Response:
        return await answered(_now(lambda: overview(bench, at)))

    @app.get("/api/desk/overview/live", dependencies=[requires("viewer")])
    async def overview_live_(at: str) -> Response:
        return await answered(_now(lambda: overview_live(bench, at)))

    @app.get("/api/desk/broken", dependencies=[requires("viewer")])
    async def broken_() -> Response:
        return await answered(_now(lambda: broken(bench)))

    @app.get("/api/desk/strip", dependencies=[requires("viewer")])
    async def strip_(at: str, from_ms: int, to_ms: int) -> Response:
        return await answered(strip(bench, at, from_ms, to_ms))

    @app.get("/api/desk/why", dependencies=[requires("viewer")])
    async def why_(at: str, at_ms: int) -> Response:
        return await answered(why_at(bench, at, at_ms))

    @app.get("/api/desk/detectors", dependencies=[requires("viewer")])
    async def detectors_(at: str, from_ms: int, to_ms: int) -> Response:
        return await answered(detectors(bench, at, from_ms, to_ms))


async def _now(answer: Any) -> Any:
    return answer()
