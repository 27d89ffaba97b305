"""What can a person type after `arterial grafana`?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.spoken import spoken

app = typer.Typer(help="Boards and alerts for Grafana.", no_args_is_help=True)


@app.command()
def write(
    folder: Annotated[
        Path, typer.Argument(help="Where to; configs/grafana holds them already.", file_okay=False)
    ],
) -> None:
    """Write data sources, boards, alert rules and contact points as Grafana provisions them."""
    from gateway.grafana.files import write

    with spoken(OSError):
        paths = write(folder)
    typer.echo(f"{len(paths)} files written below {folder}")
