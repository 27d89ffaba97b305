"""What is wrong with the devices, typed at a terminal?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway.board_client import BOARD, BoardError, get
from gateway.spoken import spoken

_COLOURS = {"critical": "bold red", "warning": "yellow", "info": ""}


def health(
    subject: Annotated[str, typer.Argument(help="One device or feed; all of them when left out.")] = "",
    past: Annotated[bool, typer.Option("--past", help="Also what is over, newest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 100,
    url: Annotated[str, typer.Option(help="Address of the board.")] = BOARD,
) -> None:
    """Name the devices and feeds that are not well, and since when; ends with 2 when there are any."""
    from rich.console import Console

    with spoken(BoardError):
        found = get(url, "/api/health/devices", subject=subject, limit=limit)
    now, history = found["open"][:limit], found["history"]
    over = [one for one in history if one["until_ns"]] if past else []
    console = Console()
    if now or over:
        console.print(_table([*now, *over]))
    if not now:
        console.print(f"{subject or 'Every device and feed'} is well, as far as anybody knows.")
    if now:
        raise typer.Exit(2)


def _table(findings: list[dict[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table("site", "device or feed", "what", "since (UTC)", "until (UTC)", "why")
    for one in findings:
        until = _time(one["until_ns"]) if one["until_ns"] else "still"
        what = Text(one["what"], style=_COLOURS.get(one["severity"], ""))
        count = f" ({one['devices']} devices)" if one["scope"] == "feed" else ""
        table.add_row(one["site"], one["subject"], what, _time(one["since_ns"]), until, one["why"] + count)
    return table


def _time(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}"
