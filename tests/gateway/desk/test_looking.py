"""Does the desk tell an intersection as it is and as it was: drawing, lights, decisions, detectors?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.access.guard import rules
from gateway.desk.drawing import drawing
from gateway.desk.workbench_route import add_workbench
from tests.gateway.desk.one_desk import START_MS, X, desk

ARM = {"x1_eb": (-1, 0), "x1_wb": (1, 0), "x1_nb": (0, -1), "x1_sb": (0, 1)}


def test_detectors_lie_as_far_from_the_stop_line_as_the_city_file_says() -> None:
    drawn = drawing(X, None)
    stops = {lane["id"]: lane["stop"] for lane in drawn["lanes"]}
    for told, d in zip(drawn["detectors"], X.detectors, strict=True):
        middle = [sum(p[i] for p in stops[d.lane]) / 2 for i in (0, 1)]
        near = [sum(p[i] for p in told["corners"][:2]) / 2 for i in (0, 1)]
        assert math.dist(middle, near) == pytest.approx(d.distance_m, abs=0.02)


def test_without_a_geometry_an_approach_comes_from_where_its_name_says() -> None:
    drawn = drawing(X, None)
    assert not drawn["surveyed"]
    for lane in drawn["lanes"]:
        (ux, uy), far = ARM[lane["link"]], lane["line"][-1]
        assert ux * far[0] + uy * far[1] > 30
        left_turn = "left" in lane["turns"]
        others = [other for other in drawn["lanes"] if other["link"] == lane["link"]]
        nearest = min(others, key=lambda o: abs(o["line"][0][0] * uy) + abs(o["line"][0][1] * ux))
        assert (nearest is lane) == left_turn


def test_with_a_geometry_lanes_run_as_they_do() -> None:
    lanes = [
        {"id": lane.id, "shape": [[1000, 50 + n], [1100, 50 + n], [1150, 90 + n]], "width": 3.0}
        for n, lane in enumerate(X.lanes)
    ]
    exits = {"id": "out", "shape": [[1160, 95], [1400, 95]], "width": 3.0}
    drawn = drawing(X, {"lanes": [*lanes, exits], "junctions": [], "crossings": []})
    assert drawn["surveyed"]
    first = drawn["lanes"][0]
    assert first["line"][0] == (0.0, -4.5)
    assert first["line"][1] == (-50.0, -44.5)
    assert math.dist(*drawn["others"][0]["line"]) == pytest.approx(150)


async def test_the_overview_tells_lights_detectors_and_intervals(tmp_path: Path) -> None:
    async with desk(tmp_path) as city:
        told = await city.get("overview", at="x1")
        live = await city.get("overview/live", at="x1")
    assert [p["number"] for p in told["phases"]] == [p.number for p in X.phases]
    assert {d["channel"] for d in live["detectors"]} == {d.channel for d in X.detectors}
    for queue in live["queues"].values():
        assert 0 <= queue["low"] <= queue["veh"] <= queue["high"]
    assert live["plan"]["cycle_s"] == 100
    assert 0 <= live["plan"]["at_s"] < 100
    assert live["status"]["phases"]["2"]["color"] in ("green", "red")


async def test_the_planner_tells_what_it_means_to_do_next(tmp_path: Path) -> None:
    for seconds in (40, 46, 52, 58):  # while a green is held there is nothing to plan
        async with desk(tmp_path / str(seconds), seconds, "lookahead") as city:
            live = await city.get("overview/live", at="x1")
        if live["planned"]:
            break
    assert live["planned"]
    assert live["planned"][0]["in_s"] == 0


async def test_every_end_of_green_and_decision_of_the_range_is_on_the_strip(tmp_path: Path) -> None:
    async with desk(tmp_path) as city:
        found = await city.get("strip", at="x1", from_ms=START_MS, to_ms=START_MS + 90_000)
        later = await city.get("strip", at="x1", from_ms=START_MS + 45_000, to_ms=START_MS + 90_000)
        changed = [d for d in found["decisions"] if d["changed"]]
        told = await city.get("why", at="x1", at_ms=found["ends"][-1]["at_ms"])
    assert len(found["ends"]) > 2
    assert len(changed) > 2
    assert {s[0] for s in found["stretches"]} >= {"green", "on"}
    assert all(s[3] > START_MS + 45_000 <= s[2] for s in later["stretches"])
    assert told["again"]["same"]
    assert told["reason"] in [d["reason"] for d in changed]
    assert told["inputs"]["queues"]


async def test_every_pulse_is_counted_in_its_quarter(tmp_path: Path) -> None:
    async with desk(tmp_path) as city:
        found = await city.get("detectors", at="x1", from_ms=START_MS, to_ms=START_MS + 900_000)
    for told in found["detectors"]:
        assert told["hits"] == [[START_MS, 100 // len(X.detectors)]]
        known = [share for share in told["occupied"] if share >= 0]
        assert 0 < sum(known) < 100 * len(known)
        assert told["state"] == "ok"
        assert told["broken_since_ms"] is None
        assert told["spells"][0][0] == "ok"


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("overview", {"at": "x7"}, 404, "no intersection named 'x7'"),
        ("strip", {"at": "x1", "from_ms": 2, "to_ms": 1}, 422, "begin before it ends"),
        ("strip", {"at": "x1", "from_ms": 1, "to_ms": 9_000_000}, 422, "at most 1 hours"),
        ("why", {"at": "x1", "at_ms": 1000}, 404, "no decision at x1"),
    ],
)
async def test_what_cannot_be_told_is_said(
    tmp_path: Path, path: str, query: dict[str, Any], status: int, words: str
) -> None:
    async with desk(tmp_path, 3) as city:
        answer = await city.get(path, **query)
    assert answer["status_code"] == status
    assert words in answer["error"]


def test_every_route_of_the_workbench_says_who_may_call_it() -> None:
    app = FastAPI()
    add_workbench(app, None)  # type: ignore[arg-type]
    found = {path: rule for _, path, rule in rules(app) if path.startswith("/api/desk")}
    assert len(found) >= 5
    assert all(rule is not None and rule.role in ("viewer", "engineer") for rule in found.values()), found
