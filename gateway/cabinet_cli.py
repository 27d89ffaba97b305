"""What can the cabinets of a city do, before anybody commands them?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.spoken import spoken


def check_cabinets(
    file: Annotated[Path, typer.Argument(help="A city file (TOML).")],
    intersection: Annotated[list[str] | None, typer.Argument(help="These only; otherwise all.")] = None,
) -> None:
    """Ask every cabinet once what it can do, and say what it lacks. Changes nothing.

    Ends with 1 when one of them would not be commanded.
    """
    from rich.console import Console
    from rich.text import Text

    from gateway.cabinet_examination import examine
    from gateway.config.settings import SettingsError

    with spoken(SettingsError, ValueError):
        found = asyncio.run(examine(file, intersection or ()))
    console = Console()
    for name, seen in found.items():
        state = (
            Text("not commanded", style="bold red") if seen.obstacles else Text("sound", style="bold green")
        )
        console.print(Text.assemble((name, "bold"), "  ", state))
        for text in dict.fromkeys((*seen.found, *seen.obstacles)):
            console.print(Text(f"  {text}"), soft_wrap=True)
    if any(seen.obstacles for seen in found.values()):
        raise typer.Exit(1)
