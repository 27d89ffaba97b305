"""Which values does an evaluation give, and what do several seeds say together?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from simulators.evaluate_run import Run


@dataclass(frozen=True, slots=True)
class Measure:
    """A value of a run: its heading with unit, digits to show, and what it means."""

    key: str
    heading: str
    digits: int
    doc: str


MEASURES: Final = (
    Measure("delay_s", "delay s", 1, "time lost and departure delay per trip, finished or not (RESCO)"),
    Measure("stops", "stops", 2, "stops per trip"),
    Measure("wait_s", "wait s", 1, "standing time per trip"),
    Measure("queue_veh", "queue veh", 1, "standing vehicles per signal, mean"),
    Measure("signal_wait_s", "at signal s", 1, "standing time per passage of a signal"),
    Measure("worst_wait_p95_s", "worst p95 s", 0, "95th percentile of waits on the worst movement"),
    Measure("ped_wait_s", "ped wait s", 1, "standing time per person on foot"),
    Measure("co2_kg", "CO2 kg", 0, "carbon dioxide of all trips (SUMO's emission model)"),
    Measure("fuel_l", "fuel l", 0, "fuel of all trips, as petrol"),
    Measure("trips", "trips", 0, "trips that wanted to set out"),
    Measure("finished", "finished", 0, "trips that arrived within the window"),
    Measure("never_in", "never in", 0, "vehicles that never found room to set out"),
    Measure("full_lane_s", "full lane s", 0, "lane-seconds of full links behind signals: spillback"),
    Measure("stuck", "stuck", 0, "vehicles that stood still for more than 300 s (deadlock or starved)"),
    Measure("teleports", "teleports", 0, "vehicles that SUMO lifted out of a jam"),
    Measure("collisions", "collisions", 0, "vehicles in collisions"),
    Measure("interventions", "safety", 0, "decisions that the safety rules changed"),
    Measure("conflicts", "conflicts", 0, "lights shown in which two foes had the right of way"),
    Measure("flash_s", "flash s", 0, "seconds in which a cabinet's monitor had it in flash"),
    Measure("switches", "changes", 0, "changes of what is commanded"),
    Measure("queue_rmse", "RMSE veh", 2, "error of the queue estimate per lane, root mean square"),
    Measure("queue_bias", "bias veh", 2, "mean of estimate less truth"),
    Measure("queue_cover", "in 90 %", 2, "share of lane-seconds whose 90 % interval holds the truth"),
    Measure("decide_ms", "decide ms", 2, "time per decision and signal, mean"),
    Measure("decide_p99_ms", "p99 ms", 2, "the same, 99th percentile"),
    Measure("wall_s", "wall s", 1, "time the run took"),
)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over seeds and the half width of its 95 % interval (Student t); NaN where there is none."""

    value: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference to the base on the same seeds: mean, half width, and p of a paired t-test."""

    value: float
    half_width: float
    p: float
    seeds: int

    @property
    def significant(self) -> bool:
        """Whether it differs from nothing at the 5 % level."""
        return self.p < 0.05


def mean_of(runs: Sequence[Run], key: str) -> Mean:
    """The mean of one value over the seeds of one strategy; runs without it are left out."""
    values = np.array([r.values[key] for r in runs if not math.isnan(r.values.get(key, math.nan))])
    return Mean(float(values.mean()) if len(values) else math.nan, _half_width(values))


def paired(runs: Sequence[Run], base: Sequence[Run], key: str = "delay_s") -> Paired:
    """The difference of `runs` to `base` seed by seed, which the days' own ups and downs do not blur."""
    same = {r.seed: r.values[key] for r in base}
    pairs = [(r.values[key], same[r.seed]) for r in runs if r.seed in same]
    gained = np.array([a - b for a, b in pairs])
    if not len(gained):
        return Paired(math.nan, math.nan, math.nan, 0)
    if len(gained) < 2 or not gained.std(ddof=1) > 0:
        p = math.nan if len(gained) < 2 else float(not gained.any())
        return Paired(float(gained.mean()), _half_width(gained), p, len(gained))
    p = float(stats.ttest_1samp(gained, 0.0).pvalue)
    return Paired(float(gained.mean()), _half_width(gained), p, len(gained))


def by_strategy(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs of each strategy in order of seeds; strategies in order of appearance."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.strategy, []).append(run)
    return {name: sorted(same, key=lambda r: r.seed) for name, same in found.items()}


def _half_width(values: NDArray[np.float64]) -> float:
    n = len(values)
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
