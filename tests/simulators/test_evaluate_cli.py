"""Does an evaluation that was asked for run, write what it found, and refuse what cannot be compared?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from simulators.__main__ import main


def evaluate(*words: object) -> int:
    return main(["evaluate", *map(str, words), "--quiet", "--jobs", "1"])


def test_strategies_are_run_shown_and_kept(
    crossing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, page = tmp_path / "r.csv", tmp_path / "r.html"
    told = ("--seconds", 120, "--csv", runs, "--html", page)
    assert evaluate(crossing / "run.sumocfg", "--strategies", "fixed,local", "--seeds", "1", *told) == 0
    shown = capsys.readouterr().out
    assert "to fixed" in shown
    rows = list(csv.DictReader(runs.open()))
    assert [(r["strategy"], r["seed"]) for r in rows] == [("fixed", "1"), ("local", "1")]
    assert rows[0]["delay_s"] == rows[1]["delay_s"]
    assert "<svg" in page.read_text()
    assert evaluate(crossing / "run.sumocfg", "--seconds", 60, "--against", runs) == 1
    assert "end_s: '120' and '60'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("nowhere.sumocfg",), "nowhere.sumocfg"),
        ((), "name a .sumocfg"),
        (("--failures", "haunted"), "no failure 'haunted'"),
        (("--seeds", "many"), "no list of seeds"),
    ],
)
def test_what_cannot_be_run_is_one_clear_line(
    crossing: Path, words: tuple[str, ...], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = () if not words or not words[0].startswith("--") else (crossing / "run.sumocfg",)
    assert evaluate(*scenario, *words) == 1
    assert fault in capsys.readouterr().err


def test_an_unknown_strategy_is_named_with_those_there_are(
    crossing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(crossing / "run.sumocfg", "--strategies", "wishful", "--seeds", "1") == 1
    assert "no strategy named 'wishful'; there are: " in capsys.readouterr().err


def test_checked_intersections_take_the_place_of_imported_ones(crossing: Path, tmp_path: Path) -> None:
    checked, runs = tmp_path / "slow.toml", tmp_path / "r.csv"
    main(["import", str(crossing / "x.net.xml"), "--out", str(checked)])
    text = (
        checked.read_text()
        .replace("split_s = 33.0", "split_s = 63.0")
        .replace("cycle_s = 84.0", "cycle_s = 144.0")
    )
    checked.write_text(text.replace("distance_m = 90.0", "distance_m = 60.0"))
    here = ("--seconds", 300, "--strategies", "local", "--seeds", 1, "--csv", runs)
    delays = {}
    for told in ((), ("--intersections", checked)):
        assert evaluate(crossing / "run.sumocfg", *here, *told) == 0
        row = next(csv.DictReader(runs.open()))
        delays[row["strategy"]] = float(row["delay_s"])
    assert delays["local [slow]"] > delays["local"] + 3


def test_intersections_of_another_network_are_refused(
    crossing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = tmp_path / "c.toml"
    main(["import", str(crossing / "x.net.xml"), "--out", str(checked)])
    checked.write_text(
        checked.read_text().replace('lane = "nc_0", role = "advance"', 'lane = "q_0", role = "advance"')
    )
    assert evaluate(crossing / "run.sumocfg", "--seeds", 1, "--intersections", checked) == 1
    assert "lies on lane 'q_0', which does not exist" in capsys.readouterr().err
