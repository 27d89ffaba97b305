"""Every measure is a function of event columns, says what it reads, and can be followed as events come."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from collectors.plugins import load_folder
from signal_control.measures_live import AHEAD_NS, Incremental
from tests.signal_control.made_log import CHANNELS, made_log

MEASURES = load_folder("signal_control.measures")
every = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())


def _function(measure: ModuleType) -> Callable[..., list[tuple[object, ...]]]:
    return getattr(measure, measure.__name__.rsplit(".", 1)[1])  # type: ignore[no-any-return]


def _call(measure: ModuleType, rows: np.ndarray) -> list[tuple[object, ...]]:
    return _function(measure)(rows[:, 0], rows[:, 1], rows[:, 2], CHANNELS)


@every
def test_it_is_named_like_its_file_and_reads_columns(measure: ModuleType) -> None:
    words = list(inspect.signature(_function(measure)).parameters)
    assert words[:5] == ["at_ns", "code", "param", "channels", "bin_ns"]
    assert all(isinstance(code, int) for code in measure.NEEDS)
    assert measure.DETECTORS in ("", "advance", "presence", "yellow_red", "opposing", "count")


@every
def test_a_log_without_events_has_nothing_to_measure(measure: ModuleType) -> None:
    assert not _call(measure, np.empty((0, 3), np.int64))


@every
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_does_not_matter(measure: ModuleType, seed: int) -> None:
    rows = made_log(seed)
    shuffled = np.random.default_rng(seed + 100).permutation(rows)
    assert _call(measure, rows) == _call(measure, shuffled)
    assert _call(measure, rows)


@every
def test_other_events_change_nothing(measure: ModuleType) -> None:
    rows = made_log(9)
    extra = rows.copy()
    extra[:, 1] = 250
    assert _call(measure, rows) == _call(measure, np.concatenate((rows, extra)))


@every
def test_rows_are_plain_and_ordered(measure: ModuleType) -> None:
    cells = _call(measure, made_log(4))
    assert cells == sorted(cells)
    assert all(type(value) in (int, float, str, bool) for cell in cells for value in cell)
    assert all(np.isfinite(value) for cell in cells for value in cell if isinstance(value, float))


@every
@pytest.mark.parametrize("seed", range(3))
def test_what_is_measured_as_it_comes_is_what_the_whole_log_says(measure: ModuleType, seed: int) -> None:
    rows = made_log(seed, hours=3)
    live = Incremental(_function(measure), CHANNELS, ahead_ns=getattr(measure, "AHEAD_NS", AHEAD_NS))
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(rows), 40))
    found = [cell for part in np.split(rows, cuts) for cell in live.add(*part.T)]
    assert found, "nothing was told before the end"
    found += live.finish()
    assert sorted(found) == [pytest.approx(cell) for cell in _call(measure, rows)]


@every
def test_columns_of_different_length_are_refused(measure: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"columns of 2, 1 and 2 rows|boolean index|same length"):
        _function(measure)(np.zeros(2, int), np.zeros(1, int), np.zeros(2, int), CHANNELS)


DETAILED = {name: measure for name, measure in MEASURES.items() if hasattr(measure, "each")}
TOTALS = {
    "phase_termination": "total",
    "split_monitor": "services",
    "split_failures": "cycles",
    "pedestrian_delay": "samples",
    "wait_time": "waits",
}
"""The column of a cell that counts what `each` lists."""


@pytest.mark.parametrize("name", DETAILED)
def test_single_happenings_are_plain_and_ordered(name: str) -> None:
    rows = DETAILED[name].each(*made_log(4).T, CHANNELS)
    assert rows
    assert rows == sorted(rows)
    assert all(type(value) in (int, float, str, bool) for row in rows for value in row)


@pytest.mark.parametrize("name", TOTALS)
def test_the_cells_count_the_single_happenings(name: str) -> None:
    rows, log = DETAILED[name].each(*made_log(4).T, CHANNELS), made_log(4)
    cells = _call(DETAILED[name], log)
    assert sum(getattr(cell, TOTALS[name]) for cell in cells) == len(rows)
    assert {cell.phase for cell in cells} == {row.phase for row in rows}  # type: ignore[attr-defined]
