"""Are two periods compared like with like, and is it said when they are not?"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from typer.testing import CliRunner

from collectors.reading import Reading
from gateway.cli import app
from gateway.config.settings import load
from gateway.reports.arrivals import ReportError
from gateway.reports.before_after.bins import Bins, Value
from gateway.reports.before_after.compare import Comparison, Sides, compared
from gateway.reports.before_after.page import page
from gateway.reports.before_after.paper import paper
from gateway.reports.before_after.period import period_ns, report
from gateway.reports.before_after.words import equal, interval, number
from storage.connect import connect

VIENNA = ZoneInfo("Europe/Vienna")
QUARTER = 900 * 10**9
CITY = Path(__file__).resolve().parents[4] / "configs" / "demo.toml"


def day(date: str, delay: float, volume: float = 100.0, seed: int = 1, hours: int = 6) -> Bins:
    """A day's bins from six in the morning, by Vienna's clock."""
    rng = np.random.default_rng(seed)
    start = round(datetime.fromisoformat(f"{date}T06:00").replace(tzinfo=VIENNA).timestamp()) * 10**9
    return {
        start + n * QUARTER: {
            "volume": Value(volume * (1 + 0.1 * rng.normal()), 1.0),
            "delay": Value(delay + rng.normal(), 80.0),
        }
        for n in range(4 * hours)
    }


def comparison(before: dict[str, float], after: dict[str, float], volume: float = 100.0) -> Comparison:
    """Of days with these delays."""
    sides = [
        {
            k: v
            for n, (date, delay) in enumerate(days.items())
            for k, v in day(date, delay, much, n + s).items()
        }
        for s, days, much in ((10, before, 100.0), (20, after, volume))
    ]
    return compared("x1", "Harbour Street", Sides((0, 1), (2, 3), *sides), VIENNA)


def row(found: Comparison, key: str):  # type: ignore[no-untyped-def]
    return next(r for r in found.rows if r.key == key)


def test_the_same_weekdays_and_times_are_compared_over_the_change_of_the_clock() -> None:
    found = comparison({"2026-03-23": 30.0, "2026-03-24": 30.0}, {"2026-03-30": 25.0, "2026-03-31": 25.0})
    delay = row(found, "delay")
    assert found.match == "weekday"
    assert delay.bins == 48
    assert delay.difference == pytest.approx(-5, abs=0.6)
    assert delay.high < 0
    assert delay.verdict.startswith("It fell, which is better")


def test_no_change_is_called_no_change() -> None:
    found = comparison({"2026-03-02": 30.0}, {"2026-03-09": 30.0})
    assert "includes zero" in row(found, "delay").verdict


def test_days_that_do_not_match_are_said_to() -> None:
    weekdays = comparison({"2026-03-02": 30.0}, {"2026-03-04": 25.0})
    assert weekdays.match == "sort"
    assert weekdays.remarks[0].startswith("Days do not match")
    sunday = comparison({"2026-03-02": 30.0}, {"2026-03-08": 25.0})
    assert sunday.match == "time"
    assert "do not conclude" in sunday.remarks[0]


def test_a_weekday_that_only_one_period_has_is_left_out_and_named() -> None:
    found = comparison({"2026-03-02": 30.0, "2026-03-03": 30.0}, {"2026-03-09": 25.0})
    assert row(found, "delay").bins == 24
    assert "Left out: Tue, which only the period before has." in found.remarks


def test_a_change_of_traffic_is_remarked() -> None:
    found = comparison({"2026-03-02": 30.0}, {"2026-03-09": 30.0}, volume=70.0)
    assert any(remark.startswith("Traffic fell by 3") for remark in found.remarks)


def test_nothing_in_common_is_nothing_to_compare() -> None:
    empty = compared("x1", "x1", Sides((0, 1), (2, 3), {}, day("2026-03-02", 30.0)), VIENNA)
    assert empty.rows == ()
    assert "Before has no data: nothing can be compared." in empty.remarks
    assert "no data" in page([empty])
    assert paper([empty]).startswith(b"%PDF")


def test_the_page_needs_nothing_else_and_shows_every_number() -> None:
    found = comparison({"2026-03-02": 30.0}, {"2026-03-09": 25.0})
    text = page([found])
    delay = row(found, "delay")
    for word in (number(delay.before, 1), interval(delay.low, delay.high, 1), equal(delay), delay.verdict):
        assert word in text
    assert "http" not in text
    assert "<script" not in text
    assert text == page([comparison({"2026-03-02": 30.0}, {"2026-03-09": 25.0})])


def test_what_comes_from_elsewhere_is_no_markup() -> None:
    sides = Sides((0, 1), (2, 3), day("2026-03-02", 30.0), day("2026-03-09", 30.0))
    assert "<b>x" not in page([compared("x1", "<b>x", sides, VIENNA)])


def test_the_paper_has_a_page_for_each_intersection() -> None:
    found = comparison({"2026-03-02": 30.0}, {"2026-03-09": 25.0})
    pdf = paper([found, found])
    assert pdf.count(b"/Type /Page\n") >= 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-02", "is no period; FROM..TO"),
        ("2026-03-09..2026-03-02", "must begin before it ends"),
        ("2025-03-09..2026-03-02", "92 days at most"),
    ],
)
def test_a_period_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(ReportError, match=words):
        period_ns(text, VIENNA)


def test_days_begin_at_the_citys_midnight() -> None:
    begin, end = period_ns("2026-03-28..2026-03-30", VIENNA)
    assert (end - begin) // 3_600_000_000_000 == 47


async def filled(var: Path) -> tuple[int, int]:
    """Two mornings of one through phase: the second serves the arrivals in green."""
    store = await connect("duckdb", {}, var)
    starts = [1_790_000_100, 1_790_000_100 + 7 * 86_400]
    readings = []
    for start, late in zip(starts, (40, 5), strict=True):
        for n in range(3 * 60):
            t = start + 60 * n
            rows = [(0, 1, 2), (25, 8, 2), (28, 10, 2), (late, 82, 21), (late + 1, 81, 21), (45, 90, 2)]
            rows += [(late + 6, 82, 1), (late + 7, 81, 1), (50, 21, 2), (57, 22, 2)]
            readings += [
                Reading("hires", "demo", "x1", (t + s) * 10**9, {"code": c, "param": p}, tie=i)
                for i, (s, c, p) in enumerate(rows)
            ]
    await store.write(readings, 1)
    await store.close()
    return starts[0], starts[1]


async def test_a_real_change_in_the_log_is_found(tmp_path: Path) -> None:
    starts = await filled(tmp_path)
    store = await connect("duckdb", {}, tmp_path)
    city = load(CITY)
    spans = tuple((s * 10**9, (s + 3 * 3600) * 10**9) for s in starts)
    (found,) = await report(store, city.intersections, ["x1"], spans, ZoneInfo("UTC"))  # type: ignore[arg-type]
    on_green = row(found, "on_green")
    assert (on_green.before, on_green.after) == (0.0, 100.0)
    assert row(found, "delay").before == pytest.approx(20.0)
    assert row(found, "volume").before == 60.0
    assert row(found, "ped_delay").difference == 0
    with pytest.raises(ReportError, match="overlap"):
        await report(store, city.intersections, ["x1"], (spans[0], spans[0]), ZoneInfo("UTC"))
    with pytest.raises(ReportError, match="no intersection named 'x9'"):
        await report(store, city.intersections, ["x9"], spans, ZoneInfo("UTC"))  # type: ignore[arg-type]
    await store.close()


def test_the_command_writes_page_and_paper(tmp_path: Path) -> None:
    starts = asyncio.run(filled(tmp_path))
    spans = [
        "..".join(f"{datetime.fromtimestamp(s + h, ZoneInfo('UTC')):%Y-%m-%dT%H:%M}" for h in (0, 10_800))
        for s in starts
    ]
    words = ["report", "before-after", "--before", spans[0], "--after", spans[1], "--config", str(CITY)]
    files = ["--html", str(tmp_path / "r.html"), "--pdf", str(tmp_path / "r.pdf"), "--var", str(tmp_path)]
    result = CliRunner().invoke(app, [*words, *files, "--intersection", "x1"])
    assert result.exit_code == 0, result.output
    assert "Arrivals on green, %: It rose, which is better." in result.output
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert "Arrivals on green" in (tmp_path / "r.html").read_text()
