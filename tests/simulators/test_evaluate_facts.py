"""Are results kept as they are, and are unlike ones told apart?"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from simulators.evaluate_cli import seeds_of
from simulators.evaluate_facts import facts_of, read_csv, unlike, write_csv
from simulators.evaluate_measures import MEASURES
from simulators.evaluate_run import Run
from simulators.networks.job import Job
from simulators.networks.scenario import read_scenario
from simulators.networks.timing import Timing
from simulators.street_net import StreetError


def job(crossing: Path) -> Job:
    return Job(read_scenario(crossing / "run.sumocfg"), "max_pressure", 1)


def test_results_come_back_from_their_file(crossing: Path, tmp_path: Path) -> None:
    values = {m.key: 1.5 for m in MEASURES} | {"ped_wait_s": math.nan}
    facts = facts_of(job(crossing))
    write_csv(tmp_path / "r.csv", facts, [Run("a", 3, values, "x > y")])
    told, runs = read_csv(tmp_path / "r.csv")
    assert told == facts
    assert (runs[0].strategy, runs[0].seed, runs[0].worst_movement) == ("a", 3, "x > y")
    assert runs[0].values["delay_s"] == 1.5
    assert math.isnan(runs[0].values["ped_wait_s"])


def test_strategy_and_seed_may_differ_and_nothing_else(crossing: Path) -> None:
    first = job(crossing)
    assert not unlike(facts_of(first), facts_of(dataclasses.replace(first, strategy="fixed", seed=9)))
    for change in ({"layout": "area"}, {"timing": Timing(yellow_s=3)}, {"failures": "dead"}):
        assert len(unlike(facts_of(first), facts_of(dataclasses.replace(first, **change)))) == 1
    longer = dataclasses.replace(first, street=read_scenario(crossing / "run.sumocfg", 600))
    assert unlike(facts_of(first), facts_of(longer)) == ["end_s: '3600' and '600'"]


def test_a_file_that_holds_no_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(StreetError, match="holds no results"):
        read_csv(tmp_path / "x.csv")


def test_seeds_are_listed_or_ranged() -> None:
    assert seeds_of("1-3,7") == [1, 2, 3, 7]
    with pytest.raises(StreetError, match="no list of seeds"):
        seeds_of("one")
