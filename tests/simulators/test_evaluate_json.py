"""Does another program read the same results that the table shows, and nothing where nothing is known?"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from simulators.evaluate_json import note_progress, write_json
from simulators.evaluate_measures import MEASURES, mean_of, paired
from simulators.evaluate_run import Run


def runs(strategy: str, delays: list[float], decide_ms: float = math.nan) -> list[Run]:
    usual = dict.fromkeys((m.key for m in MEASURES), 1.0)
    values = [{**usual, "delay_s": d, "decide_ms": decide_ms} for d in delays]
    return [Run(strategy, seed, v, "") for seed, v in enumerate(values, 1)]


def test_means_intervals_and_paired_differences_are_those_of_the_table(tmp_path: Path) -> None:
    base, other = runs("local", [50.0, 52.0, 57.0]), runs("webster", [45.0, 48.0, 51.0], 3.0)
    write_json(tmp_path / "r.json", {"scenario": "town"}, [*base, *other])
    told = json.loads((tmp_path / "r.json").read_text())
    assert (told["base"], [s["name"] for s in told["strategies"]]) == ("local", ["local", "webster"])
    delay = told["strategies"][1]["values"]["delay_s"]
    gain, mean = paired(other, base), mean_of(other, "delay_s")
    assert (delay["mean"], delay["half_width"]) == pytest.approx((mean.value, mean.half_width))
    assert (delay["difference"], delay["p"]) == pytest.approx((gain.value, gain.p))


def test_what_only_one_side_has_makes_no_difference(tmp_path: Path) -> None:
    write_json(tmp_path / "r.json", {}, [*runs("local", [50.0, 52.0]), *runs("webster", [45.0, 48.0], 3.0)])
    decide = json.loads((tmp_path / "r.json").read_text())["strategies"][1]["values"]["decide_ms"]
    assert decide["mean"] == 3.0
    assert decide["difference"] is decide["p"] is None


def test_progress_is_a_number_in_a_file_or_nothing(tmp_path: Path) -> None:
    note_progress(None, 0.5)
    note_progress(tmp_path / "progress", 0.5)
    assert float((tmp_path / "progress").read_text()) == 0.5
    assert [p.name for p in tmp_path.iterdir()] == ["progress"]
