"""Which runs may be compared, and how are they kept in a file?"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from simulators.evaluate_measures import MEASURES
from simulators.evaluate_run import Run
from simulators.networks.job import DrawnStreet, Job
from simulators.street_net import StreetError

FACTS: Final = (
    *("scenario", "network", "demand", "begin_s", "end_s", "scale", "jitter_s", "layout", "timing"),
    *("failures", "arterial", "sumo"),
)
"""What has to be the same for two runs to be compared."""


def facts_of(job: Job) -> dict[str, str]:
    """What a run depends on, but for strategy and seed."""
    street = job.street
    if isinstance(street, DrawnStreet):
        digest = _digest_of(street)
        places = {"scenario": street.folder.name, "network": digest, "demand": digest, "begin_s": "0"}
        places |= {"end_s": f"{street.seconds}", "scale": "1", "jitter_s": "0", "layout": "its own"}
    else:
        network, demand = street.digests()
        places = {"scenario": street.name, "network": network, "demand": demand}
        places |= {"begin_s": f"{street.begin_s:g}", "end_s": f"{street.end_s:g}"}
        places |= {"scale": f"{street.scale:g}", "jitter_s": f"{street.jitter_s:g}", "layout": job.layout}
    return {
        **places,
        "timing": job.timing.text,
        "failures": job.failures,
        "arterial": version("arterial"),
        "sumo": version("eclipse-sumo"),
    }


def unlike(a: Mapping[str, str], b: Mapping[str, str]) -> list[str]:
    """In which facts two runs differ, in words; nothing when they may be compared."""
    return [f"{name}: {a.get(name)!r} and {b.get(name)!r}" for name in FACTS if a.get(name) != b.get(name)]


def write_csv(path: Path, facts: Mapping[str, str], runs: Sequence[Run]) -> None:
    """One line per run: facts, strategy, seed, values."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        keys = [m.key for m in MEASURES]
        writer.writerow([*FACTS, "strategy", "seed", *keys, "worst_movement"])
        for run in runs:
            values = [f"{run.values[key]:.6g}" for key in keys]
            named = [facts.get(f, "") for f in FACTS]
            writer.writerow([*named, run.strategy, run.seed, *values, run.worst_movement])


def read_csv(path: Path) -> tuple[dict[str, str], list[Run]]:
    """Facts and runs of a file that `write_csv` wrote; raises StreetError when it is not one."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        runs = [_run(row) for row in rows]
        facts = {name: rows[0][name] for name in FACTS}
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise StreetError(f"{path} holds no results of an evaluation: {error!r}") from error
    return facts, runs


def _run(row: Mapping[str, str]) -> Run:
    values = {m.key: float(row[m.key]) if row.get(m.key) else math.nan for m in MEASURES}
    return Run(row["strategy"], int(row["seed"]), values, row.get("worst_movement", ""))


def _digest_of(street: DrawnStreet) -> str:
    from simulators.networks.scenario import digest_of

    return digest_of((street.config, *sorted(p for p in street.folder.iterdir() if p.suffix != ".json")))
