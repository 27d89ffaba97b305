"""What does a measure say of the stored events, device by device?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.table import Table

from gateway.desk.catalog import Found, find
from gateway.reports.arrivals import ReportError
from gateway.reports.channels import Channels
from signal_control.eventlog import BIN_NS
from storage.store import Store

DEVICE: Final = "device"


class Cells(NamedTuple):
    """Rows of a measure: names of the columns, then each device with its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Any, ...]], ...]


def measure(name: str) -> Found:
    """The measure or study called `name` (or its short name, with - or _); raises ReportError with the
    choices."""
    try:
        return find(name)
    except ValueError as error:
        raise ReportError(str(error)) from error


async def cells(
    store: Store,
    measured: Found,
    channels: Channels,
    devices: Sequence[str],
    span: tuple[int, int],
    each: bool = False,
) -> Cells:
    """Every row of a measure over the events with span[0] <= time < span[1] (ns since the epoch).

    Without `devices` all that have events. Raises ReportError when a device has none, or none was asked for
    and there are none.
    """
    there = await store.devices("hires")
    unknown = [d for d in devices if d not in there]
    if unknown or not there:
        asked = f"no events of {', '.join(unknown)}" if unknown else "no events"
        raise ReportError(f"{asked} in the store; devices with events: {', '.join(there) or 'none'}")
    if each and not measured.has_each:
        raise ReportError(f"{measured.name} has no single happenings to list")
    function = measured.module.each if each else getattr(measured.module, measured.name)
    rows: list[tuple[str, tuple[Any, ...]]] = []
    columns: tuple[str, ...] = ()
    for device in devices or there:
        found = await store.events(device, *span)
        own = channels.get(device, {})
        for cell in function(found.at_ns, found.code, found.param, own, *(() if each else (BIN_NS,))):
            columns = cell._fields
            rows.append((device, tuple(cell)))
    return Cells(columns, tuple(rows))


def as_table(found: Cells, title: str, limit: int) -> Table:
    """The newest rows for a terminal, at most `limit`."""
    left = len(found.rows) - limit
    caption = f"{left} earlier rows left out; --csv writes all" if left > 0 else None
    table = Table(title=f"{title}, UTC", title_justify="left", caption=caption)
    for name in (DEVICE, *found.columns):
        table.add_column(_plain(name), justify="left" if name == DEVICE or name.endswith("_ns") else "right")
    for device, row in found.rows[-limit:]:
        table.add_row(device, *(_shown(n, v) for n, v in zip(found.columns, row, strict=True)))
    return table


def write_csv(found: Cells, path: Path) -> None:
    """All rows, times as ISO 8601 in UTC. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow((DEVICE, *(_plain(n) for n in found.columns)))
        out.writerows(_lines(found))


def _lines(found: Cells) -> Iterable[tuple[Any, ...]]:
    for device, row in found.rows:
        yield (
            device,
            *(_iso(v) if n.endswith("_ns") else v for n, v in zip(found.columns, row, strict=True)),
        )


def _plain(name: str) -> str:
    return name.removesuffix("_ns")


def _iso(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(name: str, value: Any) -> str:
    if name.endswith("_ns"):
        return f"{datetime.fromtimestamp(value / 1e9, UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 1 else f"{value:.1f}"
    return str(value)
