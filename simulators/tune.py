"""Which values of a few parameters lose least time, and what would they gain and risk on other days?

The search sees its own seeds only. Gain and risk are measured on other seeds with shifted departures, and
once more with a fifth more traffic: days that the search has never seen.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from signal_control.model import Intersection
from simulators.evaluate_measures import Mean, Paired, mean_of, paired
from simulators.evaluate_run import Run
from simulators.networks.job import Job
from simulators.networks.scenario import Scenario
from simulators.tune_parameters import Parameter, changed

UNSOUND_S: Final = 1e4
"""The delay of what no intersection can be."""
JITTER_S: Final = 120.0
BUSY: Final = 1.2

RunAll = Callable[[Sequence[Job]], Sequence[Run]]
Tell = Callable[[int, float, float], None]
"""Told how many trials there were, the last one's delay and the least."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best intersections of a search, their delay on its seeds, and that of the ones it began with."""

    intersections: tuple[Intersection, ...]
    delay_s: float
    began_s: float
    trials: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The candidate against what there is, on days that the search did not see.

    `worse` is the share of those days on which the candidate loses more time, `worst_s` its greatest loss on
    one of them; `worst_wait_s` is the change of the worst movement's 95th percentile of waits.
    """

    days: str
    before: Mean
    after: Mean
    gain: Paired
    worse: float
    worst_s: float
    worst_wait_s: float
    stuck: float


def search(
    base: Job,
    intersections: Sequence[Intersection],
    parameters: Sequence[Parameter],
    seeds: Sequence[int],
    trials: int,
    run_all: RunAll,
    tell: Tell,
) -> Found:
    """Nelder and Mead (1965) within the parameters' reach; at most so many trials, each over all seeds."""
    known: dict[str, tuple[float, tuple[Intersection, ...]]] = {}

    def delay_s(values: NDArray[np.float64]) -> float:
        there = changed(intersections, parameters, [float(v) for v in values])
        if there is None:
            return UNSOUND_S
        key = "".join(x.model_dump_json() for x in there)
        if key not in known:
            runs = run_all([_job(base, there, seed) for seed in seeds])
            known[key] = (mean_of(runs, "delay_s").value, there)
            tell(len(known), known[key][0], min(delay for delay, _ in known.values()))
        return known[key][0]

    n = len(parameters)
    began_s = delay_s(np.zeros(n))
    simplex = np.vstack([np.zeros(n), *(np.eye(n)[k] * p.reach / 3 for k, p in enumerate(parameters))])
    bounds = [(-p.reach, p.reach) for p in parameters]
    options = {"maxfev": trials - 1, "initial_simplex": simplex, "xatol": 0.02, "fatol": 0.05}
    minimize(delay_s, np.zeros(n), method="Nelder-Mead", bounds=bounds, options=options)
    least_s, there = min(known.values(), key=lambda pair: pair[0])
    return Found(there, least_s, began_s, len(known))


def judge(
    base: Job,
    before: Sequence[Intersection],
    after: Sequence[Intersection],
    seeds: Sequence[int],
    run_all: RunAll,
) -> Iterator[Trial]:
    """Before and after on unseen days; a drawn street has its own days and no busier ones."""
    for days, job in _days(base):
        jobs = [_job(job, tuple(x), seed) for x in (before, after) for seed in seeds]
        runs = list(run_all(jobs))
        yield _trial(days, runs[: len(seeds)], runs[len(seeds) :])


def _days(base: Job) -> Iterator[tuple[str, Job]]:
    street = base.street
    if not isinstance(street, Scenario):
        yield "other days", base
        return
    shifted = dataclasses.replace(street, jitter_s=JITTER_S)
    yield f"departures up to {JITTER_S:g} s off", dataclasses.replace(base, street=shifted)
    busy = dataclasses.replace(shifted, scale=BUSY * street.scale)
    yield f"the same with {BUSY:g} times the traffic", dataclasses.replace(base, street=busy)


def _trial(days: str, before: Sequence[Run], after: Sequence[Run]) -> Trial:
    losses = [a.values["delay_s"] - b.values["delay_s"] for a, b in zip(after, before, strict=True)]
    return Trial(
        days=days,
        before=mean_of(before, "delay_s"),
        after=mean_of(after, "delay_s"),
        gain=paired(after, before),
        worse=sum(loss > 0 for loss in losses) / len(losses),
        worst_s=max(losses),
        worst_wait_s=mean_of(after, "worst_wait_p95_s").value - mean_of(before, "worst_wait_p95_s").value,
        stuck=_known(mean_of(after, "stuck").value) - _known(mean_of(before, "stuck").value),
    )


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _job(base: Job, intersections: tuple[Intersection, ...], seed: int) -> Job:
    return dataclasses.replace(base, seed=seed, intersections=intersections, estimates=False)
