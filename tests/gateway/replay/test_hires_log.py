"""Does a recorded log come back as exactly its events, in order, whatever its clothes?"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from gateway.replay.hires_log import HiresLog, LoggedEvent
from gateway.replay.table_file import TableError

FIRST_MS = 1_715_612_400_000  # 2024-05-13 15:00:00 UTC


def csv(tmp_path: Path, *rows: str, header: str = "TimeStamp,DeviceId,EventId,Parameter") -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def events(path: Path, rows: int = 20_000) -> list[LoggedEvent]:
    with HiresLog(path) as log:
        return [event for chunk in log.chunks(rows) for event in chunk]


def test_times_without_a_zone_are_utc_and_keep_their_tenths(tmp_path: Path) -> None:
    path = csv(tmp_path, "2024-05-13 15:00:00.1,227,82,5")
    assert events(path) == [LoggedEvent(FIRST_MS + 100, "227", 82, 5)]


@pytest.mark.parametrize(
    "written", ["2024-05-13T15:00:00Z", "2024-05-13 17:00:00+02:00", "2024-05-13 15:00:00.000"]
)
def test_a_zone_is_honoured(tmp_path: Path, written: str) -> None:
    assert events(csv(tmp_path, f"{written},1,1,2"))[0].at_ms == FIRST_MS


def test_events_come_in_order_of_time_and_in_file_order_within_an_instant(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "2024-05-13 15:00:01,1,82,9",
        "2024-05-13 15:00:00,1,82,7",
        "2024-05-13 15:00:00,1,81,7",
        "2024-05-13 15:00:00,1,82,3",
    )
    assert [(e.code, e.param) for e in events(path, rows=3)] == [(82, 7), (81, 7), (82, 3), (82, 9)]


def test_an_instant_is_never_split_between_two_chunks(tmp_path: Path) -> None:
    path = csv(tmp_path, *(f"2024-05-13 15:00:0{second},1,82,{n}" for second in (1, 2, 3) for n in range(3)))
    with HiresLog(path) as log:
        chunks = list(log.chunks(rows=2))
    assert [len(chunk) for chunk in chunks] == [3, 3, 3]


def test_exact_duplicate_rows_stay_two_events(tmp_path: Path) -> None:
    row = "2024-05-13 15:00:00,1,82,7"
    assert len(events(csv(tmp_path, row, row))) == 2


def test_column_names_may_have_any_case_and_order(tmp_path: Path) -> None:
    path = csv(tmp_path, "5,82,227,2024-05-13 15:00:00,x", header="PARAMETER,eventid,deviceID,timestamp,note")
    assert events(path) == [LoggedEvent(FIRST_MS, "227", 82, 5)]


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "log.dat"
    duckdb.sql(
        "SELECT TIMESTAMP_NS '2024-05-13 15:00:00.1' AS TimeStamp, 'x1' AS DeviceId, "
        "1 AS EventId, -1 AS Parameter"
    ).write_parquet(str(path))
    assert events(path) == [LoggedEvent(FIRST_MS + 100, "x1", 1, -1)]


def test_the_spans_say_what_each_device_has(tmp_path: Path) -> None:
    path = csv(
        tmp_path, "2024-05-13 15:00:00,2,1,2", "2024-05-13 15:00:04,2,7,2", "2024-05-13 15:00:01,10,1,2"
    )
    with HiresLog(path) as log:
        assert [(s.device, s.events, s.last_ms - s.first_ms) for s in log.devices] == [
            ("10", 1, 0),
            ("2", 2, 4000),
        ]
        assert (log.events, log.first_ms, log.last_ms) == (3, FIRST_MS, FIRST_MS + 4000)


def test_missing_columns_are_named_with_what_is_there(tmp_path: Path) -> None:
    path = csv(tmp_path, "2024-05-13 15:00:00,1,2", header="TimeStamp,Signal,EventId")
    with pytest.raises(
        TableError, match="no column DeviceId, Parameter; there are: TimeStamp, Signal, EventId"
    ):
        HiresLog(path)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2024-05-13 15:00:00,1,,7", "1 rows lack a value, the first is row 1"),
        ("yesterday,1,82,7", "yesterday"),
        ("2024-05-13 15:00:00,a/b,82,7", "DeviceId 'a/b' cannot stand in an MQTT topic"),
    ],
)
def test_a_bad_row_is_an_error_and_not_a_lost_event(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(TableError, match=complaint):
        HiresLog(csv(tmp_path, row))


def test_an_empty_log_and_a_missing_file_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="holds no events"):
        HiresLog(csv(tmp_path))
    with pytest.raises(TableError, match="No such file"):
        HiresLog(tmp_path / "nowhere.csv")
    text = tmp_path / "log.parquet"
    text.write_text("hello")
    with pytest.raises(TableError, match="is not a Parquet file"):
        HiresLog(text)
