"""Are timing sheets shown, compared, tried and written back as a traffic engineer expects?"""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.audit.config_change import config_change
from gateway.cli import app
from gateway.config.settings import load
from gateway.desk.sheet.candidate import with_edits, with_intersection
from gateway.desk.sheet.effects import advised, effects, volumes
from gateway.desk.sheet.past import draft, past, wanted_by
from gateway.desk.sheet.places import edited, plain
from gateway.desk.workbench import DeskError
from signal_control.hcm import LaneGroup, control_delay
from signal_control.model import Intersection
from tests.gateway.desk.one_desk import CITY, DEMO, START_MS, X, desk

SPLITS = {"plan.splits.2.split_s": 58.5, "plan.splits.1.split_s": 11.5}


def ran_with(var: Path, *sheets: dict[str, Any]) -> None:
    """The city has run with these sheets of x1, one after the other."""
    for at_ns, edits in enumerate(sheets, 1):
        x = Intersection.model_validate(edited(plain(X), edits))
        told = DEMO.model_copy(update={"intersections": (x, *DEMO.intersections[1:])})
        config_change(told, var / "audit", at_ns * 1_000_000_000)


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_only_the_line_of_a_value_changes_in_the_city_file() -> None:
    text = CITY.read_text()
    lines = changed_lines(text, with_edits(text, "x1", {"plan.splits.2.split_s": 57.0}))
    assert lines == ["-  { phase = 2, split_s = 56.5 },", "+  { phase = 2, split_s = 57.0 },"]


def test_a_value_left_to_its_default_is_added(tmp_path: Path) -> None:
    text = with_edits(CITY.read_text(), "x1", {"phases.4.recall": "min"})
    path = tmp_path / "city.toml"
    path.write_text(text)
    assert load(path).intersections[0].phase(4).recall == "min"


def test_an_intersection_written_anew_is_the_same_and_leaves_the_others_alone(tmp_path: Path) -> None:
    gone = Intersection.model_validate({**plain(X), "detectors": plain(X)["detectors"][:3]})
    path = tmp_path / "city.toml"
    path.write_text(with_intersection(CITY.read_text(), gone))
    found = load(path).intersections
    assert found[0] == gone
    assert found[1:] == DEMO.intersections[1:]


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DeskError, match=r"no value named 'phases.2.min_gren_s'.*did you mean"):
        edited(plain(X), {"phases.2.min_gren_s": 3})


def test_an_earlier_sheet_is_found_once_and_written_back(tmp_path: Path) -> None:
    ran_with(tmp_path, SPLITS, {}, SPLITS, {})
    found = past(tmp_path / "audit", X)
    assert [(p.begun_ms, p.differs) for p in found] == [(4000, 0), (3000, 2)]
    wanted = wanted_by(X, tmp_path / "audit", {}, found[1].id[:6])
    told = draft(DEMO, CITY, X, wanted)
    assert [(c.where, c.before, c.after) for c in told.changes] == [
        ("plan.splits.1.split_s", 13.5, 11.5),
        ("plan.splits.2.split_s", 56.5, 58.5),
    ]
    assert told.diff.count("\n+ ") == told.diff.count("\n- ") == 2


def test_a_candidate_that_is_not_sound_is_not_written() -> None:
    with pytest.raises(DeskError, match="sum to 102 s, the cycle is 100 s"):
        draft(DEMO, CITY, X, edited(plain(X), {"plan.splits.2.split_s": 58.5}))


def test_delay_is_the_handbooks_for_the_counted_volume() -> None:
    flows = {lane.id: 400.0 for lane in X.lanes}
    told = effects(X, X.plan, flows)["lanes"]["x1_eb_2"]
    green_s = X.plan.split_s(2) - X.phase(2).clearance_s
    expected = control_delay(LaneGroup(400.0, 1900.0, green_s), 100.0)
    assert told["delay_s"] == round(expected.total_s, 1)
    assert told["capacity_veh_h"] == round(1900 * green_s / 100)


def test_the_advice_is_never_worse_than_the_plan() -> None:
    flows = {lane.id: 90.0 * (1 + n % 4) for n, lane in enumerate(X.lanes)}
    assert advised(X, flows)["delay_s"] <= effects(X, X.plan, flows)["delay_s"]


async def test_the_busiest_quarter_counts(tmp_path: Path) -> None:
    async with desk(tmp_path) as city:
        log = await city.bench.store.events("x1", 0, 4_000_000_000_000_000_000)
    flows, peak_ns = volumes(X, log.at_ns, log.code, log.param)
    assert peak_ns == START_MS * 1_000_000
    assert flows == {lane.id: 20.0 for lane in X.lanes}  # five pulses in a quarter of an hour


async def test_a_trial_shows_effects_and_warnings_and_changes_nothing(tmp_path: Path) -> None:
    edits = {**SPLITS, "phases.2.yellow_s": 3.0}
    async with desk(tmp_path) as city:
        wish = {"at": "x1", "from_ms": START_MS, "to_ms": START_MS + 900_000}
        found = await city.post("sheet/try", **wish, edits=edits)
        broken = await city.post("sheet/try", **wish, edits={"plan.splits.2.split_s": 10.0})
        sheet = await city.get("sheet", at="x1")
    assert not found["faults"]
    assert any("ITE asks for 3.3 s" in w["what"] for w in found["warnings"])
    (plan,) = found["plans"]
    lanes = [plan[side]["lanes"]["x1_eb_2"]["capacity_veh_h"] for side in ("before", "after")]
    assert lanes[1] > lanes[0]
    assert any("minimum green or walk" in fault["what"] for fault in broken["faults"])
    assert broken["plans"][0]["after"] is None
    assert sheet["sheet"] == plain(X)
    assert not (tmp_path / "candidates").exists()


async def test_a_candidate_is_written_beside_and_named(tmp_path: Path) -> None:
    async with desk(tmp_path) as city:
        first = await city.post("sheet/candidate", at="x1", edits=SPLITS)
        second = await city.post("sheet/candidate", at="x1", edits=SPLITS)
        nothing = await city.post("sheet/candidate", at="x1")
    assert Path(first["path"]).name == "demo-1.toml"
    assert Path(second["path"]).name == "demo-2.toml"
    assert load(first["path"]).intersections[0].plan.split_s(2) == 58.5
    assert nothing["error"] == "nothing differs from what runs"


def test_the_same_can_be_done_on_the_command_line(tmp_path: Path) -> None:
    city = tmp_path / "city.toml"
    shutil.copy(CITY, city)
    ran_with(tmp_path, SPLITS, {})
    told = ["--config", str(city), "--var", str(tmp_path)]

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["plan", *words, *told])
        assert result.exit_code == 0, result.output
        return result.output

    version = past(tmp_path / "audit", X)[1].id
    assert version in run("versions", "x1")
    assert "plan.splits.2.split_s: 58.5 -> 56.5" in run("diff", "x1", version)
    assert "plan.splits.2.split_s = 58.5" in run("show", "x1", "--version", version)
    assert "2 changes written to" in run("rollback", "x1", version, "--out", str(tmp_path / "back.toml"))
    assert load(tmp_path / "back.toml").intersections[0].plan.split_s(2) == 58.5
    assert load(city) == load(CITY)
    wrong = CliRunner().invoke(app, ["plan", "rollback", "x1", "feed", *told])
    assert wrong.exit_code == 1
    assert "no version 'feed'" in wrong.output
