"""How do several ingest processes share one city's messages, and who looks after them?"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.config.settings import Settings, load
from gateway.intake.sharing import check_broker, check_settings
from gateway.intake.workers_metrics import CrewCollector, answering, books_of_each
from gateway.production import at_broker
from gateway.programs.logfile import log_to
from gateway.programs.processes import Child
from storage.books import Account, Books

log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 30.0
HEALTHY_AFTER_S: Final = 10.0
GOODBYE_S: Final = 20.0
"""A worker commits, gives its stores some seconds and leaves the broker; then it is killed."""
TELL_S: Final = 10.0


class Worker:
    """One process on its own folder, started again whenever it ends by itself.

    It comes back under the same name at the broker, for what the broker holds for a dead member of a group it
    gives to nobody else.
    """

    def __init__(self, config: Path, folder: Path, number: int, env: Mapping[str, str]) -> None:
        words = [
            sys.executable,
            "-m",
            "gateway.intake.worker",
            str(config.absolute()),
            str(folder),
            str(number),
        ]
        self.number, self._command, self._env = number, words, env
        self._log = folder / "worker.log"
        self._child: Child | None = None

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._child is not None and self._child.running

    async def keep(self) -> None:
        """Keep it running until cancelled, then let it end cleanly."""
        loop, pause_s = asyncio.get_running_loop(), FIRST_RETRY_S
        while True:
            began_s = loop.time()
            child = await Child.start(f"worker {self.number}", self._command, log=self._log, env=self._env)
            self._child = child
            try:
                code = await child.wait()
            finally:
                await child.stop(GOODBYE_S)
            if loop.time() - began_s > HEALTHY_AFTER_S:
                pause_s = FIRST_RETRY_S
            log.warning(
                "worker %d ended by itself (code %d), starting it again: %s", self.number, code, child.tail(1)
            )
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, LAST_RETRY_S)


async def run(config: Path, var: Path, workers: int) -> None:
    """Run so many workers until cancelled.

    Raises SettingsError, CannotShareError, BrokerMissing or BrokerFailed.
    """
    settings = load(config)
    check_settings(settings)
    log_to(var / "log", shown=logging.INFO)
    async with at_broker(settings, var) as (found, _):
        await check_broker(found.broker, f"{settings.client_id}-probe")
        numbers = wanted(var, workers)
        env = {} if found is settings else _embedded(found)
        crew = [Worker(config, folder(var, n), n, env) for n in numbers]
        collector = CrewCollector(
            var, settings.destinations[0].label, lambda: {f"worker-{w.number}": w.running for w in crew}
        )
        try:
            with answering(collector, settings.board.host, settings.board.port):
                async with asyncio.TaskGroup() as group:
                    for worker in crew:
                        group.create_task(worker.keep(), name=f"worker {worker.number}")
                    group.create_task(_tell(settings, var), name="tell")
        finally:
            log.info("%s", in_words(books(settings, var)))


def folder(var: Path, number: int) -> Path:
    """Where worker `number` keeps its spool, its log and its name at the broker."""
    return var / f"worker-{number}"


def wanted(var: Path, workers: int) -> range:
    """The numbers of the workers to start, from 1. Never fewer than there were before.

    A worker that is left out would leave readings in its spool and messages in its session at the broker.
    """
    before = [int(name) for path in var.glob("worker-*") if (name := path.name[7:]).isdigit()]
    most = max([workers, *before])
    if most > workers:
        log.warning("%s holds the spools of %d workers: all of them are started", var, most)
    return range(1, most + 1)


def books(settings: Settings, var: Path) -> Books:
    """The books of all workers together, as the first store sees them; reads their disks."""
    each = books_of_each(var, settings.destinations[0].label).values()
    kinds: dict[str, Account] = {}
    for found in each:
        for kind, account in found.kinds.items():
            kinds[kind] = kinds.get(kind, Account()) + account
    return Books(kinds, sum(found.waiting for found in each))


def in_words(found: Books) -> str:
    """The books in one line."""
    balance = "balanced" if found.balanced else "NOT balanced"
    return ", ".join(f"{name} {n:,}" for name, n in found.totals().items()) + f": {balance}"


async def _tell(settings: Settings, var: Path) -> None:
    """Note the books of all together, when they have changed."""
    said = ""
    while True:
        await asyncio.sleep(TELL_S)
        now = in_words(await asyncio.to_thread(books, settings, var))
        if now != said:
            log.info("%s", now)
        said = now


def _embedded(found: Settings) -> dict[str, str]:
    """What the workers must know of a broker that we have started."""
    return {"ARTERIAL__BROKER__KIND": "mqtt", "ARTERIAL__BROKER__URL": found.broker.url}
