"""What can an operator type?"""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from gateway.board_client import BOARD, BoardError, send
from gateway.spoken import spoken

app = typer.Typer(help="Orders to a running city; every one expires and is on record.", no_args_is_help=True)

Intersection = Annotated[str, typer.Argument(help="Its id in the city file.")]
For = Annotated[str, typer.Option("--for", help="How long: 90s, 30m, 2h (at most 24h).")]
Url = Annotated[str, typer.Option(help="Address of the board.")]
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smh])")
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


class OrderError(Exception):
    """The order was not taken; the text says why."""


@app.command()
def release(intersection: Intersection, duration: For = "30m", url: Url = BOARD) -> None:
    """Leave an intersection to its cabinet's local plan."""
    _give(url, duration, {"intersection": intersection, "kind": "release"}, "runs its local plan")


@app.command()
def hold(
    intersection: Intersection,
    phases: Annotated[str, typer.Argument(help="For example 2,6.")],
    duration: For = "5m",
    url: Url = BOARD,
) -> None:
    """Keep phases green, as far as the safety rules let them: waits and minimums still count."""
    with spoken(OrderError):
        if not re.fullmatch(r"\d+([,+]\d+)*", phases):
            raise OrderError(f"'{phases}' are no phases; for example 2,6")
    serve = [int(p) for p in re.split("[,+]", phases)]
    _give(url, duration, {"intersection": intersection, "kind": "hold", "serve": serve}, f"holds {phases}")


@app.command()
def mode(
    intersection: Intersection,
    mode: Annotated[str, typer.Argument(help="off, shadow, advisory or adaptive.")],
    duration: For = "2h",
    url: Url = BOARD,
) -> None:
    """Run an intersection in another mode for a while."""
    from signal_control.operation.modes import MODES

    with spoken(OrderError):
        if mode not in MODES:
            raise OrderError(f"no mode '{mode}'; there are: {', '.join(MODES)}")
    _give(url, duration, {"intersection": intersection, "kind": "mode", "mode": mode}, f"is in mode {mode}")


@app.command()
def resume(intersection: Intersection, url: Url = BOARD) -> None:
    """End the order in force: settings and schedule count again."""
    _give(url, "0s", {"intersection": intersection, "kind": "mode"}, "runs as the city file says")


def _give(url: str, duration: str, wish: dict[str, Any], done: str) -> None:
    with spoken(OrderError, BoardError):
        wish["seconds"] = seconds_of(duration)
        send(url, "/api/operate", wish)
    typer.echo(f"{wish['intersection']} {done}{f' for {duration}' if wish['seconds'] else ''}.")


def seconds_of(text: str) -> float:
    """90s, 30m, 2h in seconds. Raises OrderError."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise OrderError(f"'{text}' is no length of time; for example 90s, 30m, 2h")
    return float(found[1]) * _UNITS_S[found[2]]
