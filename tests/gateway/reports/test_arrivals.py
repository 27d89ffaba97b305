"""Does a report say what the store holds, and say plainly when it holds nothing?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gateway.replay.table_file import TableError
from gateway.reports.arrivals import ReportError, Row, advance_channels, arrivals, as_table, write_csv
from storage.store import Events

QUARTER_NS = 15 * 60 * 1_000_000_000
START_NS = 1_715_612_400_000_000_000  # 2024-05-13 15:00:00 UTC


class Shelf:
    """A store that holds the same events for device 227 whenever it is asked."""

    async def events(self, device: str, start_ns: int, end_ns: int) -> Events:
        rows = [(0, 1, 2), (1, 82, 7), (2, 8, 2), (3, 82, 7)] if device == "227" else []
        columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return Events(columns[:, 0] * 1_000_000_000 + START_NS, columns[:, 1], columns[:, 2])

    async def devices(self, kind: str) -> list[str]:
        return ["227"]


def detectors(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "detectors.csv"
    path.write_text("\n".join(["DeviceId,Phase,Function,Parameter", *rows]) + "\n")
    return path


def test_only_advance_detectors_count(tmp_path: Path) -> None:
    path = detectors(tmp_path, "227,2,Advance,7", "227,2,advance,8", "227,2,Presence,9", "452,6,Advance,1")
    assert advance_channels(path) == {"227": {2: [7, 8]}, "452": {6: [1]}}


def test_a_table_without_advance_detectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no row with the Function 'advance'; there are: presence"):
        advance_channels(detectors(tmp_path, "227,2,Presence,9"))


async def test_rows_come_from_the_stored_events() -> None:
    rows = await arrivals(Shelf(), {"227": {2: [7]}, "9": {1: [1]}})  # type: ignore[arg-type]
    assert rows == [Row(START_NS // QUARTER_NS * QUARTER_NS, "227", 2, 2, 0.5)]


async def test_an_unknown_device_is_named_with_the_choices() -> None:
    with pytest.raises(ReportError, match="no advance detectors of '8'; there are: 227"):
        await arrivals(Shelf(), {"227": {2: [7]}}, "8")  # type: ignore[arg-type]


async def test_a_store_without_arrivals_says_which_devices_it_has() -> None:
    with pytest.raises(ReportError, match="devices with events: 227"):
        await arrivals(Shelf(), {"8": {2: [7]}})  # type: ignore[arg-type]


def test_the_table_and_the_csv_hold_the_same_numbers(tmp_path: Path) -> None:
    rows = [Row(START_NS, "227", 2, 2, 0.5)]
    write_csv(rows, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "TimeStamp,DeviceId,Phase,Total_Actuations,Percent_AOG",
        "2024-05-13 15:00:00,227,2,2,0.500000",
    ]
    console = Console(width=80, record=True, file=(tmp_path / "screen").open("w"))
    console.print(as_table(rows))
    assert "2024-05-13 15:00" in (text := console.export_text())
    assert "50.0%" in text
