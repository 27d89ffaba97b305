"""Do the intervals hold what they promise, on data whose truth is known?"""

from __future__ import annotations

import numpy as np
import pytest

from gateway.reports.before_after.bootstrap import LEAST, effect, effect_at_equal_volume

BINS = 96
TRUTH = 2.0


def noise(rng: np.random.Generator, memory: float) -> np.ndarray:
    """Noise of variance 1 in which each bin resembles the one before."""
    found = np.empty(BINS)
    found[0] = rng.normal()
    for n in range(1, BINS):
        found[n] = memory * found[n - 1] + np.sqrt(1 - memory**2) * rng.normal()
    return found


@pytest.mark.parametrize(("memory", "least"), [(0.0, 0.88), (0.4, 0.84)])
def test_nineteen_of_twenty_intervals_hold_the_truth(memory: float, least: float) -> None:
    rng = np.random.default_rng(7)
    held = 0
    for seed in range(250):
        found = effect(TRUTH + noise(rng, memory), np.ones(BINS), seed, draws=300)
        held += found.low <= TRUTH <= found.high
    assert least <= held / 250 <= 0.99


def test_a_change_that_is_none_is_rarely_called_one() -> None:
    rng = np.random.default_rng(11)
    clear = sum(effect(noise(rng, 0.2), np.ones(BINS), seed, draws=300).clear for seed in range(200))
    assert clear / 200 < 0.14


def test_the_same_seed_gives_the_same_numbers() -> None:
    values = np.random.default_rng(3).normal(size=BINS)
    assert effect(values, np.ones(BINS), 5) == effect(values, np.ones(BINS), 5)
    assert effect(values, np.ones(BINS), 5) != effect(values, np.ones(BINS), 6)


def test_bins_count_by_their_weight() -> None:
    found = effect(np.array([0.0, 10.0] * 10), np.array([3.0, 1.0] * 10))
    assert found.value == pytest.approx(2.5)


def test_with_few_bins_no_interval_is_told() -> None:
    found = effect(np.ones(LEAST - 1), np.ones(LEAST - 1))
    assert found.value == 1.0
    assert not found.told
    assert not found.clear


def test_what_comes_of_volume_alone_is_taken_out() -> None:
    rng = np.random.default_rng(2)
    volume = rng.normal(0.15, 0.1, BINS)
    grown = effect_at_equal_volume(20 * volume + rng.normal(0, 0.5, BINS), volume, np.ones(BINS))
    assert grown.low < 0 < grown.high
    better = effect_at_equal_volume(-3 + 20 * volume + rng.normal(0, 0.5, BINS), volume, np.ones(BINS))
    assert better.value == pytest.approx(-3, abs=0.4)
    assert better.clear


@pytest.mark.parametrize("volume", [np.zeros(BINS), np.full(BINS, 0.4) + np.linspace(0, 0.05, BINS)])
def test_nothing_is_made_up_where_volume_does_not_tell(volume: np.ndarray) -> None:
    assert not effect_at_equal_volume(np.linspace(0, 1, BINS), volume, np.ones(BINS)).told
