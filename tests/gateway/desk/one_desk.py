"""A city of one demo intersection whose store holds some minutes of lights, detectors and decisions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
from fastapi import FastAPI

from collectors.reading import Reading
from gateway.access.door import open_here
from gateway.access.guard import install
from gateway.config.settings import load
from gateway.desk.workbench import Workbench
from gateway.desk.workbench_route import add_workbench
from gateway.panels.streets import StreetsPanel
from gateway.signals import Signals
from storage.connect import connect

CITY: Final = Path(__file__).resolve().parents[3] / "configs" / "demo.toml"
DEMO: Final = load(CITY)
X: Final = DEMO.intersections[0]
SECOND: Final = 1_000_000_000
START_MS: Final = 1_790_000_100_000
"""A multiple of a quarter of an hour since the epoch."""
START: Final = START_MS * 1_000_000


@dataclass
class Desk:
    """A desk over a store: ask it with `get` and `post`."""

    bench: Workbench
    client: httpx.AsyncClient
    app: FastAPI

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(f"/api/desk/{path}", params=query)
        return answer.json() | {"status_code": answer.status_code}

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(f"/api/desk/{path}", json=body)
        return answer.json() | {"status_code": answer.status_code}


@cache
def recorded(strategy: str, seconds: int) -> tuple[Signals, list[Reading]]:
    """What a controller records while its cabinet shows what it is told, without clearances."""
    x, signals = X, Signals("demo", [X], strategy)
    readings: list[Reading] = []
    shown: tuple[int, ...] = x.stages()[0]

    def see(kind: str, at_ns: int, fields: dict[str, Any], tie: int = 0) -> None:
        reading = Reading(kind, "demo", x.id, at_ns, fields, tie=tie)
        signals.observe(reading)
        readings.append(reading)

    for s in range(seconds):
        now = START + s * SECOND
        channel = x.detectors[s % len(x.detectors)].channel
        see("hires", now, {"code": 82, "param": channel}, 1)
        see("hires", now + SECOND // 2, {"code": 81, "param": channel}, 2)
        state = {"mode": "remote", "greens": sum(1 << (n - 1) for n in shown)}
        rest = dict.fromkeys(("yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls"), 0)
        see("signal", now, {**state, **rest, "plan": 1, "command": ""})
        tick = signals.tick(now)
        readings += tick.readings
        wanted = tick.decisions[0].command.serve if tick.decisions[0].command else shown
        for tie, (code, phases) in enumerate(((8, set(shown) - set(wanted)), (1, set(wanted) - set(shown)))):
            for phase in phases:
                see("hires", now + SECOND // 2, {"code": code, "param": phase}, 10 * (tie + 1) + phase)
        shown = wanted
    return signals, readings


@asynccontextmanager
async def desk(var: Path, seconds: int = 100, strategy: str = "max_pressure") -> AsyncIterator[Desk]:
    """The desk of that city, at the moment after what is recorded."""
    store = await connect("duckdb", {}, var)
    signals, readings = recorded(strategy, seconds)
    await store.write(readings, 1)
    now_ns = START + seconds * SECOND
    settings = DEMO.model_copy(update={"intersections": (X,)})
    panel = StreetsPanel(signals, (X,))

    def live() -> dict[str, Any]:
        return {"now_ms": now_ns // 1_000_000, "intersections": panel.view(now_ns)}

    bench = Workbench(settings, store, signals, lambda: now_ns, live, var, CITY)
    app = FastAPI()
    install(app, open_here())
    add_workbench(app, bench)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=30
    ) as client:
        yield Desk(bench, client, app)
    await store.close()
