"""How is a measure computed beside the city, so that control never waits for a chart?

One process of its own, started with the first question, that ends with the city whatever it is at.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, TypeVar

_PR_SET_PDEATHSIG: Final = 1
NICE: Final = 5

T = TypeVar("T")


class Worker:
    """One process that answers one question after the other; a new one after a crash."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[..., T], *words: object) -> T:
        """What `work(*words)` returns or raises, computed in the process.

        Raises BrokenProcessPool when the process dies of it twice.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._started(), work, *words)
        except BrokenProcessPool:
            self.close()
            return await loop.run_in_executor(self._started(), work, *words)

    def close(self) -> None:
        """End the process, without waiting for what it is at."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, spawn, _settle, (os.getpid(),))
        return self._pool


def _settle(parent: int) -> None:
    """Leave Ctrl-C to the city, give way to it, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
