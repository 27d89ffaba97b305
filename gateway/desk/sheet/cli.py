"""What can a person type after `arterial plan`?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from signal_control.model import Intersection

app = typer.Typer(
    help="Timing sheets: as they are, as they were, and back to an earlier one.", no_args_is_help=True
)

Var = Annotated[Path, typer.Option(help="Folder for everything arterial keeps.", file_okay=False)]
Config = Annotated[Path, typer.Option(help="The city file that runs.", dir_okay=False)]
Where = Annotated[str, typer.Argument(help="Id of the intersection.")]
DEFAULT_VAR = Path("var")


@app.command()
def versions(intersection: Where, config: Config, var: Var = DEFAULT_VAR) -> None:
    """Every sheet the intersection had, since when, and how many values differ from the city file."""
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.table import Table

    from gateway.config.settings import SettingsError
    from gateway.desk.sheet.past import past
    from gateway.desk.workbench import DeskError

    with spoken(DeskError, SettingsError, OSError):
        table = Table("version", "in force since (UTC)", "values that differ")
        for p in past(var / "audit", _intersection(config, intersection)):
            since = datetime.fromtimestamp(p.begun_ms / 1000, UTC)
            table.add_row(p.id, f"{since:%Y-%m-%d %H:%M:%S}", str(p.differs) if p.differs else "none")
        Console().print(table if table.row_count else "no sheet of this intersection is on record")


@app.command()
def show(intersection: Where, config: Config, version: str = "", var: Var = DEFAULT_VAR) -> None:
    """Every value of the sheet, by its place; of an earlier version with --version."""
    from gateway.audit.versions import flat
    from gateway.config.settings import SettingsError
    from gateway.desk.sheet.past import sheet_of
    from gateway.desk.sheet.places import plain
    from gateway.desk.workbench import DeskError

    with spoken(DeskError, SettingsError, OSError):
        x = _intersection(config, intersection)
        for place, value in flat(sheet_of(var / "audit", x.id, version) if version else plain(x)):
            typer.echo(f"{place} = {value}")


@app.command()
def diff(
    intersection: Where,
    version: Annotated[str, typer.Argument(help="As `versions` shows it; its beginning will do.")],
    config: Config,
    var: Var = DEFAULT_VAR,
) -> None:
    """What differs between an earlier version and the city file."""
    from gateway.audit.versions import differences
    from gateway.config.settings import SettingsError
    from gateway.desk.sheet.past import sheet_of
    from gateway.desk.sheet.places import plain
    from gateway.desk.workbench import DeskError

    with spoken(DeskError, SettingsError, OSError):
        x = _intersection(config, intersection)
        found = differences(sheet_of(var / "audit", x.id, version), plain(x))
        for change in found:
            typer.echo(f"{change.where}: {change.before} -> {change.after}")
        if not found:
            typer.echo("nothing differs")


@app.command()
def rollback(
    intersection: Where,
    version: Annotated[str, typer.Argument(help="As `versions` shows it; its beginning will do.")],
    config: Config,
    var: Var = DEFAULT_VAR,
    out: Annotated[Path | None, typer.Option(help="Where to; else `candidates/` in --var.")] = None,
) -> None:
    """Write a candidate city file with an earlier sheet and show its diff. It is not put into force."""
    from gateway.config.settings import SettingsError, load
    from gateway.desk.sheet.candidate import write
    from gateway.desk.sheet.past import draft, wanted_by
    from gateway.desk.workbench import DeskError

    with spoken(DeskError, SettingsError, OSError):
        x = _intersection(config, intersection)
        found = draft(load(config), config, x, wanted_by(x, var / "audit", {}, version))
        typer.echo(found.diff)
        if out is None:
            out = write(found.text, var, config.stem)
        else:
            out.write_text(found.text, encoding="utf-8")
        typer.echo(
            f"{len(found.changes)} changes written to {out}; check it, put it in the place of {config}"
        )
        typer.echo("and start arterial again: the change goes on record then.")


def _intersection(config: Path, name: str) -> Intersection:
    from gateway.config.settings import load
    from gateway.config.words import no_such
    from gateway.desk.workbench import DeskError

    there = {x.id: x for x in load(config).intersections}
    if name not in there:
        raise DeskError(no_such("intersection", name, there))
    return there[name]
