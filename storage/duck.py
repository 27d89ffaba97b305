"""How does a DuckDB file keep readings, each once, together with how far it has come?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np

from collectors.quality import QUALITY
from collectors.reading import Reading
from storage.columns import columns, once, sql_columns
from storage.schema import Schema, Shape, fault
from storage.store import Rejected, StoreUnavailable

_POSITION: Final = "arterial_position"
_NEW: Final = (
    # what the table has already at these instants stays as it is
    "INSERT INTO {table} ({names}) SELECT {names} FROM batch WHERE NOT EXISTS (SELECT 1 FROM {table} t"
    " WHERE t.time_ns BETWEEN ? AND ? AND t.time_ns = batch.time_ns AND t.device = batch.device"
    " AND t.site = batch.site)"
)


class DuckFile:
    """One DuckDB file: a table per kind with typed columns, and the spool position, changed together.

    Synchronous, and meant to be the only one to open the file. Raises StoreUnavailable when the file cannot
    be opened, written or read.
    """

    def __init__(self, path: str, schema: Schema, memory_limit: str = "512MB", threads: int = 1) -> None:
        self._schema = schema
        try:
            config: dict[str, str | bool | int | float | list[str]] = {
                "memory_limit": memory_limit,
                "threads": threads,
            }
            self._db = duckdb.connect(path, config=config)
            for kind, shape in schema.items():
                self._create(kind, shape)
            self._db.execute(f"CREATE TABLE IF NOT EXISTS {_POSITION} (id BIGINT NOT NULL)")
            self._db.execute(f"INSERT INTO {_POSITION} SELECT 0 WHERE NOT EXISTS (FROM {_POSITION})")
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error

    def write(self, batch: Sequence[Reading], position: int) -> dict[str, int]:
        """Keep `batch` and `position` in one transaction; returns how many were there already, by kind.

        Raises Rejected, with nothing kept, when readings do not fit the schema.
        """
        faults = [(reading, why) for reading in batch if (why := fault(reading, self._schema))]
        if faults:
            raise Rejected(faults, faults[0][1])
        try:
            self._db.begin()
            known = {kind: len(group) - self._insert(kind, group) for kind, group in _by_kind(batch).items()}
            self._db.execute(f"UPDATE {_POSITION} SET id = ?", [position])
            self._db.commit()
        except duckdb.DataError as error:
            self._db.rollback()
            raise Rejected((), _first_line(error)) from error
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error
        return {kind: n for kind, n in known.items() if n}

    def position(self) -> int:
        """The position of the last batch; 0 in a new file."""
        return int(self._all(f"SELECT id FROM {_POSITION}")[0][0])

    def select(
        self, kind: str, device: str, fields: Sequence[str], start_ns: int, end_ns: int, dtype: str
    ) -> list[bytes]:
        """Times (int64) and then each of `fields` as the bytes of numpy `dtype` columns, in order of time."""
        if not self._numeric(kind, fields):
            return [b""] * (len(fields) + 1)
        names = [_quoted(name) for name in fields]
        there = " AND ".join(f"{name} IS NOT NULL" for name in names)
        sql = (
            f"SELECT time_ns, {', '.join(names)} FROM {_quoted(kind)} WHERE device = ? AND time_ns >= ?"
            f" AND time_ns < ? AND {there} ORDER BY time_ns"
        )
        try:
            found = self._db.execute(sql, [device, start_ns, end_ns]).fetchnumpy()
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error
        time, *values = found.values()
        return [time.astype(np.int64).tobytes(), *(value.astype(dtype).tobytes() for value in values)]

    def rows(
        self, kind: str, device: str, fields: Sequence[str], span: tuple[int, int], limit: int
    ) -> list[tuple[Any, ...]]:
        """Time and `fields` of the newest `limit` readings in the span (end excluded), in order of time."""
        if kind not in self._schema or any(name not in self._schema[kind].fields for name in fields):
            return []
        names = ", ".join(_quoted(name) for name in ("time_ns", *fields))
        sql = (
            f"SELECT {names} FROM {_quoted(kind)} WHERE device = ? AND time_ns >= ? AND time_ns < ?"
            " ORDER BY time_ns DESC LIMIT ?"
        )
        try:
            return self._db.execute(sql, [device, *span, limit]).fetchall()[::-1]
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error

    def devices(self, kind: str) -> list[str]:
        """Devices with readings of `kind`, sorted."""
        if kind not in self._schema:
            return []
        return [str(row[0]) for row in self._all(f"SELECT DISTINCT device FROM {_quoted(kind)} ORDER BY 1")]

    def count(self, kind: str) -> int:
        """How many readings of `kind` there are."""
        if kind not in self._schema:
            return 0
        return int(self._all(f"SELECT count(*) FROM {_quoted(kind)}")[0][0])

    def close(self) -> None:
        """Write everything into the file and let go of it."""
        self._db.close()

    def _create(self, kind: str, shape: Shape) -> None:
        """The table of a kind; columns that the declaration has gained since are added."""
        wanted = sql_columns(shape)
        listed = ", ".join(f"{_quoted(name)} {sql_type}" for name, sql_type in wanted.items())
        self._db.execute(f"CREATE TABLE IF NOT EXISTS {_quoted(kind)} ({listed})")
        there = {str(row[0]): str(row[1]) for row in self._all(f"DESCRIBE {_quoted(kind)}")}
        for name, sql_type in wanted.items():
            if name not in there:
                self._db.execute(f"ALTER TABLE {_quoted(kind)} ADD COLUMN {_quoted(name)} {sql_type}")
            elif there[name] != sql_type:
                self._db.execute(f"ALTER TABLE {_quoted(kind)} ALTER {_quoted(name)} TYPE {sql_type}")

    def _insert(self, kind: str, readings: list[Reading]) -> int:
        batch = columns(once(readings), self._schema[kind])
        names = ", ".join(_quoted(name) for name in batch)
        times = batch["time_ns"]
        self._db.register("batch", batch)
        try:
            sql = _NEW.format(table=_quoted(kind), names=names)
            return int(self._db.execute(sql, [int(times.min()), int(times.max())]).fetchall()[0][0])
        finally:
            self._db.unregister("batch")

    def _numeric(self, kind: str, fields: Sequence[str]) -> bool:
        shape = self._schema.get(kind, Shape({}))
        return all(name == QUALITY or shape.fields.get(name, "str") != "str" for name in fields)

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql).fetchall()
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error


def _by_kind(batch: Sequence[Reading]) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = {}
    for reading in batch:
        found.setdefault(reading.kind, []).append(reading)
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]
