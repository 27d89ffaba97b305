"""What can a person type as `arterial top`, and which keys does it know?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.spoken import spoken

if TYPE_CHECKING:
    from rich.console import Console

BOARD = "http://127.0.0.1:8321"


def top(
    url: Annotated[str, typer.Option(help="Address of the board.")] = BOARD,
    every: Annotated[float, typer.Option(min=0.2, max=60, help="Seconds between two looks.")] = 1.0,
    once: Annotated[bool, typer.Option(help="One look, then stop; so it is without a terminal.")] = False,
) -> None:
    """The running city, live: books, lights, queues, alarms, detectors. Keys: q quit, p pause, s sort."""
    from rich.console import Console

    from gateway.board_client import BoardError

    console = Console()
    with spoken(BoardError):
        if once or not console.is_terminal:
            console.print(_look(url, console, "name", False))
            return
        _watch(url, console, every)


def _watch(url: str, console: Console, every: float) -> None:
    """Look again and again until `q`."""
    from rich.live import Live

    from gateway.board_client import BoardError
    from gateway.top.frame import SORTS, frame
    from gateway.top.terminal import key_within, keys_at_once

    sort, paused, fault = SORTS[0], False, ""
    live, broken = _asked(url)
    with keys_at_once() as keyed, Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            size = console.size
            screen.update(frame(live, broken, (size.width, size.height), sort, paused, fault), refresh=True)
            key = key_within(every) if keyed else _pause(every)
            if key in ("q", "Q", "\x03"):
                return
            paused = not paused if key == "p" else paused
            sort = SORTS[(SORTS.index(sort) + 1) % len(SORTS)] if key == "s" else sort
            if paused or key:
                continue
            try:
                (live, broken), fault = _asked(url), ""
            except BoardError as error:
                fault = f"no answer: {str(error).split(';')[0][:60]}"


def _look(url: str, console: Console, sort: str, paused: bool) -> Any:
    from gateway.top.frame import frame

    lines = console.size.height if console.is_terminal else 100
    return frame(*_asked(url), (console.size.width, lines), sort, paused)


def _asked(url: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The board's live data, and the detectors that are not believed."""
    from gateway.board_client import get

    return get(url, "/api/live"), get(url, "/api/desk/broken")["detectors"]


def _pause(seconds: float) -> str:
    import time

    time.sleep(seconds)
    return ""
