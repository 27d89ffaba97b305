"""Until when does a program of ours run, and who else uses its folder?"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gateway.links.fast_memory import settled

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED: Final = 130


class FolderInUseError(Exception):
    """Another arterial works in this folder."""


def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or the first Ctrl-C, SIGTERM or SIGHUP; a second one ends us at once.

    What `work` raises is raised here; being told to stop is no error.
    """
    with settled():
        asyncio.run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work, name="main")
    told = False

    def stop() -> None:
        nonlocal told
        if told:
            os._exit(_INTERRUPTED)
        told = True
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise


@contextmanager
def only_user(folder: Path) -> Iterator[None]:
    """Hold `folder` for ourselves, making it when missing. Raises FolderInUseError and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "arterial.pid"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            who = file.read().strip() or "unknown"
            raise FolderInUseError(
                f"{folder} is in use by another arterial (pid {who}); choose another with --var"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
