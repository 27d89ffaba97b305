"""How does a command say what went wrong: one clear line, no traceback, exit code 1?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer


@contextmanager
def spoken(*foreseen: type[Exception]) -> Iterator[None]:
    """Turn `foreseen` errors, or the first of a group of them, into words and the end of the command."""
    try:
        yield
    except foreseen as error:
        _say(error)
    except BaseExceptionGroup as group:
        if group.split(foreseen)[1] is not None:
            raise
        _say(_first(group))


def _say(error: BaseException) -> NoReturn:
    for line in str(error).splitlines() or [type(error).__name__]:
        typer.echo(f"arterial: {line}", err=True)
    raise typer.Exit(1) from None


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
