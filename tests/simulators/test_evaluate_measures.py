"""Do several seeds say together what they say, alone and against a base?"""

from __future__ import annotations

import math

import pytest

from simulators.evaluate_measures import MEASURES, by_strategy, mean_of, paired
from simulators.evaluate_run import Errors, Run


def runs(name: str, delays: dict[int, float]) -> list[Run]:
    return [Run(name, seed, {"delay_s": delay}) for seed, delay in delays.items()]


def test_a_mean_has_an_interval_once_there_are_two_seeds() -> None:
    found = mean_of(runs("x", {1: 41.0, 2: 42.0, 3: 43.0}), "delay_s")
    assert found.value == 42.0
    assert found.half_width == pytest.approx(4.303 / 3**0.5, rel=1e-3)
    assert math.isnan(mean_of(runs("x", {1: 41.0}), "delay_s").half_width)


def test_strategies_are_compared_seed_by_seed() -> None:
    base = runs("base", {1: 60, 2: 70, 3: 80})
    found = paired(runs("x", {3: 75.5, 1: 55, 2: 64.5}), base)
    assert found.value == pytest.approx(-5.0)
    assert found.half_width == pytest.approx(1.24, abs=0.01)
    assert found.p < 0.01
    assert found.significant


def test_seeds_that_the_base_has_not_are_left_out() -> None:
    found = paired(runs("x", {1: 10, 9: 99}), runs("base", {1: 12}))
    assert (found.value, found.seeds) == (-2, 1)
    assert not found.significant


def test_runs_are_put_in_order() -> None:
    mixed = [*runs("b", {2: 1, 1: 1}), *runs("a", {1: 1})]
    assert {k: [r.seed for r in v] for k, v in by_strategy(mixed).items()} == {"b": [1, 2], "a": [1]}


def test_coverage_is_judged_where_somebody_is() -> None:
    errors = Errors()
    errors.add({"a": 0, "b": 4, "c": 4}, {"a": (0.0, 0.1), "b": (5.0, 1.0), "c": (8.0, 1.0), "z": (1.0, 1.0)})
    assert (errors.n, errors.judged, errors.cover) == (3, 2, 0.5)
    assert errors.bias_veh == pytest.approx(5 / 3)
    assert errors.rmse_veh == pytest.approx((17 / 3) ** 0.5)


def test_every_measure_has_a_key_of_its_own() -> None:
    assert len({m.key for m in MEASURES}) == len(MEASURES)
