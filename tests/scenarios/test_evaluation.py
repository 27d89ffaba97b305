"""The production wiring runs a simulated street: commanded, estimated, explained, and never in flash."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from simulators.evaluate import LOCAL, Run, run, score
from simulators.network import build
from simulators.runner import read_config

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs" / "demo.toml"
SECONDS = 400


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("street")
    build(ROOT / "configs" / "streets" / "corridor", out)
    return out


def evaluated(street: Path, strategy: str, seed: int = 1, seconds: int = SECONDS) -> Run:
    site, intersections = read_config(CONFIG)
    return asyncio.run(run(CONFIG, street, site, intersections, strategy, seed, seconds))


@pytest.mark.live
def test_queues_are_estimated_within_a_vehicle_and_without_bias(street: Path) -> None:
    found = evaluated(street, "max_pressure")
    assert found.flashes == 0
    assert len(found.errors_veh) > 500
    assert np.sqrt(np.mean(found.errors_veh**2)) < 1.0
    assert abs(found.errors_veh.mean()) < 0.3


@pytest.mark.live
def test_the_same_seed_gives_the_same_run(street: Path) -> None:
    first, second = (evaluated(street, "max_pressure", seconds=120) for _ in range(2))
    assert np.array_equal(first.errors_veh, second.errors_veh)
    assert (first.trips, first.unfinished) == (second.trips, second.unfinished)


@pytest.mark.live
def test_nobody_commands_the_local_run(street: Path) -> None:
    left_alone, commanded = (
        evaluated(street, LOCAL, seconds=330),
        evaluated(street, "max_pressure", seconds=330),
    )
    assert left_alone.unfinished != commanded.unfinished or not np.array_equal(
        left_alone.errors_veh, commanded.errors_veh
    )


def test_a_score_has_an_interval_once_there_are_two_seeds() -> None:
    runs = [Run("x", n, 40.0 + n, 100, 5, 0, np.array([0.5, -0.5])) for n in (1, 2, 3)]
    found = score(runs)
    assert found.delay_s == 42.0
    assert found.half_width_s == pytest.approx(4.303 / 3**0.5, rel=1e-3)
    assert (found.rmse_veh, found.bias_veh) == (0.5, 0.0)
    assert np.isnan(score(runs[:1]).half_width_s)


def test_strategies_are_compared_seed_by_seed() -> None:
    base = [Run("base", n, 50.0 + 10 * n, 100, 5, 0, np.zeros(1)) for n in (1, 2, 3)]
    runs = [Run("x", n, 45.0 + 10 * n, 100, 5, 0, np.zeros(1)) for n in (3, 1, 2)]
    found = score(runs, base)
    assert (found.against_s, found.against_half_width_s) == (-5.0, 0.0)
    assert found.half_width_s > 10
