"""What can a person type after `arterial messages`?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway.board_client import BOARD, BoardError, get, send
from gateway.operate.cli import OrderError, seconds_of
from gateway.spoken import spoken

app = typer.Typer(help="Service messages for citizens (CAP and RSS at /feed).", no_args_is_help=True)

Url = Annotated[str, typer.Option(help="Address of the board.")]
Headline = Annotated[str, typer.Argument(help="What it is, in one line.")]
Text = Annotated[str, typer.Option(help="The same in full.")]
Instruction = Annotated[str, typer.Option(help="What people should do.")]
Area = Annotated[str, typer.Option(help="Where; without it the whole city.")]
Severity = Annotated[str, typer.Option(help="Extreme, Severe, Moderate, Minor or Unknown.")]
For = Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 48h.")]
Number = Annotated[int, typer.Argument(help="As `list` shows it.")]


@app.command("list")
def list_messages(url: Url = BOARD) -> None:
    """Show what the feed holds, the newest first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    with spoken(BoardError):
        found = get(url, "/api/messages")["messages"]
    if not found:
        typer.echo("No service messages.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("", "sent", "until", "state", "headline"):
        table.add_column(column)
    for one in found:
        state = "counts" if one["counts"] else "withdrawn" if one["kind"] == "Cancel" else "expired"
        times = (_time(one["sent_ms"]), _time(one["expires_ms"]))
        table.add_row(str(one["number"]), *times, state, Plain(one["headline"]))
    Console().print(table)


@app.command()
def publish(
    headline: Headline,
    text: Text = "",
    instruction: Instruction = "",
    area: Area = "",
    severity: Severity = "Minor",
    duration: For = "24h",
    url: Url = BOARD,
) -> None:
    """Tell citizens something; everybody who reads the feed sees it at once."""
    wish = _wish(headline, text, instruction, area, severity)
    number = _say(url, "/api/messages", wish, duration)["number"]
    typer.echo(f"Message {number} is published for {duration}.")


@app.command()
def update(
    number: Number,
    headline: Headline,
    text: Text = "",
    instruction: Instruction = "",
    area: Area = "",
    severity: Severity = "Minor",
    duration: For = "24h",
    url: Url = BOARD,
) -> None:
    """Say a message in other words, or for longer: it refers to what was said before."""
    _say(url, f"/api/messages/{number}/update", _wish(headline, text, instruction, area, severity), duration)
    typer.echo(f"Message {number} is changed, and counts for {duration}.")


@app.command()
def withdraw(
    number: Number,
    why: Annotated[str, typer.Option(help="Citizens read it.")] = "",
    url: Url = BOARD,
) -> None:
    """Take a message back, because it is over or was wrong: readers get a cancellation."""
    with spoken(BoardError):
        send(url, f"/api/messages/{number}/withdraw", {"why": why})
    typer.echo(f"Message {number} is withdrawn.")


def _wish(headline: str, text: str, instruction: str, area: str, severity: str) -> dict[str, Any]:
    told = {"text": text, "instruction": instruction, "area": area}
    return {"headline": headline, "severity": severity, **{k: v for k, v in told.items() if v}}


def _say(url: str, path: str, wish: dict[str, Any], duration: str) -> Any:
    with spoken(BoardError, OrderError):
        return send(url, path, {**wish, "hours": seconds_of(duration) / 3600})


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%m-%d %H:%M")
