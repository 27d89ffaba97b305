"""What does a recorded high-resolution log (Parquet or CSV) hold, in order of time?"""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import duckdb

from gateway.replay.table_file import TableError, as_name, columns, fault, source

COLUMNS = ("TimeStamp", "DeviceId", "EventId", "Parameter")
_TIMES = ("TIMESTAMP", "DATE")
_NOT_IN_A_TOPIC = r"[/+#\s\x00]"


class LoggedEvent(NamedTuple):
    """One row of a log: milliseconds since the epoch (UTC), device, event code and parameter."""

    at_ms: int
    device: str
    code: int
    param: int


@dataclass(frozen=True, slots=True)
class DeviceSpan:
    """The events of one device: how many, and the first and last instant (ms since the epoch, both in)."""

    device: str
    events: int
    first_ms: int
    last_ms: int


class HiresLog:
    """A log opened for reading; a context manager. Large logs spill to a temporary folder.

    Times without a zone are UTC; times are kept to the millisecond. Rows of one instant keep the order of the
    file. Exact duplicate rows are events like all others. Opening raises TableError when the file cannot be
    read, a column is missing, or a row lacks a value.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = tempfile.TemporaryDirectory(prefix="arterial-log-")
        self._db = duckdb.connect(
            config={"temp_directory": self._folder.name, "memory_limit": "1GB", "threads": "2"}
        )
        try:
            self._load()
            self.devices = self._spans()
            self._check()
        except BaseException:
            self.close()
            raise

    @property
    def events(self) -> int:
        """How many events the log holds."""
        return sum(span.events for span in self.devices)

    @property
    def first_ms(self) -> int:
        """The instant of the first event, milliseconds since the epoch."""
        return min(span.first_ms for span in self.devices)

    @property
    def last_ms(self) -> int:
        """The instant of the last event, milliseconds since the epoch."""
        return max(span.last_ms for span in self.devices)

    def chunks(self, rows: int = 20_000) -> Iterator[list[LoggedEvent]]:
        """Events in order of time, about `rows` at a time; an instant is never split between two chunks."""
        found = self._db.cursor().execute("SELECT at_ms, device, code, param FROM log ORDER BY at_ms, row")
        held: list[LoggedEvent] = []
        while chunk := found.fetchmany(rows):
            held += [LoggedEvent(*row) for row in chunk]
            cut = bisect_left(held, held[-1].at_ms, key=lambda event: event.at_ms)
            if cut:
                yield held[:cut]
                held = held[cut:]
        yield held

    def close(self) -> None:
        """Let go of the file and the temporary folder."""
        self._db.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load(self) -> None:
        self._db.execute("SET TimeZone = 'UTC'")
        selected = _selected(columns(self._db, self.path, COLUMNS)) + ", row_number() OVER () AS row"
        try:
            self._db.execute(
                f"CREATE TABLE log AS SELECT {selected} FROM {source(self.path)}", [str(self.path)]
            )
        except duckdb.Error as error:
            raise fault(self.path, error) from error

    def _spans(self) -> tuple[DeviceSpan, ...]:
        self._refuse_gaps()
        rows = self._db.execute(
            "SELECT device, count(*), min(at_ms), max(at_ms) FROM log GROUP BY device ORDER BY device"
        ).fetchall()
        return tuple(DeviceSpan(*row) for row in rows)

    def _refuse_gaps(self) -> None:
        gaps, first = self._db.execute(
            "SELECT count(*), min(row) FROM log "
            "WHERE at_ms IS NULL OR device IS NULL OR code IS NULL OR param IS NULL"
        ).fetchall()[0]
        if gaps:
            raise TableError(f"{self.path}: {gaps} rows lack a value, the first is row {first}")

    def _check(self) -> None:
        if not self.devices:
            raise TableError(f"{self.path}: the log holds no events")
        bad = self._db.execute(
            "SELECT min(device) FROM log WHERE device = '' OR regexp_matches(device, ?)", [_NOT_IN_A_TOPIC]
        ).fetchall()[0][0]
        if bad is not None:
            raise TableError(f"{self.path}: DeviceId {bad!r} cannot stand in an MQTT topic")


def _selected(found: list[tuple[str, str]]) -> str:
    """The SELECT list that brings the four columns of a file to our types."""
    (time, time_type), (device, device_type), (code, _), (param, _) = found
    plain = time_type.startswith(_TIMES) and not time_type.endswith("_NS")
    at = time if plain else f"CAST({time} AS TIMESTAMP)"
    return (
        f"epoch_ms({at}) AS at_ms, {as_name(device, device_type)} AS device, "
        f"CAST({code} AS BIGINT) AS code, CAST({param} AS BIGINT) AS param"
    )
