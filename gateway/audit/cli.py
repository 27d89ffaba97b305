"""What can a person type after `arterial audit`?"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.entry import Entry
    from gateway.audit.trail import Head

app = typer.Typer(help="Who changed what, why, and what came of it.", no_args_is_help=True)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
Subject = Annotated[str, typer.Option(help="Only this intersection, or `city`.")]
What = Annotated[str, typer.Option(help="Only this, for example command, strategy, config.")]
DEFAULT_VAR = Path("var")


class Format(StrEnum):
    """How entries are written to a file."""

    CSV = "csv"
    JSONL = "jsonl"


@app.command()
def verify(
    var: Var = DEFAULT_VAR,
    head: Annotated[str, typer.Option(help="NUMBER:HASH noted elsewhere that must be in the trail.")] = "",
) -> None:
    """Read the whole trail and tell whether every byte is as it was written. Ends with 1 when not."""
    from gateway.audit.trail import TrailError, verify

    with spoken(TrailError, OSError):
        anchor = _head(head)
        newest, flaw = verify(var / "audit", anchor)
        if flaw is not None:
            raise TrailError(f"{flaw}; entries 1 to {newest.number} are as they were written")
    typer.echo(f"{newest.number} entries, all as they were written; head {newest.number}:{newest.hash}")


@app.command()
def show(
    subject: Subject = "",
    what: What = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")] = 20,
    var: Var = DEFAULT_VAR,
) -> None:
    """The newest entries, each with its reason."""
    from collections import deque

    from rich.console import Console
    from rich.table import Table

    from gateway.audit.trail import TrailError

    with spoken(TrailError, OSError):
        newest = deque(_wanted(var, subject, what), limit)
    table = Table(title="Audit trail, UTC", title_justify="left")
    for name in ("No.", "When", "Who", "What", "Subject", "Before", "After", "Why"):
        table.add_column(name, justify="right" if name == "No." else "left", overflow="fold")
    for entry in newest:
        fact = entry.fact
        sides = (_short(fact.before), _short(fact.after))
        table.add_row(
            str(entry.number), _when(fact.at_ns), fact.who, fact.what, fact.subject, *sides, fact.why
        )
    Console().print(table)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write.", dir_okay=False)],
    format: Annotated[Format, typer.Option(help="csv for people, jsonl with everything.")] = Format.CSV,
    subject: Subject = "",
    what: What = "",
    var: Var = DEFAULT_VAR,
) -> None:
    """Write entries to a file."""
    from gateway.audit.trail import TrailError, files

    with spoken(TrailError, OSError):
        files(var / "audit")
        n = _export(file, format, _wanted(var, subject, what))
    typer.echo(f"{n} entries written to {file}")


def _export(file: Path, format: Format, found: Iterator[Entry]) -> int:
    import csv

    written = 0
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        if format is Format.CSV:
            rows.writerow(
                ("number", "time", "who", "what", "subject", "before", "after", "why", "binding", "hash")
            )
        for entry in found:
            f, written = entry.fact, written + 1
            if format is Format.JSONL:
                out.write(entry.line().decode())
            else:
                words = (f.who, f.what, f.subject, _text(f.before), _text(f.after), f.why, f.binding)
                rows.writerow((entry.number, _when(f.at_ns), *words, entry.hash))
    return written


def _wanted(var: Path, subject: str, what: str) -> Iterator[Entry]:
    from gateway.audit.trail import entries

    for entry in entries(var / "audit"):
        if subject in ("", entry.fact.subject) and what in ("", entry.fact.what):
            yield entry


def _head(text: str) -> Head | None:
    from gateway.audit.trail import Head, TrailError

    if not text:
        return None
    number, colon, digest = text.partition(":")
    if not (colon and number.isdigit() and len(digest) == 64):
        raise TrailError(f"--head {text!r}: NUMBER:HASH with 64 hexadecimal digits, as `verify` prints it")
    return Head(int(number), digest.lower())


def _when(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}"


def _text(value: object) -> str:
    import msgspec

    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


def _short(value: object) -> str:
    text = _text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
