"""Does `arterial report` measure what the store holds, and say plainly what is missing?"""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from collectors.reading import Reading
from gateway.cli import app
from gateway.reports.arrivals import ReportError
from gateway.reports.span import span_of
from storage.connect import connect

START_NS = 1_715_612_400_000_000_000  # 2024-05-13 15:00:00 UTC
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with ten minutes of one phase."""
    folder = tmp_path_factory.mktemp("var")
    rows = [(t, c, 2) for k in range(10) for t, c in ((60 * k, 1), (60 * k + 20, 4), (60 * k + 20, 8))]
    rows += [(60 * k + 23, 10, 2) for k in range(10)] + [(60 * k + 25, 11, 2) for k in range(10)]
    rows += [(60 * k + 5, 82, 7) for k in range(10)]

    async def fill() -> None:
        store = await connect("duckdb", {}, folder)
        await store.write(
            [
                Reading("hires", "town", "x1", START_NS + t * 10**9, {"code": c, "param": p}, tie=i)
                for i, (t, c, p) in enumerate(sorted(rows))
            ],
            1,
        )
        await store.close()

    asyncio.run(fill())
    return folder


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["report", *map(str, words)], env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_every_measure_is_listed() -> None:
    code, text = run("list")
    assert code == 0
    assert "purdue_coordination_diagram" in text
    assert "split_monitor" in text


def test_splits_are_told(var: Path) -> None:
    code, text = run("measure", "split-monitor", "--var", var)
    assert code == 0, text
    assert "2024-05-13 15:00:00" in text
    assert "25.0" in text


def test_a_table_names_the_detectors(var: Path, tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_text("DeviceId,Phase,Function,Parameter\nx1,2,Advance,7\n")
    out = tmp_path / "pcd.csv"
    code, text = run("measure", "pcd", "--var", var, "--detectors", table, "--csv", out)
    assert code == 0, text
    rows = list(csv.DictReader(out.open()))
    assert {r["what"] for r in rows} == {"arrival", "green", "yellow", "end"}
    assert rows[0]["at"].startswith("2024-05-13T15:0")
    assert [r["since_s"] for r in rows if r["what"] == "arrival"] == ["42.0"] * 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "pdc"), "no measure named 'pdc'; there are:"),
        (("measure", "pcd"), "needs advance detectors"),
        (("measure", "splits"), "nothing to report"),
        (("measure", "has_data", "--device", "x9"), "no events of x9 in the store; devices with events: x1"),
        (("measure", "actuations", "--since", "soon"), "'soon' is neither so long ago"),
        (("measure", "actuations", "--until", "2020-01-01"), "nothing to report"),
    ],
)
def test_what_is_missing_is_said(var: Path, words: tuple[str, ...], said: str) -> None:
    code, text = run(*words, "--var", var)
    assert (code, said in text) == (1, True), text


def test_an_empty_store_is_said(tmp_path: Path) -> None:
    code, text = run("measure", "actuations", "--var", tmp_path)
    assert (code, "no events in the store; devices with events: none" in text) == (1, True), text


def test_times_are_understood() -> None:
    assert span_of("", "")[0] == 0
    assert span_of("2h", "1h", NOW) == tuple(round(NOW.timestamp() - h * 3600) * 10**9 for h in (2, 1))
    with pytest.raises(ReportError, match="is not before"):
        span_of("1h", "2h", NOW)


TABLE = "DeviceId,Phase,Function,Parameter\nx1,2,advance,7\n"


@pytest.fixture(scope="module")
def detectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "detectors.csv"
    path.write_text(TABLE)
    return path


def test_every_measure_is_a_command_by_the_names_of_the_trade() -> None:
    code, text = run("--help")
    assert code == 0
    for name in ("pcd", "split-monitor", "terminations", "tmc", "link-pivot", "before-after"):
        assert f" {name} " in text
    code, text = run("pcd", "--help")
    assert code == 0
    assert "Purdue Coordination Diagram" in text
    code, text = run("pdc")
    assert code == 2
    assert "No such command" in text


def test_a_coordination_diagram_is_drawn_on_the_terminal(var: Path, detectors: Path) -> None:
    code, text = run("pcd", "--detectors", detectors, "--var", var)
    assert code == 0, text
    assert "x1 phase 2: 9 arrivals, 100% on green" in text
    assert {"G", "Y", "R"} <= set(text)
    code, text = run("pcd", "--table", "--detectors", detectors, "--var", var)
    assert code == 0
    assert "since_s" in text


def test_terminations_and_bins_are_drawn_and_listed(var: Path, detectors: Path) -> None:
    code, text = run("terminations", "--var", var)
    assert code == 0, text
    (line,) = [line for line in text.splitlines() if "x1 phase 2" in line]
    assert line.count("o") == 10
    code, text = run("aog", "--detectors", detectors, "--var", var)
    assert code == 0, text
    assert "mean 100.0" in text
    code, text = run("split-monitor", "--each", "--var", var)
    assert code == 0
    assert text.count("gap_out") == 10
    code, text = run("aog", "--each", "--detectors", detectors, "--var", var)
    assert (code, "no single happenings" in text) == (1, True)


def test_a_study_needs_a_city_and_what_is_missing_is_said(var: Path) -> None:
    code, text = run("link-pivot", "--var", var)
    assert code == 1
    assert "needs intersections of a city file (--config)" in text
    code, text = run("splits", "--var", var)
    assert code == 1
    assert "split-monitor takes them from the lights" in text


def test_a_study_of_a_city_is_told(var: Path) -> None:
    demo = Path(__file__).resolve().parents[3] / "configs" / "demo.toml"
    code, text = run("webster", "--config", demo, "--device", "x9", "--var", var)
    assert (code, "not there: x9" in text) == (1, True)
    code, text = run("time-space", "--config", demo, "--device", "x1", "--var", var)
    assert code == 0, text
    assert "green" in text
