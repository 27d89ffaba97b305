"""Do the measures agree, cell by cell, with another program's tables of three real signals?

Where the definitions differ the difference is named and bounded: docs/measures.md says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

DEVICES = (227, 452, 454)
CAUSES = {"gap_out": "GapOut", "max_out": "MaxOut", "force_off": "ForceOff"}
SHOWN = {"green": 1, "yellow": 8, "red": 10}
Table = dict[tuple[Any, ...], tuple[float, ...]]


@pytest.fixture(scope="module")
def real(shared_data: Callable[[str], Path]) -> dict[int, tuple[np.ndarray, ...]]:
    """The columns of each device."""
    log = str(shared_data("atspm/tests/hires_test_data.parquet"))
    columns = "epoch_ns(TimeStamp) t, EventId::BIGINT c, Parameter::BIGINT p"
    query = f"select {columns} from read_parquet(?) where DeviceId = ?"
    tables = {d: duckdb.execute(query, [log, d]).fetchnumpy() for d in DEVICES}
    return {d: (t["t"], t["c"], t["p"]) for d, t in tables.items()}


@pytest.fixture(scope="module")
def channels(shared_data: Callable[[str], Path]) -> dict[str, dict[int, dict[int, list[int]]]]:
    """Function -> device -> phase -> channels."""
    found: dict[str, dict[int, dict[int, list[int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    path = str(shared_data("atspm/tests/configs_test_data.parquet"))
    query = "select DeviceId, Phase, lower(Function), Parameter from read_parquet(?)"
    for device, phase, function, channel in duckdb.execute(query, [path]).fetchall():
        found[function][device][phase].append(channel)
    return found


CASES = {
    "has_data": ("has_data", "", [], []),
    "actuations": ("actuations", "", ["Detector"], ["Total"]),
    "communications": ("communications", "", ["EventId"], ["Average"]),
    "coordination": (
        "coordination_agg",
        "",
        [],
        ["Pattern", "CycleLength", "ActualCycleLength", "ActualOffset"],
    ),
    "phase_termination": ("terminations", "", ["Phase", "PerformanceMeasure"], ["Total"]),
    "pedestrians": ("full_ped", "", ["Phase"], ["PedServices", "PedActuation", "Unique_Actuations"]),
    "pedestrian_volume": ("full_ped", "", ["Phase"], ["Estimated_Volumes"]),
    "pedestrian_delay": ("ped_delay", "", ["Phase"], ["AvgPedDelay", "Samples"]),
    "arrivals_on_green": ("arrival_on_green", "advance", ["Phase"], ["Total_Actuations", "Percent_AOG"]),
    "yellow_red_actuations": (
        "yellow_red",
        "yellow_red",
        ["Phase", "Signal_State", "Red_Offset"],
        ["Count"],
    ),
    "split_failures": (
        "split_failures",
        "presence",
        ["Phase"],
        ["Green_Time", "Green_Occupancy", "Red_Occupancy", "Split_Failure"],
    ),
    "splits": ("splits", "", ["EventId"], ["Services", "Average_Split"]),
}
"""Measure: the table it is compared with, its detectors, and the table's key and value columns."""


def rows_of(name: str, cell: Any) -> tuple[tuple[Any, ...], tuple[float, ...]]:
    """A cell's key beyond device and bin, and its values, as the table has them."""
    own = {
        "has_data": lambda c: ((), ()),
        "coordination": lambda c: ((), c[1:]),
        "phase_termination": lambda c: ((c.phase, CAUSES[c.cause]), (c.total,)),
        "pedestrian_volume": lambda c: ((c.phase,), (c.people,)),
        "pedestrian_delay": lambda c: ((c.phase,), (c.average_s, c.samples)),
        "yellow_red_actuations": lambda c: ((c.phase, SHOWN[c.shown], c.red_offset_s), (c.total,)),
        "split_failures": lambda c: ((c.phase,), c[2:6]),
    }
    return own.get(name, lambda c: ((c[1],), c[2:]))(cell)


def expected(path: Path, keys: list[str], values: list[str]) -> Table:
    columns = ["DeviceId", "epoch_ns(TimeStamp)", *keys, *values]
    rows = duckdb.execute(f"select {', '.join(columns)} from read_parquet(?)", [str(path)]).fetchall()
    n = 2 + len(keys)
    return {row[:n]: row[n:] for row in rows}


@pytest.mark.parametrize("name", CASES)
def test_every_cell_is_the_expected_one(
    name: str,
    shared_data: Callable[[str], Path],
    real: dict[int, tuple[np.ndarray, ...]],
    channels: dict[str, dict[int, dict[int, list[int]]]],
) -> None:
    table, detectors, keys, values = CASES[name]
    measure = getattr(import_module(f"signal_control.measures.{name}"), name)
    want = expected(shared_data(f"atspm/tests/precalculated/{table}.parquet"), keys, values)
    found: Table = {}
    for device, columns in real.items():
        for cell in measure(*columns, channels[detectors][device] if detectors else None):
            key, figures = rows_of(name, cell)
            found[(device, cell.start_ns, *key)] = figures
    if name == "yellow_red_actuations":  # the table begins eight seconds before red
        found = {key: figures for key, figures in found.items() if key[-1] >= -8.0}
    if name == "pedestrians":  # the table has a row of zeros for every bin
        want = {key: figures for key, figures in want.items() if any(figures)}
    assert found.keys() == want.keys()
    assert len(want) > 30
    different = [k for k in want if found[k] != pytest.approx(want[k], abs=2e-3, rel=1e-5)]
    assert different == []


def test_waits_are_those_of_the_table_but_for_calls_it_distrusts(
    shared_data: Callable[[str], Path], real: dict[int, tuple[np.ndarray, ...]]
) -> None:
    from signal_control.measures.wait_time import wait_time

    path = shared_data("atspm/tests/precalculated/phase_wait.parquet")
    want = expected(path, ["Phase"], ["AvgPhaseWait"])
    found = {(d, c.start_ns, c.phase): c.average_s for d, log in real.items() for c in wait_time(*log)}
    both = found.keys() & want.keys()
    assert len(both) >= 0.98 * len(want)
    assert np.median([abs(found[k] - want[k][0]) for k in both]) < 3.0
