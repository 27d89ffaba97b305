"""How does a page show a timing sheet, try other values, and write a candidate?"""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Any

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import requires
from gateway.access.identity import Identity
from gateway.audit.versions import differences
from gateway.desk.answer import answered
from gateway.desk.sheet.candidate import write
from gateway.desk.sheet.past import draft, past, sheet_of, wanted_by
from gateway.desk.sheet.places import plain
from gateway.desk.sheet.trial import trial
from gateway.desk.workbench import DeskError, Workbench

log = logging.getLogger(__name__)

Edited = dict[str, bool | int | float | str | list[Any] | None]


class Trial(BaseModel):
    """Values to try at one intersection, with the volumes of a range."""

    model_config = ConfigDict(extra="forbid")

    at: str
    edits: Edited = Field(default={}, max_length=400)
    from_ms: int
    to_ms: int


class Wanted(BaseModel):
    """What a candidate is to hold: an earlier version or the sheet that runs, with other values."""

    model_config = ConfigDict(extra="forbid")

    at: str
    edits: Edited = Field(default={}, max_length=400)
    version: str = Field(default="", max_length=64)


def add_sheet(app: FastAPI, bench: Workbench) -> None:
    """GET /api/desk/sheet; POST .../try, which changes nothing; POST .../candidate, which writes a file."""

    @app.get("/api/desk/sheet", dependencies=[requires("viewer")])
    async def sheet(at: str, version: str = "") -> Response:
        return await answered(asyncio.to_thread(shown, bench, at, version))

    @app.post("/api/desk/sheet/try", dependencies=[requires("viewer")])
    async def try_(wish: Trial) -> Response:
        return await answered(trial(bench, wish.at, wish.edits, wish.from_ms, wish.to_ms))

    @app.post("/api/desk/sheet/candidate")
    async def candidate(wish: Wanted, who: Annotated[Identity, requires("engineer")]) -> Response:
        return await answered(asyncio.to_thread(written, bench, wish, str(who)))


def shown(bench: Workbench, at: str, version: str) -> dict[str, Any]:
    """The sheet that runs, or an earlier one with what differs, and the list of all. Raises DeskError."""
    x = bench.intersection(at)
    control = bench.settings.control
    told = sheet_of(bench.var / "audit", at, version) if version else plain(x)
    return {
        "sheet": told,
        "version": version,
        "changes": differences(told, plain(x)) if version else [],
        "versions": [
            {"id": p.id, "begun_ms": p.begun_ms, "differs": p.differs} for p in past(bench.var / "audit", x)
        ],
        "control": {
            "strategy": bench.signals.strategies[at],
            "mode": control.mode_of(at),
            "schedule": [
                p.model_dump(mode="json")
                for p in control.schedule
                if not p.intersections or at in p.intersections
            ],
        },
        "writable": bench.config is not None,
    }


def written(bench: Workbench, wish: Wanted, who: str) -> dict[str, Any]:
    """Write a candidate and tell what it changes. Raises DeskError."""
    x = bench.intersection(wish.at)
    if bench.config is None:
        raise DeskError("this city has no city file that could be written anew", 409)
    wanted = wanted_by(x, bench.var / "audit", wish.edits, wish.version)
    found = draft(bench.settings, bench.config, x, wanted)
    try:
        path = write(found.text, bench.var, bench.config.stem)
    except OSError as error:
        raise DeskError(f"the candidate cannot be written: {error}", 409) from error
    log.info("candidate %s with %d changes at %s by %s", path, len(found.changes), x.id, who)
    return {
        "path": str(path),
        "changes": found.changes,
        "diff": found.diff,
        "next": f"arterial check-config {path}",
    }
