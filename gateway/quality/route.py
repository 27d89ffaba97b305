"""How does one ask over HTTP which devices are broken, and since when?"""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import FastAPI, Query, Response

from collectors.health.finding import Finding
from gateway.access.guard import requires
from gateway.quality.quality import Quality

Limit = Annotated[int, Query(ge=1, le=10_000)]


class Answer(msgspec.Struct):
    """What is wrong now, feeds first; and what was, newest first."""

    open: list[Finding]
    history: list[Finding]


def add_health(app: FastAPI, quality: Quality) -> None:
    """GET /api/health/devices?subject=w-0042&limit=100."""

    @app.get("/api/health/devices", dependencies=[requires("viewer")])
    async def devices(subject: str = "", limit: Limit = 100) -> Response:
        found = await asyncio.to_thread(_answer, quality, subject, limit)
        return Response(msgspec.json.encode(found), media_type="application/json")


def _answer(quality: Quality, subject: str, limit: int) -> Answer:
    now = [one for one in quality.findings if subject in ("", one.subject)]
    return Answer(now, quality.history(subject, limit))
