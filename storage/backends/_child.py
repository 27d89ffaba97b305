"""How does one talk to a process of one's own over its stdin and stdout, and notice its death?"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from pathlib import Path
from typing import Final, Self

from storage.duck_requests import HEADER_BYTES
from storage.store import StoreUnavailable

ANSWER_TIMEOUT_S: Final = 120.0
CLOSE_TIMEOUT_S: Final = 15.0
_BUFFER_BYTES: Final = 1 << 20
_ROOT: Final = Path(__file__).resolve().parents[2]


class Child:
    """A running `python -m MODULE` that answers every frame on stdin with one on stdout, in order."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._reading = asyncio.create_task(self._read(), name=f"answers of process {process.pid}")

    @classmethod
    async def start(cls, module: str) -> Self:
        """Start the process: in a session of its own (Ctrl-C is for the parent), at the end of stdin it ends.

        Raises StoreUnavailable when the system cannot start one.
        """
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, str(os.getpid())),
                stdin=PIPE,
                stdout=PIPE,
                limit=_BUFFER_BYTES,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError as error:
            raise StoreUnavailable(f"cannot start the database process: {error}") from error
        return cls(process)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return not self._reading.done()

    async def ask(self, body: bytes) -> bytes:
        """The answer to `body`. Raises StoreUnavailable when the process dies before, or takes too long.

        A cancelled question has been asked all the same: the process may act on it.
        """
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        if not self.alive:
            raise self._death()
        self._waiting.append(answer)
        self._process.stdin.write(len(body).to_bytes(HEADER_BYTES, "big") + body)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await answer
        except TimeoutError as error:
            self._kill()
            raise StoreUnavailable(f"no answer within {ANSWER_TIMEOUT_S:g} s") from error

    async def close(self) -> None:
        """Let the process finish what it was asked, and end it; by force if it takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await asyncio.shield(self._reading)
        except TimeoutError:
            self._kill()
        finally:
            if not self._reading.done():  # this call was cancelled
                self._kill()
            await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                header = await self._process.stdout.readexactly(HEADER_BYTES)
                body = await self._process.stdout.readexactly(int.from_bytes(header, "big"))
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(body)
        except asyncio.IncompleteReadError:
            await self._process.wait()
        finally:
            for answer in self._waiting:
                if not answer.done():
                    answer.set_exception(self._death())
            self._waiting.clear()

    def _death(self) -> StoreUnavailable:
        return StoreUnavailable(f"the database process {self.pid} has ended ({self._process.returncode})")

    def _kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
