"""How sure is a mean of paired differences?

Bins are resampled in blocks of one hour, so that quarters of an hour that resemble their neighbours do not
count as independent (moving block bootstrap, Kuensch 1989; blocks wrap around), two differences of a bin
together: the pairs stay pairs. Intervals are percentiles. The seed is part of the result: the same data
give the same numbers.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BLOCK: Final = 4
DRAWS: Final = 2000
LEVEL: Final = 0.95
LEAST: Final = 8
"""With fewer bins nothing is said of an interval."""


class Effect(NamedTuple):
    """A mean difference with its interval; NaN where the bins do not tell."""

    value: float
    low: float
    high: float

    @property
    def told(self) -> bool:
        """Whether there is an interval at all."""
        return not math.isnan(self.low)

    @property
    def clear(self) -> bool:
        """Whether the interval leaves nothing out: it does not contain zero."""
        return self.told and not self.low <= 0.0 <= self.high


NOTHING: Final = Effect(math.nan, math.nan, math.nan)


def effect(difference: Floats, weight: Floats, seed: int = 1, draws: int = DRAWS) -> Effect:
    """The weighted mean of `difference`, one per bin in order of time, and its interval."""
    value = _mean(difference[None], weight[None])[0] if len(difference) else math.nan
    if len(difference) < LEAST:
        return Effect(float(value), math.nan, math.nan)
    rows = _resampled(len(difference), seed, draws)
    return Effect(float(value), *_interval(_mean(difference[rows], weight[rows])))


def effect_at_equal_volume(
    difference: Floats, volume: Floats, weight: Floats, seed: int = 1, draws: int = DRAWS
) -> Effect:
    """The difference that would be left had the volumes been the same.

    `volume` is the relative change of volume in each bin; the difference is fitted as a straight line over it
    (weighted least squares), and taken where volume did not change. When volume hardly varied from bin to
    bin, or the line would be needed far outside of what was seen, nothing is told.
    """
    if len(difference) < LEAST or not _spread_enough(volume, weight):
        return NOTHING
    rows = _resampled(len(difference), seed, draws)
    value = _at_zero(difference[None], volume[None], weight[None])[0]
    return Effect(float(value), *_interval(_at_zero(difference[rows], volume[rows], weight[rows])))


def _resampled(n: int, seed: int, draws: int) -> npt.NDArray[np.int64]:
    """(draws, n) bins, in blocks that begin anywhere and wrap around."""
    rng = np.random.default_rng(seed)
    blocks = -(-n // BLOCK)
    starts = rng.integers(0, n, (draws, blocks))
    rows = (starts[:, :, None] + np.arange(BLOCK)) % n
    return rows.reshape(draws, -1)[:, :n]


def _mean(values: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=1)
    found: Floats = (values * weights).sum(axis=1) / np.where(total > 0, total, math.nan)
    return found


def _at_zero(y: Floats, x: Floats, weights: Floats) -> Floats:
    """Per row, the fitted line's value at x = 0."""
    mean_x, mean_y = _mean(x, weights), _mean(y, weights)
    dx = x - mean_x[:, None]
    spread = (weights * dx * dx).sum(axis=1)
    slope = (weights * dx * (y - mean_y[:, None])).sum(axis=1) / np.where(spread > 1e-12, spread, math.nan)
    found: Floats = mean_y - slope * mean_x
    return found


def _interval(means: Floats) -> tuple[float, float]:
    known = means[~np.isnan(means)]
    if len(known) < len(means) / 2:
        return math.nan, math.nan
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def _spread_enough(volume: Floats, weight: Floats) -> bool:
    """Whether volume varied, and unchanged volume lies within, or near, what was seen."""
    mean = _mean(volume[None], weight[None])[0]
    sd = math.sqrt(float(_mean(((volume - mean) ** 2)[None], weight[None])[0]))
    return bool(sd > 0.01 and abs(mean) <= 2.5 * sd)
