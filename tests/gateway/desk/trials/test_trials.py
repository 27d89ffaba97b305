"""Does a trial run as a process of its own, one at a time, with its progress, end and result known?"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.config.settings import load
from gateway.desk.trials.demand import counted, demand
from gateway.desk.trials.prepare import Wish
from gateway.desk.trials.route import add_trials
from gateway.desk.trials.settings import SimulationSettings
from gateway.desk.trials.trials import KEPT, Trials
from gateway.desk.workbench import DeskError
from signal_control.model import Intersection
from storage.store import Events
from tests.gateway.desk.one_desk import CITY, START_MS, Desk, X, desk

DEMAND = CITY.parent / "streets" / "corridor" / "demand.toml"
RANGE = {"from_ms": START_MS, "to_ms": START_MS + 900_000}
PROGRAM = """
import json, pathlib, sys
words = sys.argv[1:]
told = dict(zip(words, words[1:]))
pathlib.Path(told["--progress"]).write_text("0.5")
{what}
if "--json" in told:
    pathlib.Path(told["--json"]).write_text(json.dumps({{"words": words}}))
if "--csv" in told:
    pathlib.Path(told["--csv"]).write_text("")
"""
ENDS, HANGS, FAILS = "", "sys.stdin.read()", "sys.exit('evaluate: no such strategy')"


@asynccontextmanager
async def trials(tmp_path: Path, what: str = ENDS) -> AsyncIterator[tuple[Trials, Desk]]:
    """Trials whose program does `what`, on a street that is nothing but the demo's demand."""
    street = tmp_path / "built"
    street.mkdir()
    (street / "demand.toml").write_text(DEMAND.read_text())
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(what=what))
    async with desk(tmp_path / "var", 100) as city:
        bench = city.bench.__class__(**{f: getattr(city.bench, f) for f in _FIELDS} | {"street": street})
        made = Trials(bench, (sys.executable, str(program)))
        add_trials(city.app, bench, made)
        yield made, city
        await made.close()


_FIELDS = ("settings", "store", "signals", "now_ns", "live", "var", "config", "geometry")


async def ended(made: Trials, id: int) -> Any:
    assert made._task is not None
    await asyncio.wait({made._task}, timeout=30)
    return made.get(id)


async def until_half(made: Trials, id: int) -> None:
    async with asyncio.timeout(30):
        while made.get(id).share < 0.2:
            await asyncio.sleep(0.01)


async def test_a_strategy_is_tried_on_the_counts_and_the_result_is_kept(tmp_path: Path) -> None:
    async with trials(tmp_path) as (made, city):
        begun = await city.post("trials", strategy="max_pressure", **RANGE)
        assert begun["state"] == "running"
        found = await ended(made, begun["id"])
        listed = await city.get("trials")
        again = Trials(city.bench).get(begun["id"])
    assert (found.state, found.share) == ("done", 1.0)
    words = found.result["words"]
    assert words[words.index("--strategies") + 1] == "local,max_pressure"
    assert words[words.index("--seconds") + 1] == "900"
    street = Path(words[words.index("--street") + 1])
    assert tomllib.loads((street / "demand.toml").read_text())["entries"]["x1_nb"] == 40.0
    assert any("detectors counted" in remark for remark in found.remarks)
    assert [t["state"] for t in listed["trials"]] == ["done"]
    assert again.result == found.result


async def test_another_sheet_is_compared_with_the_one_that_runs(tmp_path: Path) -> None:
    edits = {"plan.splits.2.split_s": 58.5, "plan.splits.1.split_s": 11.5}
    async with trials(tmp_path) as (made, city):
        begun = await city.post("trials", at="x1", edits=edits, **RANGE)
        found = await ended(made, begun["id"])
        words = found.result["words"]
        sheet = load(words[words.index("--intersections") + 1])
    assert found.state == "done"
    assert words[words.index("--against") + 1].endswith("now.csv")
    assert sheet.intersections[0].plan.split_s(2) == 58.5


async def test_one_trial_runs_at_a_time_and_can_be_cancelled(tmp_path: Path) -> None:
    async with trials(tmp_path, HANGS) as (made, city):
        begun = await city.post("trials", strategy="webster", **RANGE)
        await until_half(made, begun["id"])
        second = await city.post("trials", strategy="webster", **RANGE)
        child = made._child
        told = await city.post(f"trials/{begun['id']}/cancel")
        third = await city.post(f"trials/{begun['id']}/cancel")
    assert second["status_code"] == 409
    assert child is not None
    assert not child.running
    assert (told["state"], told["share"]) == ("cancelled", 0.5)
    assert third["error"] == f"trial {begun['id']} does not run"


async def test_the_child_ends_with_the_city(tmp_path: Path) -> None:
    async with trials(tmp_path, HANGS) as (made, _):
        begun = await made.start(Wish(strategy="webster", **RANGE), "anna")
        await until_half(made, begun.id)
        child = made._child
    assert child is not None
    assert not child.running


async def test_what_the_simulators_say_last_is_told(tmp_path: Path) -> None:
    async with trials(tmp_path, FAILS) as (made, city):
        begun = await city.post("trials", strategy="webster", **RANGE)
        found = await ended(made, begun["id"])
        after = await city.post("trials", strategy="webster", **RANGE)
    assert (found.state, found.why) == ("failed", "evaluate: no such strategy")
    assert after["state"] == "running"


async def test_a_trial_that_was_running_when_arterial_ended_did_not_end_well(tmp_path: Path) -> None:
    async with trials(tmp_path, HANGS) as (made, city):
        begun = await made.start(Wish(strategy="webster", **RANGE), "anna")
        await until_half(made, begun.id)
        assert Trials(city.bench).get(begun.id).state == "cancelled"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"strategy": "webstr"}, "no strategy named 'webstr'"),
        ({}, "both sides are the same"),
        ({"strategy": "webster", "to_ms": START_MS + 1000}, "a quarter of an hour at least"),
        ({"strategy": "webster", "from_ms": START_MS - 7_200_000, "to_ms": START_MS - 3_600_000}, "counted"),
        ({"at": "x1", "edits": {"plan.splits.2.split_s": 80}}, "sum to"),
        ({"at": "x1", "version": "feed"}, "no version 'feed'"),
    ],
)
async def test_what_cannot_be_tried_is_said_and_leaves_nothing(
    tmp_path: Path, wish: dict[str, Any], words: str
) -> None:
    async with trials(tmp_path) as (made, city):
        answer = await city.post("trials", **{**RANGE, **wish})
        assert made.all() == []
    assert words in answer["error"]
    assert answer["status_code"] in (404, 409, 422)
    assert not list((tmp_path / "var" / "trials").glob("*"))


async def test_without_a_street_it_is_said_what_to_configure(tmp_path: Path) -> None:
    async with desk(tmp_path, 3) as city:
        add_trials(city.app, city.bench, Trials(city.bench))
        told = await city.get("trials")
        answer = await city.post("trials", strategy="webster", **RANGE)
    assert "[simulation]" in told["missing"]
    assert answer["error"] == told["missing"]


async def test_only_so_many_are_kept(tmp_path: Path) -> None:
    async with trials(tmp_path) as (made, city):
        for n in range(1, KEPT + 3):
            (city.bench.var / "trials" / str(n)).mkdir(parents=True)
        begun = await made.start(Wish(strategy="webster", **RANGE), "anna")
        await ended(made, begun.id)
    assert begun.id == KEPT + 3
    assert len(list((tmp_path / "var" / "trials").iterdir())) == KEPT


def test_a_city_has_one_place_to_try_things() -> None:
    with pytest.raises(ValueError, match="either scenario or street"):
        SimulationSettings(scenario=Path("a.sumocfg"), street=Path("b"))


def pulses(x: Intersection, lane: str, role: str, times_s: list[int]) -> Events:
    (channel,) = [d.channel for d in x.detectors if d.lane == lane and d.role == role]
    at = np.array(times_s, np.int64) * 10**9
    return Events(at, np.full(len(at), 82), np.full(len(at), channel))


def test_counts_stand_in_the_quarter_of_the_range_in_which_they_came() -> None:
    begin = 1_790_000_300  # not on a quarter of the clock
    log = pulses(X, "x1_nb_1", "advance", [begin, begin + 899, begin + 900, begin + 1800])
    found = counted(X, log, begin * 10**9, (begin + 1800) * 10**9)
    assert found.lanes["x1_nb_1"] == [2, 1]
    assert found.lanes["x1_nb_2"] == [0, 0]


def test_the_demand_carries_as_many_as_were_counted_and_turns_as_they_did() -> None:
    lanes = {lane.id: [0, 0] for lane in X.lanes}
    lanes |= {"x1_nb_1": [30, 60], "x1_nb_2": [10, 20]}
    text, remarks = demand(DEMAND, [X], lanes, 1800)
    told, before = tomllib.loads(text), tomllib.loads(DEMAND.read_text())
    assert told["entries"]["x1_nb"] == 320.0
    factors = [s["factor"] for s in told["surges"] if s["link"] == "x1_nb"]
    assert factors == [0.5, 1.0]
    left, through, right = told["turns"]["x1_nb"]
    assert left == 0.25
    assert through / right == pytest.approx(before["turns"]["x1_nb"][1] / before["turns"]["x1_nb"][2], 0.01)
    assert told["entries"]["x5_wb"] == before["entries"]["x5_wb"]
    assert any(remark.startswith("x5_wb: not counted") for remark in remarks)
    assert told["buses"] == before["buses"]


def test_what_is_no_demand_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demand.toml").write_text(json.dumps({}))
    with pytest.raises(DeskError, match="no demand of a built street"):
        demand(tmp_path / "demand.toml", [X], {}, 900)
