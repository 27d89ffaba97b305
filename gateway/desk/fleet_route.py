"""How does the table of the whole fleet reach a browser?"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import Response

from gateway.access.guard import requires
from gateway.desk.answer import answered
from gateway.desk.desk import Desk
from gateway.desk.fleet import Line, fleet
from gateway.desk.roller import Roller
from gateway.desk.workbench import span_ns
from signal_control.eventlog import BIN_NS

LONGEST_H: Final = 31 * 24.0


def add_fleet(app: FastAPI, desk: Desk, roller: Roller) -> None:
    """GET /api/desk/fleet: one line an intersection; what was never measured is, soon after."""

    @app.get("/api/desk/fleet", dependencies=[requires("viewer")])
    async def fleet_(from_ms: int, to_ms: int) -> Response:
        return await answered(told(desk, roller, from_ms, to_ms))


async def told(desk: Desk, roller: Roller, from_ms: int, to_ms: int) -> dict[str, Any]:
    """The lines, and how far they are measured. Raises DeskError and StoreUnavailable."""
    begin, end = span_ns(from_ms, to_ms, LONGEST_H)
    span = (begin - begin % BIN_NS, end)
    lines = await fleet(desk.store, desk.intersections.values(), span, roller.over_ns())
    unmeasured = [one.id for one in lines if not one.bins]
    if unmeasured:
        roller.want(span)
    return {
        "from_ms": span[0] // 1_000_000,
        "to_ms": span[1] // 1_000_000,
        "over_ms": _whole(min(span[1], roller.over_ns())) // 1_000_000,
        "measuring": roller.measuring,
        "lines": [_plain(one) for one in lines],
    }


def _whole(at_ns: int) -> int:
    """The end of the last bin that is over by then."""
    return at_ns - at_ns % BIN_NS


def _plain(line: Line) -> dict[str, Any]:
    told = line._asdict()
    told["until_ms"] = told.pop("until_ns") // 1_000_000
    return told
