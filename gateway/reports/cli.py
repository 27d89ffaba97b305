"""What can a person type after `arterial report`?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.reports.before_after.cli import before_after
from gateway.reports.trade import Trade
from gateway.spoken import spoken

app = typer.Typer(help="Measures computed from stored events.", no_args_is_help=True, cls=Trade)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
Config = Annotated[Path | None, typer.Option(help="Use this city's store and detectors.")]
Csv = Annotated[Path | None, typer.Option(help="Write a CSV file instead of a table.")]
DEFAULT_VAR = Path("var")
app.command("before-after")(before_after)


@app.command("list")
def list_() -> None:
    """Every measure, and what it says."""
    from rich.console import Console
    from rich.table import Table

    from gateway.desk.catalog import SHORT, catalog

    table = Table("Measure", "Detectors", "What it says", title="arterial report NAME", title_justify="left")
    for name, found in catalog().items():
        short = [word for word, long in SHORT.items() if long == name]
        names = f"{name} ({', '.join(short)})" if short else name
        table.add_row(names, found.detectors or "-", found.about)
    Console().print(table)


@app.command("measure")
def measure_(
    name: Annotated[str, typer.Argument(help="As `list` shows it, for example splits or pcd.")],
    device: Annotated[list[str] | None, typer.Option(help="Only these devices; all without.")] = None,
    since: Annotated[str, typer.Option(help="From: 30m, 2h, 7d ago, or 2026-01-31T12:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Until, as --since.")] = "",
    detectors: Annotated[
        Path | None, typer.Option(help="DeviceId, Phase, Function, Parameter; Parquet or CSV.")
    ] = None,
    var: Var = DEFAULT_VAR,
    config: Config = None,
    csv: Csv = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows on the terminal, the newest.")] = 60,
    each: Annotated[bool, typer.Option("--each", help="Single happenings instead of bins.")] = False,
    chart: Annotated[
        bool | None, typer.Option("--chart/--table", help="A chart where there is one, or rows.")
    ] = None,
) -> None:
    """One measure of the stored events, in quarters of an hour."""
    import asyncio

    from rich.console import Console

    from gateway.config.settings import SettingsError, load
    from gateway.desk.catalog import full_name
    from gateway.replay.table_file import TableError
    from gateway.reports.arrivals import ReportError, stored
    from gateway.reports.cells import Cells, as_table, cells, measure, write_csv
    from gateway.reports.plots import drawn, is_drawn
    from gateway.reports.span import span_of
    from gateway.reports.studies import study
    from storage.store import StoreUnavailable

    chart = bool(chart) and csv is None and not each and is_drawn(full_name(name))

    async def found() -> Cells:
        asked, span = measure(name), span_of(since, until)
        if asked.kind == "study":
            there = load(config).intersections if config else ()
            async with stored(config, var) as store:
                return await study(store, asked, there, device or [], span)
        channels = _channels(asked.detectors, detectors, config)
        single = each or (chart and asked.name == "phase_termination")
        async with stored(config, var) as store:
            return await cells(store, asked, channels, device or [], span, single)

    with spoken(ReportError, SettingsError, StoreUnavailable, TableError, OSError):
        rows = asyncio.run(found())
        if not rows.rows:
            hint = "; split-monitor takes them from the lights" if full_name(name) == "splits" else ""
            raise ReportError(f"nothing to report: no {name} in these events (detectors? times?){hint}")
        if chart:
            Console().print(drawn(rows, full_name(name)))
        elif csv is None:
            Console().print(as_table(rows, name, limit))
        else:
            write_csv(rows, csv)
            typer.echo(f"{len(rows.rows)} rows written to {csv}")


@app.command("arrivals-on-green")
def arrivals_on_green(
    detectors: Annotated[Path, typer.Option(help="DeviceId, Phase, Function, Parameter; Parquet or CSV.")],
    device: Annotated[str | None, typer.Option(help="One device only.")] = None,
    var: Var = DEFAULT_VAR,
    config: Annotated[Path | None, typer.Option(help="Use this city's store.")] = None,
    csv: Csv = None,
) -> None:
    """Which share of the vehicles arrived while their phase was green."""
    import asyncio

    from rich.console import Console

    from gateway.config.settings import SettingsError
    from gateway.replay.table_file import TableError
    from gateway.reports.arrivals import (
        ReportError,
        Row,
        advance_channels,
        arrivals,
        as_table,
        stored,
        write_csv,
    )
    from storage.store import StoreUnavailable

    async def rows() -> list[Row]:
        channels = advance_channels(detectors)
        async with stored(config, var) as store:
            return await arrivals(store, channels, device)

    with spoken(ReportError, SettingsError, StoreUnavailable, TableError, OSError):
        found = asyncio.run(rows())
        if csv is None:
            Console().print(as_table(found))
        else:
            write_csv(found, csv)
            typer.echo(f"{len(found)} rows written to {csv}")


def _channels(wanted: str, table: Path | None, config: Path | None) -> dict[str, dict[int, list[int]]]:
    """The detectors a measure needs; raises ReportError when nobody says which they are."""
    from gateway.config.settings import load
    from gateway.reports.arrivals import ReportError
    from gateway.reports.channels import of_city, of_table

    if not wanted:
        return {}
    if table is not None:
        found = of_table(table, wanted)
    elif config is not None:
        found = of_city(load(config).intersections, wanted)
    else:
        raise ReportError(
            f"this measure needs {wanted} detectors: name a table (--detectors) or a city (--config)"
        )
    return {device: {p: list(c) for p, c in own.items()} for device, own in found.items()}
