"""Which columns does a Parquet or CSV file have, and are the ones we need among them?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

_PARQUET_MAGIC = b"PAR1"


class TableError(Exception):
    """The file cannot be used as it is; the text names it, what is wrong, and what is there."""


def source(path: Path) -> str:
    """DuckDB's table function that reads `path`: content decides, then the extension. Raises TableError."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_PARQUET_MAGIC))
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from error
    if magic == _PARQUET_MAGIC:
        return "read_parquet(?)"
    if path.suffix.lower() in (".parquet", ".pq"):
        raise TableError(f"{path}: is not a Parquet file")
    return "read_csv(?, header = true, sample_size = -1)"


def columns(db: duckdb.DuckDBPyConnection, path: Path, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """The SQL name and type of each `wanted` column, whatever its case in the file. Raises TableError."""
    try:
        rows = db.execute(f"DESCRIBE SELECT * FROM {source(path)}", [str(path)]).fetchall()
    except duckdb.Error as error:
        raise fault(path, error) from error
    there = {str(row[0]).strip().lower(): (str(row[0]), str(row[1])) for row in rows}
    missing = [name for name in wanted if name.lower() not in there]
    if missing:
        names = ", ".join(name for name, _ in there.values())
        raise TableError(f"{path}: no column {', '.join(missing)}; there are: {names}")
    found = [there[name.lower()] for name in wanted]
    return [('"' + name.replace('"', '""') + '"', kind) for name, kind in found]


def as_name(column: str, kind: str) -> str:
    """SQL for a column of names; numbers that a missing value turned into 227.0 become 227 again."""
    whole = f"CAST({column} AS BIGINT)" if kind in ("DOUBLE", "FLOAT") else column
    return f"CAST({whole} AS VARCHAR)"


def fault(path: Path, error: duckdb.Error) -> TableError:
    """What DuckDB says, in one line."""
    return TableError(f"{path}: {str(error).splitlines()[0]}")
