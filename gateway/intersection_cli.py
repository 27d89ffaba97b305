"""What can a person type after `arterial intersection`, and how do evaluations reach the simulators?

Both run `python -m simulators` as a child: the city's programs never import what simulates a street.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import typer

PASSED_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Every option goes to the child, which knows them and says what is wrong with one."""

app = typer.Typer(help="Intersections: out of a SUMO network into a city file.", no_args_is_help=True)


@app.command("import", context_settings=PASSED_ON, add_help_option=False)
def import_(context: typer.Context) -> None:
    """Read signals of a SUMO network (NET.net.xml) and write them as TOML, for a person to check."""
    raise typer.Exit(simulators("import", context.args))


def evaluate(context: typer.Context) -> None:
    """Compare strategies on a SUMO configuration: delay, stops, waits, safety, queue estimates."""
    raise typer.Exit(simulators("evaluate", context.args))


def tune(context: typer.Context) -> None:
    """Search the few parameters that matter; writes a candidate and its diff, never applies it."""
    raise typer.Exit(simulators("tune", context.args))


def simulators(role: str, arguments: Sequence[str]) -> int:
    """Run one command of the simulators to its end on this terminal; returns its exit code."""
    told = {**os.environ, "ARTERIAL_PROG": "arterial intersection" if role == "import" else "arterial"}
    return subprocess.call([sys.executable, "-m", "simulators", role, *arguments], env=told)
