"""What can a person type after `arterial refused`?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from storage.refused import Refused, Wanted

app = typer.Typer(help="Payloads that were no readings: look, send again, forget.", no_args_is_help=True)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
Reason = Annotated[str, typer.Option(help="Only this reason, for example unknown_topic.")]
Device = Annotated[str, typer.Option(help="Only topics that have this level, for example w-0042.")]
Topic = Annotated[str, typer.Option(help="Only topics that begin so.")]
Since = Annotated[str, typer.Option(help="Only refused since: 30m, 2h, 7d ago, or 2026-01-31T12:00Z.")]
DEFAULT_VAR = Path("var")


class RefusedError(Exception):
    """The command cannot do that; the text says why."""


@app.command("list")
def list_(
    reason: Reason = "",
    device: Device = "",
    topic: Topic = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")] = 20,
    var: Var = DEFAULT_VAR,
) -> None:
    """What is kept, the newest first, and what became of everything ever refused."""
    from rich.console import Console

    from gateway.refused.text import as_table, ledger_lines

    with _opened(var) as refused:
        entries = refused.newest(_wanted(reason, device, topic, since), limit)
        if entries:
            Console().print(as_table(entries))
        for line in ledger_lines(refused.ledger(), refused.counts(), refused.talkers(5)):
            typer.echo(line)


@app.command()
def show(
    id: Annotated[int, typer.Argument(help="As `list` shows it.")],
    raw: Annotated[bool, typer.Option("--raw", help="The bytes and nothing else.")] = False,
    var: Var = DEFAULT_VAR,
) -> None:
    """Everything that is known of one payload."""
    from gateway.refused.text import show_lines

    with _opened(var) as refused:
        entries, payload = refused.oldest(_wanted(ids=(id,))), refused.payload(id)
        if not entries or payload is None:
            raise RefusedError(f"nothing is kept under id {id}; `arterial refused list` shows what is")
        if raw:
            typer.get_binary_stream("stdout").write(payload)
            return
        for line in show_lines(entries[0], payload):
            typer.echo(line)


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Only these ids.")] = None,
    reason: Reason = "",
    device: Device = "",
    topic: Topic = "",
    since: Since = "",
    config: Annotated[
        Path | None, typer.Option(help="Publish through the broker of this city file.", dir_okay=False)
    ] = None,
    wait: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for an answer.")] = 15.0,
    var: Var = DEFAULT_VAR,
) -> None:
    """Send payloads through the same path once more, after a fix.

    With --config through MQTT, without it handed to the arterial of the folder. What is accepted leaves the
    list, what is refused again stays under its id. Ends with 1 when something stays.
    """
    import asyncio

    from gateway.config.settings import SettingsError, load
    from gateway.refused.replay import hand_over, publish
    from gateway.refused.text import outcome_lines
    from gateway.replay.log_replay import ReplayError

    with _opened(var, ReplayError, SettingsError) as refused:
        wanted = _wanted(reason, device, topic, since, tuple(ids or ()))
        settings = load(config) if config else None
        if settings is None:
            outcome = asyncio.run(hand_over(refused, wanted, wait))
        elif var.resolve().name.startswith("worker-"):
            raise RefusedError("workers share what is published; leave --config out to hand it to this one")
        elif settings.broker.kind == "embedded":
            raise RefusedError(f"{config} brings its broker with it; leave --config out to hand them over")
        else:
            outcome = asyncio.run(publish(refused, wanted, settings, wait))
        for line in outcome_lines(outcome):
            typer.echo(line)
    if not outcome.complete:
        raise typer.Exit(1)


@app.command()
def purge(
    ids: Annotated[list[int] | None, typer.Argument(help="Only these ids.")] = None,
    reason: Reason = "",
    device: Device = "",
    topic: Topic = "",
    since: Since = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    var: Var = DEFAULT_VAR,
) -> None:
    """Forget payloads for ever; the counts stay."""
    from gateway.refused.replay import every

    with _opened(var) as refused:
        wanted = _wanted(reason, device, topic, since, tuple(ids or ()))
        found = sum(1 for _ in every(refused, wanted))
        if found and not yes:
            typer.confirm(f"Forget {found:,} payloads for ever?", abort=True)
        typer.echo(f"{refused.purge(wanted) if found else 0:,} payloads forgotten")


@contextmanager
def _opened(var: Path, *foreseen: type[Exception]) -> Iterator[Refused]:
    """The refused payloads of a folder, whether arterial runs or not."""
    import sqlite3

    from storage.refused import Refused
    from storage.spool import SpoolFull

    with spoken(RefusedError, SpoolFull, sqlite3.Error, OSError, *foreseen):
        path = var / "refused.sqlite"
        if not path.exists():
            workers = ", ".join(sorted(str(p.parent) for p in var.glob(f"worker-*/{path.name}")))
            choices = f"; each worker has its own: {workers}" if workers else ""
            raise RefusedError(f"there is no {path}; name the folder of arterial with --var{choices}")
        refused = Refused(path)
        try:
            yield refused
        finally:
            refused.close()


def _wanted(
    reason: str = "", device: str = "", topic: str = "", since: str = "", ids: tuple[int, ...] = ()
) -> Wanted:
    """Raises RefusedError for a time that is none."""
    from datetime import UTC, datetime

    from gateway.moments import moment_ns
    from storage.refused import Wanted

    try:
        since_ns = moment_ns(since, datetime.now(UTC)) if since else 0
    except ValueError as error:
        raise RefusedError(f"--since: {error}") from error
    return Wanted(reason, device, topic, since_ns, ids)
