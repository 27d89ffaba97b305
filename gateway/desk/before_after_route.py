"""How does a page ask for a before/after report, on the screen, to print, and as a PDF?"""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from gateway.access.guard import requires
from gateway.desk.answer import answered
from gateway.desk.workbench import DeskError, Workbench
from gateway.reports.arrivals import ReportError
from gateway.reports.before_after.compare import Comparison
from gateway.reports.before_after.page import page
from gateway.reports.before_after.period import period_ns, report
from storage.store import StoreUnavailable

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The report is one page with its style in it, and nothing else."""


def add_before_after(app: FastAPI, bench: Workbench) -> None:
    """GET /api/desk/before-after, and the same with .html and .pdf; `at` empty: every intersection."""
    one_at_a_time = asyncio.Lock()

    async def found(at: str, before: str, after: str, seed: int) -> list[Comparison]:
        settings = bench.settings
        zone = ZoneInfo(settings.city.timezone)
        try:
            spans = period_ns(before, zone), period_ns(after, zone)
            async with one_at_a_time:
                names = [at] if at else []
                return await report(
                    bench.store, settings.intersections, names, spans, zone, seed, bench.beside
                )
        except ReportError as error:
            raise DeskError(str(error), 422) from error

    async def filed(
        at: str, before: str, after: str, seed: int, kind: str, headers: dict[str, str]
    ) -> Response:
        try:
            comparisons = await found(at, before, after, seed)
        except DeskError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except StoreUnavailable as error:
            return JSONResponse({"error": f"the store does not answer: {error}"}, 503)
        made = await asyncio.to_thread(_paper if kind == "application/pdf" else _page, comparisons)
        return Response(made, media_type=kind, headers=headers)

    @app.get("/api/desk/before-after", dependencies=[requires("viewer")])
    async def before_after(before: str, after: str, at: str = "", seed: int = 1) -> Response:
        return await answered(found(at, before, after, seed))

    @app.get("/api/desk/before-after.html", dependencies=[requires("viewer")])
    async def before_after_html(before: str, after: str, at: str = "", seed: int = 1) -> Response:
        headers = {"Content-Security-Policy": PAGE_POLICY}
        return await filed(at, before, after, seed, "text/html; charset=utf-8", headers)

    @app.get("/api/desk/before-after.pdf", dependencies=[requires("viewer")])
    async def before_after_pdf(before: str, after: str, at: str = "", seed: int = 1) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="before-after-{_plain(at)}.pdf"'}
        return await filed(at, before, after, seed, "application/pdf", headers)


def _paper(comparisons: list[Comparison]) -> bytes:
    from gateway.reports.before_after.paper import paper  # a second of loading, which few cities need

    return paper(comparisons)


def _page(comparisons: list[Comparison]) -> bytes:
    return page(comparisons).encode()


def _plain(at: str) -> str:
    return "".join(c for c in at if c.isascii() and (c.isalnum() or c in "-_")) or "all"
