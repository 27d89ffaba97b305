"""What can a person type after `arterial report before-after`?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gateway.reports.before_after.compare import Comparison

Period = Annotated[str, typer.Option(help="FROM..TO by the city's clock, as 2026-11-02..2026-11-09.")]
DEFAULT_VAR = Path("var")


def before_after(
    before: Period,
    after: Period,
    config: Annotated[
        Path, typer.Option(help="The city file: its store, detectors and time zone.", dir_okay=False)
    ],
    intersection: Annotated[list[str] | None, typer.Option(help="Only these; all without.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one page that needs nothing else.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
    var: Annotated[Path, typer.Option(help="Folder of an embedded store.", file_okay=False)] = DEFAULT_VAR,
) -> None:
    """Compare two periods: matched weekdays and times, volumes, 95 % intervals."""
    import asyncio
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from gateway.config.settings import SettingsError, load
    from gateway.reports.arrivals import ReportError, stored
    from gateway.reports.before_after.page import page
    from gateway.reports.before_after.paper import paper
    from gateway.reports.before_after.period import period_ns, report
    from storage.store import StoreUnavailable

    async def found() -> list[Comparison]:
        settings = load(config)
        zone = ZoneInfo(settings.city.timezone)
        spans = period_ns(before, zone), period_ns(after, zone)
        async with stored(config, var) as store:
            return await report(store, settings.intersections, intersection or [], spans, zone, seed)

    with spoken(ReportError, SettingsError, StoreUnavailable, OSError):
        comparisons = asyncio.run(found())
        if html is not None:
            html.write_text(page(comparisons), encoding="utf-8")
        if pdf is not None:
            pdf.write_bytes(paper(comparisons))
        for one in comparisons:
            Console().print(*_shown(one), sep="\n")


def _shown(one: Comparison) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from gateway.reports.before_after.words import HEADINGS, cells, period, title

    told = [Text(title(one), style="bold")]
    told += [
        Text(f"Before: {period(one.before, one.timezone)}"),
        Text(f"After:  {period(one.after, one.timezone)}"),
    ]
    told += [Text(f"- {remark}") for remark in one.remarks]
    table = Table()
    for n, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if n else "left")
    for row in one.rows:
        table.add_row(*cells(row))
    verdicts = [Text(f"{row.heading}: {row.verdict}") for row in one.rows]
    return [*told, table, *verdicts] if one.rows else [*told]
