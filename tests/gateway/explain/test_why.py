"""Is a stored decision told as it was, and does the same follow from its inputs again?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from fastapi import FastAPI

from collectors.reading import Reading
from gateway.access.door import open_here
from gateway.access.guard import install
from gateway.config.settings import load
from gateway.explain.route import add_explain
from gateway.explain.text import lines
from gateway.explain.why import Again, ExplainError, Why, ends, why
from gateway.signals import Signals
from storage.connect import connect
from storage.store import Events, Store

DEMO = load(Path(__file__).resolve().parents[3] / "configs" / "demo.toml")
X = DEMO.intersections[0]
SECOND = 1_000_000_000
START = 1_790_000_000 * SECOND


def city_readings(strategy: str, seconds: int = 90) -> list[Reading]:
    """What a controller records while its cabinet shows what it is told, without clearances."""
    signals = Signals("demo", [X], strategy)
    readings: list[Reading] = []
    shown: tuple[int, ...] = X.stages()[0]

    def see(kind: str, at_ns: int, fields: dict[str, Any], tie: int = 0) -> None:
        reading = Reading(kind, "demo", X.id, at_ns, fields, tie=tie)
        signals.observe(reading)
        readings.append(reading)

    for s in range(seconds):
        now = START + s * SECOND
        if s % 7 == 0:
            channel = X.detectors[s % len(X.detectors)].channel
            see("hires", now, {"code": 82, "param": channel}, 1)
            see("hires", now, {"code": 43, "param": X.phases[s % len(X.phases)].number}, 2)
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
    return readings


@pytest.fixture(params=["fixed_time", "max_pressure", "lookahead"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store in which a strategy has left its decisions."""
    made = await connect("duckdb", {}, tmp_path)
    await made.write(city_readings(request.param), 1)
    yield made
    await made.close()


async def test_the_same_follows_from_what_is_stored(store: Store) -> None:
    for s in (20, 45, 80):
        found = await why(store, DEMO.intersections, X.id, START + s * SECOND)
        assert found.again.same, found.again
        assert found.at_ns <= found.asked_ns
        assert found.reason.endswith(".")


async def test_the_newest_decision_is_told_without_a_time(store: Store) -> None:
    found = await why(store, DEMO.intersections, X.id, None)
    assert found.asked_ns > START + 80 * SECOND
    text = list(lines(found))
    assert any(line.startswith("Decided again from the stored inputs: the same") for line in text)
    assert f"by {found.strategy}" in "\n".join(text)


async def test_a_changed_input_is_not_the_same(tmp_path: Path) -> None:
    store = await connect("duckdb", {}, tmp_path)
    (decision,) = [r for r in city_readings("max_pressure") if r.kind == "decision" and r.fields["changed"]][
        -1:
    ]
    inputs = msgspec.json.decode(str(decision.fields["inputs"]))
    inputs["state"]["mode"] = inputs["situation"]["mode"] = "flash"
    changed = {**decision.fields, "inputs": msgspec.json.encode(inputs).decode()}
    await store.write([Reading("decision", "demo", X.id, decision.at_ns, changed)], 1)
    found = await why(store, DEMO.intersections, X.id, decision.at_ns)
    assert not found.again.same
    assert "NOT the same" in "\n".join(lines(found))
    await store.close()


async def test_what_cannot_be_explained_is_said(store: Store) -> None:
    with pytest.raises(ExplainError, match=r"no intersection named 'x9'.*there are: "):
        await why(store, DEMO.intersections, "x9", None)
    with pytest.raises(ExplainError, match="no decision at .* in the quarter of an hour before"):
        await why(store, DEMO.intersections, X.id, START - SECOND)
    with pytest.raises(ExplainError, match="intersections with decisions: "):
        await why(store, DEMO.intersections, DEMO.intersections[1].id, None)


def test_an_end_of_green_has_a_length_and_a_cause() -> None:
    rows = [(0, 1, 4), (20, 4, 4), (20, 8, 4), (30, 8, 2), (31, 1, 6), (61, 6, 6), (61, 8, 6)]
    table = np.array([(t * SECOND, c, p) for t, c, p in rows], np.int64)
    found = [(e.phase, e.green_s, e.cause) for e in ends(Events(*table.T))]
    assert found == [(4, 20.0, "gap-out"), (2, None, ""), (6, 30.0, "force-off")]


async def test_the_board_answers_why() -> None:
    told = Why("x1", 5, 4, "webster", "2,6", "4,8", "Because.", "", (), (), Again(True))

    async def ask(intersection: str, time: str) -> Why:
        if intersection != "x1":
            raise ExplainError("no intersection named 'x9'; there are: x1")
        return told

    app = FastAPI()
    install(app, open_here())
    add_explain(app, ask)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        good = await client.get("/api/explain", params={"intersection": "x1", "time": "2m"})
        bad = await client.get("/api/explain", params={"intersection": "x9"})
    assert msgspec.json.decode(good.content, type=Why) == told
    assert (bad.status_code, bad.json()["error"]) == (404, "no intersection named 'x9'; there are: x1")
