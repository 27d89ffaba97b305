"""Every measure is a function of event columns, named like its file, and says which events it reads."""

from __future__ import annotations

import inspect
from types import ModuleType

import numpy as np
import pytest

from collectors.plugins import load_folder

MEASURES = load_folder("signal_control.measures")
every = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())
CHANNELS = {2: (1, 2), 6: (3,)}


def _call(measure: ModuleType, rows: np.ndarray) -> object:
    name = measure.__name__.rsplit(".", 1)[1]
    return getattr(measure, name)(rows[:, 0], rows[:, 1], rows[:, 2], CHANNELS)


def _log(seed: int, measure: ModuleType) -> np.ndarray:
    """A random log of the events that the measure reads, and of some that it does not."""
    chance = np.random.default_rng(seed)
    codes = chance.choice([*measure.NEEDS, 0, 43, 81, 300], 500)
    at_ns = chance.integers(0, 36_000, 500) * 100_000_000
    return np.column_stack([at_ns, codes, chance.integers(1, 9, 500)]).astype(np.int64)


@every
def test_it_is_named_like_its_file_and_reads_columns(measure: ModuleType) -> None:
    name = measure.__name__.rsplit(".", 1)[1]
    words = list(inspect.signature(getattr(measure, name)).parameters)
    assert words[:3] == ["at_ns", "code", "param"]
    assert all(isinstance(code, int) for code in measure.NEEDS)


@every
def test_a_log_without_events_has_nothing_to_measure(measure: ModuleType) -> None:
    assert not _call(measure, np.empty((0, 3), np.int64))


@every
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_rows_does_not_matter(measure: ModuleType, seed: int) -> None:
    rows = _log(seed, measure)
    shuffled = np.random.default_rng(seed + 100).permutation(rows)
    assert _call(measure, rows) == _call(measure, shuffled)
    assert _call(measure, rows)


@every
def test_other_events_change_nothing(measure: ModuleType) -> None:
    rows = _log(9, measure)
    assert _call(measure, rows) == _call(measure, rows[np.isin(rows[:, 1], measure.NEEDS)])
