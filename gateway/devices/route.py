"""How do people and programs see the devices over HTTP, and approve or retire them?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import FastAPI, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import requires
from gateway.access.identity import Identity
from gateway.devices.attend import Attendance
from gateway.devices.desk import STANDINGS, Desk
from gateway.devices.entry import CalibrationEntry
from gateway.devices.register import RegistryError

PAGE: Final = 1000
T = TypeVar("T")


class Approval(BaseModel):
    """One device to approve; what is declared of it beside goes with it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    site: str = Field(default="", max_length=64)
    kind: str | None = None
    format: str | None = None
    name: str | None = None
    location: str | None = None
    lat: float | None = None
    lon: float | None = None
    every_s: float | None = None
    units: dict[str, str] | None = None
    calibrate: dict[str, CalibrationEntry] | None = None
    note: str | None = None

    def more(self) -> dict[str, Any]:
        """What is declared."""
        return self.model_dump(mode="json", exclude={"id", "site"}, exclude_none=True)


class Retirement(BaseModel):
    """One device to retire."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    site: str = Field(default="", max_length=64)
    why: str = Field(default="", max_length=500)


class Declaration(BaseModel):
    """Devices to register, each as [[devices]] of a city file."""

    model_config = ConfigDict(extra="forbid")

    devices: list[dict[str, Any]] = Field(max_length=100_000)


def add_devices(app: FastAPI, attendance: Attendance) -> None:
    """GET /api/devices and /api/devices/{id}; POST /api/devices, .../approve and .../retire."""
    ingest = attendance.ingest
    desk = Desk(attendance.registry, attendance.refused, ingest.facts.every, ingest.times.clocks)

    async def ask(question: Callable[[Desk], T]) -> T:
        """Ask the desk in a thread, with the facts of this moment."""
        facts = list(ingest.facts.every())
        now = Desk(desk.registry, desk.refused, lambda: facts, desk.clocks)
        return await asyncio.to_thread(question, now)

    async def change(question: Callable[[Desk], T]) -> Response:
        """Change something, let it take effect, and tell what is so then."""
        try:
            found = await ask(question)
        except RegistryError as error:
            return JSONResponse({"error": str(error)}, 422)
        await attendance.look()
        return _json(found)

    @app.get("/api/devices", dependencies=[requires("viewer")])
    async def devices(
        state: Annotated[str, Query(pattern=f"^({'|'.join(STANDINGS)})?$")] = "",
        kind: str = "",
        text: str = "",
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=100_000)] = PAGE,
    ) -> Response:
        found = [view for view in await ask(Desk.every) if wanted(view, state, kind, text)]
        states = {name: sum(view["state"] == name for view in found) for name in STANDINGS}
        page = found[start : start + count]
        return _json({"total": len(found), "start": start, "states": states, "devices": page})

    @app.get("/api/devices/{device}", dependencies=[requires("viewer")])
    async def one(device: str, site: str = "") -> Response:
        try:
            return _json(await ask(lambda desk: desk.one(device, site)))
        except RegistryError as error:
            return JSONResponse({"error": str(error)}, 404)

    @app.post("/api/devices")
    async def add(wish: Declaration, who: Annotated[Identity, requires("engineer")]) -> Response:
        return await change(lambda desk: {"changed": desk.add(wish.devices, str(who))})

    @app.post("/api/devices/approve")
    async def approve(wish: Approval, who: Annotated[Identity, requires("engineer")]) -> Response:
        return await change(lambda desk: desk.approve(wish.id, str(who), wish.site, wish.more()))

    @app.post("/api/devices/retire")
    async def retire(wish: Retirement, who: Annotated[Identity, requires("engineer")]) -> Response:
        return await change(lambda desk: desk.retire(wish.id, str(who), wish.site, wish.why))


def wanted(view: dict[str, Any], state: str = "", kind: str = "", text: str = "") -> bool:
    """Whether a device is asked for; `text` may stand in any of its names."""
    if (state and view["state"] != state) or (kind and kind not in view["kinds"]):
        return False
    told = view["declared"]
    names = (view["id"], view["site"], told.get("name", ""), told.get("location", ""), told.get("note", ""))
    return not text or any(text.casefold() in str(name).casefold() for name in names)


def _json(found: object) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json")
