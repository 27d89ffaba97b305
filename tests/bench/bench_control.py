"""How long do people wait under each strategy, on any networks, with other detectors, days and failures?

Run it: `python tests/bench/bench_control.py a.sumocfg b.sumocfg --seeds 1-5 --jobs 2`. Every network runs
with every case of CASES (`--cases` takes some of them): detectors as zones, loops or both, demand times 1.2,
departures shifted by up to 120 s, a tenth of the detectors dead or stuck, all dead. The strategies of a case
run on the same seeds, SUMO's own controllers among them, with the same intervals (yellow 3 s, no all-red,
minimum green 5 s; `--own` leaves the programs theirs). Each run is one line in `--ledger`, under a digest of
the sources: what has run is not run again, so a stopped bench goes on where it was. The table is Markdown,
for docs/control.md: mean delay in seconds and its 95 % interval, by how much the worst seed is above the
mean, and what must be nothing: vehicles stuck for good, commands that the rules changed, conflicts.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from simulators.evaluate_cli import seeds_of
from simulators.evaluate_facts import facts_of
from simulators.evaluate_measures import mean_of
from simulators.evaluate_pool import run_here
from simulators.evaluate_run import Run
from simulators.evaluate_table import number
from simulators.networks.job import Job
from simulators.networks.native import NATIVE
from simulators.networks.scenario import Scenario, read_scenario
from simulators.networks.timing import Timing

ROOT: Final = Path(__file__).resolve().parents[2]
ALL: Final = (
    "fixed",
    "sumo_actuated",
    "sumo_delay_based",
    "actuated",
    "max_wave",
    "max_pressure",
    "lookahead",
)
FEW: Final = ("fixed", "sumo_actuated", "max_wave", "lookahead")
SOURCES: Final = ("signal_control", "simulators/networks", "simulators/cabinet.py", "gateway/signals.py")


@dataclass(frozen=True, slots=True)
class Case:
    """Conditions that all strategies of a row share."""

    name: str
    layout: str
    strategies: tuple[str, ...] = ALL
    scale: float = 1.0
    jitter_s: float = 0.0
    failures: str = ""


CASES: Final = (
    Case("area", "area"),
    Case("both", "both"),
    Case("loops", "loops"),
    Case("demand", "loops", FEW, scale=1.2),
    Case("jitter", "loops", FEW, jitter_s=120.0),
    Case("dead", "loops", ("lookahead",), failures="dead:0.1"),
    Case("stuck", "loops", ("lookahead",), failures="stuck:0.1"),
    Case("all_dead", "loops", ("local", "lookahead"), failures="dead:1"),
)


def jobs_of(case: Case, scenario: Scenario, timing: Timing, seeds: Sequence[int]) -> list[Job]:
    """Every run of a case on a network."""
    street = dataclasses.replace(scenario, scale=case.scale, jitter_s=case.jitter_s)
    plain = Job(street, case.strategies[0], 0, case.layout, timing, case.failures)
    return [dataclasses.replace(plain, strategy=s, seed=n) for s in case.strategies for n in seeds]


def name_of(job: Job, sources: str) -> str:
    """What a run depends on; SUMO's own controllers depend neither on detectors nor on our sources."""
    facts = facts_of(job)
    if job.strategy in NATIVE:
        facts |= {"layout": "", "failures": ""}
        sources = ""
    return json.dumps([*sorted(facts.items()), job.strategy, job.seed, sources])


def digest_of_sources() -> str:
    """A digest of everything that decides how our strategies run."""
    digest = hashlib.sha256()
    for place in SOURCES:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def read_ledger(path: Path) -> dict[str, Run]:
    """Runs by name."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines]
    return {x["name"]: Run(x["strategy"], x["seed"], x["values"], x["worst"]) for x in told}


def complete(jobs: Sequence[Job], ledger: Path, processes: int, sources: str) -> dict[str, Run]:
    """Run what the ledger does not hold, and write every run down as soon as it ends."""
    there = read_ledger(ledger)
    missing = {name: job for job in jobs if (name := name_of(job, sources)) not in there}
    names, wanted = list(missing), list(missing.values())
    with ledger.open("a", encoding="utf-8") as file:
        for n, run in run_here(wanted, processes, lambda _n, _share: None) if wanted else ():
            told = {"name": names[n], "strategy": run.strategy, "seed": run.seed, "values": dict(run.values)}
            file.write(json.dumps(told | {"worst": run.worst_movement}) + "\n")
            file.flush()
            there[names[n]] = run
            job = wanted[n]
            delay = f"{run.values['delay_s']:.1f} s"
            print(f"{job.strategy} seed {job.seed}: {delay}", file=sys.stderr)
    return there


def row(scenario: Scenario, case: Case, runs: dict[str, list[Run]]) -> list[str]:
    """Cells of one row of the table."""
    planned = runs["lookahead"]
    mean = mean_of(planned, "delay_s").value
    worst = max(run.values["delay_s"] for run in planned) / mean if mean else 0.0
    bad = [sum(run.values[key] for run in planned) for key in ("stuck", "interventions", "conflicts")]
    cells = [f"{scenario.name}, {case.name}"]
    for strategy in (*ALL, "local"):
        same = runs.get(strategy, [])
        delay = mean_of(same, "delay_s") if same else None
        cells.append(f"{number(delay.value, 1)} ± {number(delay.half_width, 1)}" if delay else "")
    return [*cells, f"{100 * (worst - 1):+.0f} %", "/".join(f"{value:.0f}" for value in bad)]


def table(rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    heads = ["network, case", *ALL, "local", "worst seed", "stuck/changed/conflicts"]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--cases", default=",".join(case.name for case in CASES))
    parser.add_argument("--seeds", default="1-5")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--own", action="store_true", help="the programs' own intervals")
    parser.add_argument("--ledger", type=Path, default=Path("var/control.jsonl"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    wish = parser.parse_args(arguments)
    timing, sources = Timing() if wish.own else Timing(3.0, 0.0, 5.0), digest_of_sources()
    wish.ledger.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in wish.networks:
        scenario = read_scenario(path, wish.seconds)
        for case in (case for case in CASES if case.name in wish.cases.split(",")):
            jobs = jobs_of(case, scenario, timing, seeds_of(wish.seeds))
            there = complete(jobs, wish.ledger, wish.jobs, sources)
            runs: dict[str, list[Run]] = {}
            for job in jobs:
                runs.setdefault(job.strategy, []).append(there[name_of(job, sources)])
            rows.append(row(scenario, case, runs))
    print(table(rows))


if __name__ == "__main__":
    main()
