"""Is the report one file that says what the runs say?"""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

from simulators.evaluate_facts import FACTS
from simulators.evaluate_measures import MEASURES, Mean
from simulators.evaluate_plot import dots
from simulators.evaluate_report import write_report
from simulators.evaluate_run import Run


def run(strategy: str, seed: int, delay: float) -> Run:
    values = {m.key: 1.0 for m in MEASURES} | {"delay_s": delay, "ped_wait_s": math.nan}
    return Run(strategy, seed, values, "north > <east>")


def test_the_report_needs_nothing_else_and_shows_every_strategy(tmp_path: Path) -> None:
    facts = dict.fromkeys(FACTS, "x") | {"begin_s": "0", "end_s": "3600", "scale": "1.2", "jitter_s": "0"}
    runs = [run(s, seed, d + seed) for s, d in (("fixed", 40), ("mine", 20)) for seed in (1, 2, 3)]
    write_report(tmp_path / "r.html", facts, runs)
    page = (tmp_path / "r.html").read_text()
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "demand x 1.2" in page
    assert "22.0 ± 2.5" in page
    assert "-20.0 ± 0.0" in page
    assert "north &gt; &lt;east&gt;" in page
    assert "NaN" not in page
    assert "nan" not in page


def test_a_plot_puts_a_dot_for_each_seed_and_keeps_zero_in_view() -> None:
    figure = ElementTree.fromstring(
        dots("t", {"a": ([30.0, 50.0], Mean(40.0, 5.0)), "b": ([90.0], Mean(90.0, math.nan))})
    )
    circles = [float(e.attrib["cx"]) for e in figure.iter("circle")]
    assert len(circles) == 3
    assert circles[0] < circles[1] < circles[2]
    ticks = [e.text for e in figure.iter("text") if e.get("class") == "tick"]
    assert ticks[0] == "0"
    assert ticks[-1] == "100"


def test_nothing_to_draw_is_no_plot() -> None:
    assert dots("t", {"a": ([math.nan], Mean(math.nan, math.nan))}) == ""
