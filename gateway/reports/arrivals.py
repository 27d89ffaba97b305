"""What do the stored events say about the signals, as a table for people and as CSV?"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from rich.table import Table

from gateway.config.settings import StoreSettings, load
from gateway.reports.channels import Channels, of_table
from signal_control.measures.arrivals_on_green import arrivals_on_green
from storage.connect import connect
from storage.store import Store

ALL_TIME_NS: Final = (0, 4_102_444_800_000_000_000)
"""Until the year 2100."""


class ReportError(Exception):
    """There is nothing to report; the text says why."""


class Row(NamedTuple):
    """Arrivals of one phase of one device in the bin that starts at `start_ns`; `on_green` is 0 to 1."""

    start_ns: int
    device: str
    phase: int
    arrivals: int
    on_green: float

    @property
    def start(self) -> datetime:
        """Begin of the bin, UTC."""
        return datetime.fromtimestamp(self.start_ns / 1e9, UTC)


def advance_channels(path: Path) -> Channels:
    """The advance detectors in a detector table (DeviceId, Phase, Function, Parameter). Raises TableError."""
    return of_table(path, "advance")


async def arrivals(store: Store, advance: Channels, device: str | None = None) -> list[Row]:
    """Arrivals on green per quarter of an hour, device and phase, from stored events. Raises ReportError."""
    if device is not None and device not in advance:
        raise ReportError(f"no advance detectors of '{device}'; there are: {', '.join(sorted(advance))}")
    rows = []
    for name in [device] if device is not None else sorted(advance):
        found = await store.events(name, *ALL_TIME_NS)
        cells = arrivals_on_green(found.at_ns, found.code, found.param, advance[name])
        rows += [Row(cell.start_ns, name, cell.phase, cell.total, cell.on_green) for cell in cells]
    if not rows:
        there = ", ".join(await store.devices("hires")) or "none"
        raise ReportError(f"the store holds no arrivals at these detectors; devices with events: {there}")
    return sorted(rows)


@asynccontextmanager
async def stored(config: Path | None, var: Path) -> AsyncIterator[Store]:
    """The store of a city file, or the embedded one under `var`. Raises SettingsError and ReportError."""
    wanted = load(config).destinations[0] if config else StoreSettings()
    try:
        store = await connect(wanted.kind, wanted.settings, var)
    except ValueError as error:  # pydantic's is one, too
        raise ReportError(f"store: {error}") from error
    try:
        yield store
    finally:
        await store.close()


def as_table(rows: Iterable[Row]) -> Table:
    """The rows for a terminal."""
    table = Table(title="Arrivals on green, bins of 15 min, UTC", title_justify="left")
    for name in ("Bin", "Device", "Phase", "Arrivals", "On green"):
        table.add_column(name, justify="left" if name in ("Bin", "Device") else "right")
    for row in rows:
        when = f"{row.start:%Y-%m-%d %H:%M}"
        table.add_row(when, row.device, str(row.phase), str(row.arrivals), f"{row.on_green:.1%}")
    return table


def write_csv(rows: Iterable[Row], path: Path) -> None:
    """The rows as CSV with the columns of the atspm package. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("TimeStamp", "DeviceId", "Phase", "Total_Actuations", "Percent_AOG"))
        for row in rows:
            when = f"{row.start:%Y-%m-%d %H:%M:%S}"
            out.writerow((when, row.device, row.phase, row.arrivals, f"{row.on_green:.6f}"))
