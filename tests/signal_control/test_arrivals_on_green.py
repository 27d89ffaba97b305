"""Does arrivals on green agree with its definition, and with another program on real signals?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from signal_control.events import DETECTOR_ON, PHASE_GREEN, PHASE_RED_CLEAR, PHASE_YELLOW
from signal_control.measures.arrivals_on_green import BIN_NS, arrivals_on_green

SECOND = 1_000_000_000


def measure(
    *rows: tuple[float, int, int], channels: tuple[int, ...] = (7,)
) -> list[tuple[int, int, int, float]]:
    columns = np.array([(int(t * SECOND), code, param) for t, code, param in rows], dtype=np.int64).reshape(
        -1, 3
    )
    return [tuple(cell) for cell in arrivals_on_green(*columns.T, channels={2: channels})]


def test_only_arrivals_between_green_and_yellow_are_on_green() -> None:
    rows = [(0, PHASE_GREEN, 2), (1, DETECTOR_ON, 7), (5, PHASE_YELLOW, 2), (6, DETECTOR_ON, 7)]
    rows += [(9, PHASE_RED_CLEAR, 2), (12, DETECTOR_ON, 7), (20, PHASE_GREEN, 2), (21, DETECTOR_ON, 7)]
    assert measure(*rows) == [(0, 2, 4, 0.5)]


def test_an_arrival_at_the_instant_of_a_change_sees_the_new_color() -> None:
    assert measure((3, DETECTOR_ON, 7), (3, PHASE_GREEN, 2)) == [(0, 2, 1, 1.0)]
    assert measure((0, PHASE_GREEN, 2), (3, DETECTOR_ON, 7), (3, PHASE_YELLOW, 2)) == [(0, 2, 1, 0.0)]


def test_arrivals_before_the_first_signal_event_are_not_on_green() -> None:
    assert measure((1, DETECTOR_ON, 7), (2, PHASE_GREEN, 2), (3, DETECTOR_ON, 7)) == [(0, 2, 2, 0.5)]


def test_other_channels_phases_and_codes_do_not_count() -> None:
    rows = [(0, PHASE_GREEN, 2), (1, DETECTOR_ON, 8), (2, PHASE_YELLOW, 6), (3, DETECTOR_ON, 7), (4, 81, 7)]
    assert measure(*rows) == [(0, 2, 1, 1.0)]


def test_bins_are_quarters_of_an_hour_by_the_time_of_arrival() -> None:
    late = BIN_NS / SECOND
    rows = [(0, PHASE_GREEN, 2), (late - 0.1, DETECTOR_ON, 7), (late, DETECTOR_ON, 7)]
    assert [(start, total) for start, _, total, _ in measure(*rows)] == [(0, 1), (BIN_NS, 1)]


def test_an_empty_log_gives_an_empty_table() -> None:
    assert measure() == []


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="columns of 1, 1 and 2 rows"):
        arrivals_on_green(np.zeros(1, int), np.zeros(1, int), np.zeros(2, int), {})


def test_three_real_signals_agree_cell_by_cell_with_the_expected_table(
    shared_data: Callable[[str], Path],
) -> None:
    log = shared_data("atspm/tests/hires_test_data.parquet")
    config = shared_data("atspm/tests/configs_test_data.parquet")
    expected = shared_data("atspm/tests/precalculated/arrival_on_green.parquet")
    found = {
        (device, cell.start_ns, cell.phase): (cell.total, round(cell.on_green, 6))
        for device, advance in _advance(config).items()
        for cell in arrivals_on_green(*_columns(log, device), channels=advance)
    }
    rows = duckdb.execute(
        "select DeviceId, epoch_ns(TimeStamp), Phase, Total_Actuations, Percent_AOG from read_parquet(?)",
        [str(expected)],
    ).fetchall()
    assert len(rows) == 96
    assert found == {(d, t, p): (n, pytest.approx(share, abs=2e-6)) for d, t, p, n, share in rows}


def _advance(config: Path) -> dict[int, dict[int, list[int]]]:
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    query = "select DeviceId, Phase, Parameter from read_parquet(?) where Function = 'Advance'"
    for device, phase, channel in duckdb.execute(query, [str(config)]).fetchall():
        found[device][phase].append(channel)
    return found


def _columns(log: Path, device: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = duckdb.execute(
        "select epoch_ns(TimeStamp) t, EventId c, Parameter p from read_parquet(?) where DeviceId = ?",
        [str(log), device],
    ).fetchnumpy()
    return table["t"], table["c"], table["p"]
