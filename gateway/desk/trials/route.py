"""How does a page start a trial, watch it, cancel it, and see what came of it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Response

from gateway.access.guard import requires
from gateway.access.identity import Identity
from gateway.desk.answer import answered
from gateway.desk.trials.prepare import LOCAL, Wish
from gateway.desk.trials.settings import WHAT_TO_SAY
from gateway.desk.trials.trials import Trials
from gateway.desk.workbench import Workbench
from signal_control.view import strategies


def add_trials(app: FastAPI, bench: Workbench, trials: Trials) -> None:
    """GET and POST /api/desk/trials, GET /api/desk/trials/N, POST /api/desk/trials/N/cancel."""

    @app.get("/api/desk/trials", dependencies=[requires("viewer")])
    async def listed() -> Response:
        simulation = bench.settings.simulation
        possible = bool(simulation.scenario or simulation.street or bench.street)
        found = {
            "missing": "" if possible else WHAT_TO_SAY,
            "own_demand": simulation.scenario is not None,
            "seeds": simulation.seeds,
            "strategies": [LOCAL, *sorted(strategies())],
            "trials": [
                {k: getattr(t, k) for k in ("id", "wish", "who", "begun_ms", "state", "share", "why")}
                for t in trials.all()
            ],
        }
        return await answered(_made(found))

    @app.post("/api/desk/trials")
    async def start(wish: Wish, who: Annotated[Identity, requires("engineer")]) -> Response:
        return await answered(trials.start(wish, str(who)))

    @app.get("/api/desk/trials/{id}", dependencies=[requires("viewer")])
    async def one(id: int) -> Response:
        return await answered(_found(trials, id))

    @app.post("/api/desk/trials/{id}/cancel", dependencies=[requires("engineer")])
    async def cancel(id: int) -> Response:
        return await answered(trials.cancel(id))


async def _made(found: object) -> object:
    return found


async def _found(trials: Trials, id: int) -> object:
    return trials.get(id)
