"""How do strategies compare on the simulated street, run by the production wiring without a broker?"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gateway.driven import driven
from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.city import City
from simulators.street import Street

START_MS: Final = 1_790_000_000_000
LOCAL: Final = "local"
"""Not a strategy: the cabinets are left to their own plan, nobody commands them."""
SETTLE_S: Final = 300
SAMPLE_S: Final = 5


@dataclass(frozen=True, slots=True)
class Run:
    """One strategy on one seed.

    `delay_s` is the mean of time lost per trip over the trips finished after the first SETTLE_S; `errors_veh`
    are queue estimate minus truth over every lane, every SAMPLE_S. `unfinished` vehicles are under way or
    wait to set out at the end, `flashes` are seconds in which a cabinet was in flash.
    """

    strategy: str
    seed: int
    delay_s: float
    trips: int
    unfinished: int
    flashes: int
    errors_veh: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A strategy over several seeds; half widths belong to 95 % intervals.

    `against_s` is the mean difference to the base strategy on the same seeds (negative: less delay), which
    the days' own ups and downs do not blur.
    """

    strategy: str
    delay_s: float
    half_width_s: float
    against_s: float
    against_half_width_s: float
    trips: float
    unfinished: float
    rmse_veh: float
    bias_veh: float


async def run(
    config: Path,
    street_dir: Path,
    site: str,
    intersections: Sequence[Intersection],
    strategy: str,
    seed: int,
    seconds: int,
) -> Run:
    """Run `seconds` of street time under `strategy` (or LOCAL) and measure it."""
    street = Street(street_dir, intersections, seed, START_MS)
    city = City(street, {x.id: Cabinet(x, START_MS) for x in intersections}, [], site)
    meter = Meter()
    under = None if strategy == LOCAL else strategy
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with driven(config, Path(folder), under, city.receive) as production:
                for elapsed_s in range(1, seconds + 1):
                    while city.now_ms < START_MS + elapsed_s * 1000:
                        for topic, payload, qos, _ in city.step():
                            production.receive(topic, payload, qos)
                    await production.tick(city.now_ms * 1_000_000)
                    meter.second(elapsed_s, street.summary(), production.live()["intersections"])
    finally:
        street.close()
    return meter.result(strategy, seed)


class Meter:
    """Collects losses and queue errors, once a simulated second."""

    def __init__(self) -> None:
        self._windows: list[tuple[int, float]] = []
        self._errors: list[float] = []
        self._flashes = 0
        self._finished = 0
        self._summary: dict[str, Any] = {}

    def second(self, elapsed_s: int, summary: dict[str, Any], intersections: dict[str, Any]) -> None:
        """Take one second in; the mean delay is read once per window, so that no trip counts twice."""
        self._summary = summary
        self._flashes += sum(x["mode"] == "flash" for x in intersections.values())
        if elapsed_s % int(summary["window_s"]) == 0:
            if elapsed_s > SETTLE_S and summary["delay_s"] is not None:
                self._windows.append((summary["trips"] - self._finished, summary["delay_s"]))
            self._finished = summary["trips"]
        if elapsed_s > SETTLE_S and elapsed_s % SAMPLE_S == 0:
            queues = [q for x in intersections.values() for q in x["queues"]]
            self._errors += [q["estimate"] - q["truth"] for q in queues if q["truth"] is not None]

    def result(self, strategy: str, seed: int) -> Run:
        """The run as a whole."""
        trips = sum(n for n, _ in self._windows)
        delay = sum(n * d for n, d in self._windows) / trips if trips else math.nan
        unfinished = int(self._summary.get("vehicles", 0)) + int(self._summary.get("waiting", 0))
        return Run(strategy, seed, delay, trips, unfinished, self._flashes, np.array(self._errors))


def score(runs: Sequence[Run], base: Sequence[Run] = ()) -> Score:
    """What several seeds of one strategy say together, alone and seed by seed against `base`."""
    delays = np.array([r.delay_s for r in runs])
    errors = np.concatenate([r.errors_veh for r in runs])
    same = {r.seed: r.delay_s for r in base}
    saved = np.array([r.delay_s - same[r.seed] for r in runs if r.seed in same])
    return Score(
        strategy=runs[0].strategy,
        delay_s=float(delays.mean()),
        half_width_s=_half_width(delays),
        against_s=float(saved.mean()) if len(saved) else math.nan,
        against_half_width_s=_half_width(saved),
        trips=float(np.mean([r.trips for r in runs])),
        unfinished=float(np.mean([r.unfinished for r in runs])),
        rmse_veh=float(np.sqrt(np.mean(errors**2))) if len(errors) else math.nan,
        bias_veh=float(errors.mean()) if len(errors) else math.nan,
    )


def _half_width(values: NDArray[np.float64]) -> float:
    """Half width of the 95 % interval of the mean (Student t); NaN for fewer than two values."""
    n = len(values)
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
