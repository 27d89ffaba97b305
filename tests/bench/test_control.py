"""Does the bench of strategies run nothing twice, and tell what is wrong in its table?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from simulators.evaluate_run import Run
from simulators.networks.job import Job
from simulators.networks.scenario import Scenario
from simulators.networks.timing import Timing
from tests.bench.bench_control import ALL, CASES, complete, jobs_of, name_of, row, table

FAULTS = {"stuck": 0.0, "interventions": 0.0, "conflicts": 0.0}


def scenario(tmp_path: Path) -> Scenario:
    """A network that is only named."""
    net = tmp_path / "town.net.xml"
    net.write_text("<net/>")
    return Scenario(tmp_path / "town.sumocfg", net, (), (), 0.0, 3600.0, 1.0)


def runs_of(jobs: list[Job], **faults: float) -> dict[str, list[Run]]:
    """A delay of 10, 11, ... s on the seeds."""
    found: dict[str, list[Run]] = {}
    for job in jobs:
        values = {"delay_s": 9.0 + job.seed, **FAULTS, **faults}
        found.setdefault(job.strategy, []).append(Run(job.strategy, job.seed, values))
    return found


def test_what_the_ledger_holds_is_not_run_again(tmp_path: Path) -> None:
    jobs = jobs_of(CASES[0], scenario(tmp_path), Timing(), [1, 2])
    ledger = tmp_path / "ledger.jsonl"
    with ledger.open("w") as file:
        for job in jobs:
            told = {"strategy": job.strategy, "seed": job.seed, "values": {"delay_s": 1.0}, "worst": ""}
            file.write(json.dumps({"name": name_of(job, "sources"), **told}) + "\n")
    assert len(complete(jobs, ledger, 0, "sources")) == 2 * len(ALL)  # 0 processes: nobody could run any


def test_a_change_of_the_sources_concerns_our_strategies_and_not_the_ones_of_sumo(tmp_path: Path) -> None:
    ours, theirs = (
        next(j for j in jobs_of(CASES[0], scenario(tmp_path), Timing(), [1]) if j.strategy == name)
        for name in ("lookahead", "sumo_actuated")
    )
    assert name_of(ours, "old") != name_of(ours, "new")
    assert name_of(theirs, "old") == name_of(theirs, "new")
    assert name_of(theirs, "") == name_of(dataclasses.replace(theirs, layout="both"), "")
    assert name_of(ours, "") != name_of(dataclasses.replace(ours, layout="both"), "")


def test_the_table_tells_the_worst_seed_and_what_must_not_be(tmp_path: Path) -> None:
    street = scenario(tmp_path)
    jobs = jobs_of(CASES[0], street, Timing(), [1, 2, 3])
    cells = row(street, CASES[0], runs_of(jobs, interventions=1.0))
    assert cells[0] == "town, area"
    assert cells[1 + ALL.index("lookahead")] == "11.0 ± 2.5"
    assert cells[-2:] == ["+9 %", "0/3/0"]
    assert table([cells]).count("\n") == 2
