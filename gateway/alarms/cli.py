"""What can a person type after `arterial alarms`?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway.board_client import BOARD, BoardError, get, send
from gateway.operate.cli import OrderError, seconds_of
from gateway.spoken import spoken

app = typer.Typer(help="What is wrong in the running city, and who cares for it.", no_args_is_help=True)

Url = Annotated[str, typer.Option(help="Address of the board.")]
Which = Annotated[str, typer.Argument(help="RULE:SUBJECT as `list` shows it, for example bin_full:b-017.")]


@app.command("list")
def list_alarms(url: Url = BOARD) -> None:
    """Show what is wrong now, the most urgent first. Ends with 2 when something is."""
    with spoken(BoardError):
        active = get(url, "/api/alarms")["active"]
    if not active:
        typer.echo("No active alarms.")
        return
    _table(active, "since", "raised_ms")
    raise typer.Exit(2)


@app.command()
def history(url: Url = BOARD) -> None:
    """Show the last alarms that are over, the newest first."""
    with spoken(BoardError):
        over = get(url, "/api/alarms/history")["over"]
    if over:
        _table(over, "over", "cleared_ms")
    else:
        typer.echo("There were no alarms.")


@app.command()
def ack(alarm: Which, url: Url = BOARD) -> None:
    """Say that you care for an alarm: no more reminders, no escalation."""
    with spoken(BoardError):
        send(url, "/api/alarms/ack", {"id": alarm})
    typer.echo(f"{alarm} is acknowledged.")


@app.command()
def snooze(
    alarm: Which,
    duration: Annotated[str, typer.Option("--for", help="How long: 90s, 30m, 2h.")] = "1h",
    why: Annotated[str, typer.Option(help="Goes on record.")] = "",
    url: Url = BOARD,
) -> None:
    """Hear nothing of an alarm for a while. * is anything: `*:x1` while somebody works on x1."""
    rule, subject = _parts(alarm)
    with spoken(BoardError, OrderError):
        seconds = seconds_of(duration)
        send(url, "/api/alarms/snooze", {"rule": rule, "subject": subject, "seconds": seconds, "why": why})
    typer.echo(f"Nobody is told of {alarm} for {duration}.")


@app.command()
def resume(alarm: Which, url: Url = BOARD) -> None:
    """End a snooze."""
    rule, subject = _parts(alarm)
    with spoken(BoardError):
        send(url, "/api/alarms/snooze", {"rule": rule, "subject": subject, "seconds": 0})
    typer.echo(f"{alarm} is told again.")


@app.command("test")
def try_notices(url: Url = BOARD) -> None:
    """Send a notice to everybody who is told of alarms. Ends with 1 when an address took none."""
    with spoken(BoardError):
        took: dict[str, bool] = send(url, "/api/alarms/test")["took"]
    if not took:
        typer.echo(
            "Nobody is told of alarms: the city file has no [[notify]], or its addresses are not there."
        )
    for name, good in took.items():
        typer.echo(f"{name}: {'taken' if good else 'NOT taken; the log of the city tells more'}")
    if not took or not all(took.values()):
        raise typer.Exit(1)


@app.command()
def rules(
    rule: Annotated[str, typer.Argument(help="Show this one in full, with its runbook.")] = "",
) -> None:
    """Show what is watched, with the bounds that count unless the city file says otherwise."""
    from rich.console import Console
    from rich.table import Table

    from gateway.alarms.rule import rules as there
    from gateway.alarms.runbook import runbook
    from gateway.config.words import no_such

    found = there()
    if rule:
        if rule not in found:
            typer.echo(f"arterial: {no_such('rule', rule, found)}", err=True)
            raise typer.Exit(1)
        typer.echo(runbook(found[rule]))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("rule", "priority", "raised at", "after", "over at", "after", "what"):
        table.add_column(column)
    for one in found.values():
        bounds = (f"{one.raise_at:g} {one.unit}", f"{one.raise_after_s:g} s", f"{one.clear_at:g}")
        table.add_row(one.name, str(one.priority), *bounds, f"{one.clear_after_s:g} s", one.title)
    Console().print(table)


def _parts(alarm: str) -> tuple[str, str]:
    """Rule and subject; subjects may hold colons themselves."""
    rule, colon, subject = alarm.partition(":")
    if not (rule and colon and subject):
        typer.echo(f"arterial: '{alarm}' is no RULE:SUBJECT, for example bin_full:b-017", err=True)
        raise typer.Exit(1)
    return rule, subject


def _table(alarms: list[dict[str, Any]], when: str, field: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("", when, "alarm", "state"):
        table.add_column(column, no_wrap=True)
    table.add_column("what", overflow="fold")
    for one in alarms:
        at = datetime.fromtimestamp(one[field] / 1000, UTC).strftime("%m-%d %H:%M:%S")
        name = f"{one['rule']}:{one['subject']}"
        table.add_row(str(one["priority"]), at, Text(name), Text(_state(one)), Text(one["text"]))
    Console().print(table)


def _state(one: dict[str, Any]) -> str:
    words = []
    if one["acknowledged_by"]:
        words.append("acknowledged")
    if one["suspended_until_ms"]:
        words.append("snoozed")
    if one["cause"]:
        words.append("part of another")
    if one["escalated"] and not words:
        words.append("unanswered")
    return ", ".join(words) or ("over" if one["cleared_ms"] else "new")
