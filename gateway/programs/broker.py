"""Where does the MQTT broker come from when the city brings none?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from pathlib import Path
from typing import Final, Self

from gateway.programs.broker_programs import BrokerKind, BrokerMissing, find, free_port, greets, write_config
from gateway.programs.processes import Child

__all__ = ["Broker", "BrokerFailed", "BrokerKind", "BrokerMissing"]

log = logging.getLogger(__name__)

START_PATIENCE_S: Final = 20.0
_FIRST_RETRY_S: Final = 0.2
_LAST_RETRY_S: Final = 30.0
_HEALTHY_AFTER_S: Final = 10.0


class BrokerFailed(Exception):
    """The broker did not come up; the text ends with its last words."""


class Broker:
    """An MQTT broker of our own on 127.0.0.1: started, watched, restarted when it dies, stopped.

    `directory` receives its configuration and everything it remembers, so a later run finds its sessions
    again. Port 0 means a free one; it stays the same over restarts. Raises BrokerMissing.
    """

    def __init__(self, directory: Path, *, kind: BrokerKind | None = None, port: int = 0) -> None:
        self.kind, self._program = find(kind)
        self.port = port or free_port()
        self.restarts = 0
        self._directory = directory.resolve()
        self._client_port = free_port()
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its process id; None while it is not running."""
        return self._child.pid if self._child and self._child.running else None

    async def start(self) -> None:
        """Return once the broker accepts a client. Raises BrokerFailed, with what it logged last."""
        await self._launch()
        self._keeper = asyncio.create_task(self._keep(), name="broker")

    async def stop(self) -> None:
        """End it, cleanly if it obeys; it is not restarted."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._child is not None:
            await self._child.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _launch(self) -> None:
        config = write_config(self.kind, self._directory, self.port, self._client_port)
        self._child = await Child.start(
            self.kind, [self._program, "-c", config], log=self._directory.parent / "log" / "broker.log"
        )
        try:
            async with asyncio.timeout(START_PATIENCE_S):
                while not await greets("127.0.0.1", self.port):
                    if not self._child.running:
                        break
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self._child.stop()
        if not self._child.running:
            raise BrokerFailed(f"{self.kind} on port {self.port} did not start:\n{self._child.tail()}")

    async def _keep(self) -> None:
        """Restart it whenever it ends by itself."""
        loop, pause_s = asyncio.get_running_loop(), _FIRST_RETRY_S
        while self._child is not None:
            began_s = loop.time()
            code = await self._child.wait()
            if loop.time() - began_s > _HEALTHY_AFTER_S:
                pause_s = _FIRST_RETRY_S
            log.warning("broker %s ended by itself (code %d); starting it again", self.kind, code)
            pause_s = await self._revive(pause_s)

    async def _revive(self, pause_s: float) -> float:
        while True:
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, _LAST_RETRY_S)
            try:
                await self._launch()
            except BrokerFailed as error:
                log.warning("%s", error)
                continue
            self.restarts += 1
            return pause_s
