"""What can a person type after `arterial explain`?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.board_client import BOARD, BoardError, get
from gateway.spoken import spoken

if TYPE_CHECKING:
    from gateway.explain.why import Why


def explain(
    intersection: Annotated[str, typer.Argument(help="Its id in the city file.")],
    time: Annotated[str, typer.Argument(help="2m (ago), 2026-01-31T12:00:10Z; without: the newest.")] = "",
    url: Annotated[str, typer.Option(help="Ask the board of a running city.")] = BOARD,
    config: Annotated[
        Path | None, typer.Option(help="Ask the store of this city file instead of a board.", dir_okay=False)
    ] = None,
    var: Annotated[
        Path, typer.Option(help="With --config: folder of an embedded store.", file_okay=False)
    ] = Path("var"),
    json: Annotated[bool, typer.Option("--json", help="Everything, inputs too, as JSON.")] = False,
) -> None:
    """Why did a phase end? The decision in force then, from what, and whether it follows again."""
    import asyncio

    import msgspec

    from gateway.config.settings import SettingsError
    from gateway.explain.text import lines
    from gateway.explain.why import ExplainError
    from gateway.reports.arrivals import ReportError
    from storage.store import StoreUnavailable

    with spoken(BoardError, ExplainError, ReportError, SettingsError, StoreUnavailable, OSError):
        if config is None:
            found = _from_board(url, intersection, time)
        else:
            found = asyncio.run(_from_store(config, var, intersection, time))
        if json:
            typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        else:
            for line in lines(found):
                typer.echo(line)


async def _from_store(config: Path, var: Path, intersection: str, time: str) -> Why:
    from datetime import UTC, datetime

    from gateway.config.settings import load
    from gateway.explain.why import ExplainError, why
    from gateway.moments import moment_ns
    from gateway.reports.arrivals import stored

    try:
        at_ns = moment_ns(time, datetime.now(UTC)) if time else None
    except ValueError as error:
        raise ExplainError(str(error)) from error
    async with stored(config, var) as store:
        return await why(store, load(config).intersections, intersection, at_ns)


def _from_board(url: str, intersection: str, time: str) -> Why:
    import msgspec

    from gateway.explain.why import ExplainError, Why

    found = get(url, "/api/explain", intersection=intersection, time=time)
    try:
        return msgspec.convert(found, type=Why)
    except msgspec.ValidationError as error:
        raise ExplainError(f"what answers at {url} is no arterial board: {error}") from error
