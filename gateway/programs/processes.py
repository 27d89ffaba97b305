"""How does arterial run another program so that it never outlives us?"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A running program: in its own process group, told when we die, its output in a log file.

    The terminal's Ctrl-C therefore reaches only us, and we decide in which order things stop. On Linux the
    kernel sends it SIGTERM when we die, even by SIGKILL; everywhere its standard input ends then.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Child:
        """Start `command`, appending its output to `log`. Raises OSError when it cannot be started.

        Call it from the main thread: Linux takes the end of the calling thread for the death of the parent.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = await _spawn([str(part) for part in command], output, env, cwd)
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        return self._process.returncode

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait until it ends; returns its code, negative for a signal."""
        return await self._process.wait()

    async def stop(self, patience_s: float = 5.0) -> int:
        """Ask it to end, wait, and kill its whole group when it has not; returns its code."""
        if self.running:
            self._signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(patience_s):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
        code = await self._process.wait()
        self._close_input()
        return code

    def kill(self) -> None:
        """End it and everything it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def tail(self, lines: int = 5) -> str:
        """The last lines of its log, for a message that says why it ended."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 4096))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def _close_input(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


async def _spawn(
    command: list[str], output: IO[bytes], env: Mapping[str, str] | None, cwd: Path | None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=output,
        stderr=output,
        env={**os.environ, **env} if env else None,
        cwd=cwd,
        process_group=0,
        preexec_fn=_die_with(os.getpid()),
    )


def _die_with(parent: int) -> Callable[[], None] | None:
    """What the child does before it becomes the program: ask the kernel for SIGTERM when `parent` dies."""
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask
