"""Which devices does a TOML or CSV file declare, and where in it is what is wrong?"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gateway.config.words import complaints, no_such
from gateway.devices.entry import Complaint, DeviceEntry, faults

PLAIN: Final = ("id", "site", "kind", "format", "name", "location", "lat", "lon", "every_s", "note")
"""Columns of a CSV file; besides unit:WORD, gain:FIELD and offset:FIELD."""
SHOWN: Final = 20
"""Faults named of one file; after that their number."""

Raw = dict[str, Any]


class DeviceFileError(Exception):
    """The file cannot be used; the text has one line for every fault."""

    def __init__(self, found: Sequence[Complaint]) -> None:
        lines = [f"{where}: {what}" for where, what in found[:SHOWN]]
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        super().__init__("\n".join([*lines, *more]))


def read(path: Path) -> list[DeviceEntry]:
    """The devices in `path`. Raises DeviceFileError."""
    found: list[DeviceEntry] = []
    wrong: list[Complaint] = []
    for where, raw in _rows(path):
        entry, faulty = checked(raw)
        wrong += [(f"{path.name}: {where}{key}", what) for key, what in faulty]
        if entry is not None:
            found.append(entry)
    if wrong:
        raise DeviceFileError(wrong)
    return found


def checked(raw: Raw) -> tuple[DeviceEntry | None, list[Complaint]]:
    """The entry that `raw` is, or what is wrong with it."""
    try:
        entry = DeviceEntry.model_validate(raw)
    except ValidationError as error:
        return None, complaints(error, DeviceEntry, raw)
    return entry, list(faults(entry))


def _rows(path: Path) -> Iterator[tuple[str, Raw]]:
    """Where each device is declared, and what is said there."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceFileError([(str(path), f"cannot be read: {error}")]) from error
    if path.suffix.lower() == ".csv":
        yield from _of_csv(path.name, text)
    elif path.suffix.lower() == ".toml":
        yield from _of_toml(path.name, text)
    else:
        raise DeviceFileError([(path.name, no_such("kind of file", path.suffix, (".csv", ".toml")))])


def _of_toml(name: str, text: str) -> Iterator[tuple[str, Raw]]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeviceFileError([(name, f"not TOML: {error}")]) from error
    other = [key for key in raw if key != "devices"]
    if other:
        raise DeviceFileError([(name, no_such("key", other[0], ("devices",)))])
    tables = raw.get("devices")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DeviceFileError([(name, "there is no [[devices]] in it")])
    for number, table in enumerate(tables, 1):
        yield f"devices.{table.get('id', number)}.", table


def _of_csv(name: str, text: str) -> Iterator[tuple[str, Raw]]:
    head, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [column.strip() for column in next(reader, [])]
    for column in columns:
        kind, _, rest = column.partition(":")
        if column not in PLAIN and not (kind in ("unit", "gain", "offset") and rest):
            choices = (*PLAIN, "unit:WORD", "gain:FIELD", "offset:FIELD")
            raise DeviceFileError([(f"{name}: line 1", no_such("column", column, choices))])
    if "id" not in columns:
        raise DeviceFileError([(f"{name}: line 1", "there is no column 'id'")])
    for cells in reader:
        if any(cell.strip() for cell in cells):
            where = f"line {reader.line_num}: "
            if len(cells) > len(columns):
                raise DeviceFileError([(f"{name}: {where.strip(': ')}", "more cells than columns")])
            yield where, _of_row(columns, cells)


def _of_row(columns: Sequence[str], cells: Sequence[str]) -> Raw:
    """A row as a table of TOML would say it; empty cells say nothing."""
    raw: Raw = {}
    for column, cell in zip(columns, cells, strict=False):
        kind, _, rest = column.partition(":")
        if not cell.strip():
            continue
        if not rest:
            raw[column] = cell.strip()
        elif kind == "unit":
            raw.setdefault("units", {})[rest] = cell.strip()
        else:
            raw.setdefault("calibrate", {}).setdefault(rest, {})[kind] = cell.strip()
    return raw
