"""What does one run of an evaluation say?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from simulators.networks.probe import Probe
from simulators.networks.trips import TripSums

SURE: Final = 1.645
"""Standard deviations on either side that hold 90 % of a normal distribution."""
SOMEBODY_VEH: Final = 0.5
"""The interval is judged where truth or estimate is at least this; an empty road is no test of it."""


Serve = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One strategy on one seed; `values` by the names in evaluate_measures, NaN where there is no such value.

    `worst_movement` is the movement whose 95th percentile of waits is the longest.
    """

    strategy: str
    seed: int
    values: Mapping[str, float]
    worst_movement: str = ""


@dataclass(slots=True)
class Errors:
    """Queue estimates against the truth, gathered over lanes and seconds."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    judged: int = 0
    covered: int = 0

    def add(self, truth: Mapping[str, int], estimates: Mapping[str, tuple[float, float]]) -> None:
        """Compare all lanes at one instant; an estimate is vehicles and standard deviation."""
        for lane, (vehicles, sd) in estimates.items():
            if lane not in truth:
                continue
            error = vehicles - truth[lane]
            self.n += 1
            self.total += error
            self.squares += error * error
            if max(vehicles, truth[lane]) >= SOMEBODY_VEH:
                self.judged += 1
                self.covered += abs(error) <= SURE * sd

    @property
    def rmse_veh(self) -> float:
        """Root mean square over all lane-seconds."""
        return math.sqrt(self.squares / self.n) if self.n else math.nan

    @property
    def bias_veh(self) -> float:
        """Mean of estimate less truth."""
        return self.total / self.n if self.n else math.nan

    @property
    def cover(self) -> float:
        """Share of lane-seconds with somebody there in which the 90 % interval holds the truth."""
        return self.covered / self.judged if self.judged else math.nan


@dataclass(slots=True)
class Watch:
    """Gathers what a run shows while it goes on."""

    probe: Probe
    errors: Errors = field(default_factory=Errors)
    decide_s: list[float] = field(default_factory=list)
    flash_s: int = 0
    interventions: int = 0
    switches: int = 0
    conflicts: int = 0
    _serving: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def decided(self, intersection: str, proposed: Serve, commanded: Serve) -> None:
        """Count changes of what is commanded, and answers that the safety rules changed."""
        serve = tuple(sorted(commanded))
        self.interventions += set(serve) != set(proposed)
        self.switches += self._serving.get(intersection, serve) != serve
        self._serving[intersection] = serve

    def result(self, strategy: str, seed: int, trips: TripSums, wall_s: float) -> Run:
        """The run as a whole."""
        waits, probe = self.probe.waits(), self.probe
        decide_ms = np.array(self.decide_s or [math.nan]) * 1000
        values = {
            "delay_s": trips.delay_s,
            "stops": trips.stops,
            "wait_s": trips.wait_s,
            "queue_veh": probe.queue_veh(),
            "signal_wait_s": waits.mean_s,
            "worst_wait_p95_s": waits.worst_p95_s,
            "ped_wait_s": trips.ped_wait_s,
            "co2_kg": trips.co2_kg,
            "fuel_l": trips.fuel_l,
            "trips": trips.trips,
            "finished": trips.finished,
            "never_in": trips.never_in,
            "full_lane_s": probe.full_lane_s,
            "stuck": len(probe.stuck),
            "teleports": probe.teleports,
            "collisions": probe.collisions,
            "interventions": self.interventions,
            "conflicts": self.conflicts,
            "flash_s": self.flash_s,
            "switches": self.switches,
            "queue_rmse": self.errors.rmse_veh,
            "queue_bias": self.errors.bias_veh,
            "queue_cover": self.errors.cover,
            "decide_ms": float(np.mean(decide_ms)),
            "decide_p99_ms": float(np.percentile(decide_ms, 99)),
            "wall_s": wall_s,
        }
        return Run(strategy, seed, {k: float(v) for k, v in values.items()}, waits.worst)
