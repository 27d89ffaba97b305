"""When is what was staged on disk, and who is told so?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from collectors.reading import Reading
from gateway.intake.stage import Stage, append
from gateway.intake.times import Times
from gateway.links.link import Link
from gateway.quality.quality import Quality
from storage.refused import Refused
from storage.spool import Spool, SpoolFull

log = logging.getLogger(__name__)

GATHER_S: Final = 0.1
GATHER_STEP_S: Final = 0.02
GATHER_FROM: Final = 50
GATHER_MESSAGES: Final = 1_500
"""Where at least GATHER_FROM messages come between two commits, the next one waits for more to share its
fsync: at most GATHER_S, not beyond GATHER_MESSAGES, and not while none come. A broker that hands out only few
at a time (mosquitto's default is 20) is answered at once."""
FULL_PAUSE_S: Final = 1.0


class Commits:
    """What is staged goes to disk, many messages in one transaction, and is acknowledged afterwards.

    `told` hears what was derived from readings and somebody waits for.
    """

    def __init__(
        self, spool: Spool, refused: Refused, times: Times, quality: Quality, told: Callable[[Reading], None]
    ) -> None:
        self._spool, self._refused, self._times, self._quality = spool, refused, times, quality
        self._told = told
        self.staged = Stage()
        """What comes now; another one after each commit has begun."""
        self.open: set[int] = set()
        """Deliveries that wait for their acknowledgement, each as connection << 16 | mid."""
        self.full = ""
        """Why the spool takes nothing at present; empty while it does."""
        self._committing = 0
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something has been staged."""
        self._news.set()

    @property
    def waiting(self) -> int:
        """Readings taken and not yet on disk."""
        return len(self.staged) + self._committing

    async def run(self, link: Link) -> None:
        """Commit and acknowledge until cancelled; what is staged at that moment is committed first."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                acknowledged = await self.commit(link)
                if not acknowledged or acknowledged >= GATHER_FROM:  # nobody waits, or many come
                    await self._gather()
        finally:
            if not self.staged.empty:
                batch, self.staged = self.staged, Stage()
                self._last(batch, link)

    async def _gather(self) -> None:
        """Let more messages come for one commit, as long as they do and those who wait need not wait long."""
        loop, before = asyncio.get_running_loop(), 0
        until_s = loop.time() + GATHER_S
        while loop.time() < until_s:
            await asyncio.sleep(GATHER_STEP_S)
            now = len(self.staged.messages)
            if now >= GATHER_MESSAGES or 0 < now == before:
                return
            before = now

    def _last(self, batch: Stage, link: Link) -> None:
        try:
            self._write(batch)
        except SpoolFull as full:
            log.warning(
                "%d messages are not acknowledged, the broker keeps them: %s", len(batch.messages), full
            )
        else:
            self._acknowledge(batch, link)

    def _acknowledge(self, batch: Stage, link: Link) -> None:
        messages = batch.messages
        self.open.difference_update([message.connection << 16 | message.mid for message in messages])
        link.ack_all(messages)

    async def commit(self, link: Link) -> int:
        """Commit and acknowledge what is staged, whatever it takes; returns how many messages that were."""
        self._times.look()
        batch, self.staged = self.staged, Stage()
        self._committing = len(batch)
        while True:
            try:
                await asyncio.to_thread(self._write, batch)
            except SpoolFull as full:
                if not self.full:
                    log.warning("no acknowledgements until there is room: %s", full)
                self.full = str(full)
                await asyncio.sleep(FULL_PAUSE_S)
            else:
                break
        if self.full:
            log.warning("there is room again, acknowledging")
        self.full = ""
        self._committing = 0
        self._acknowledge(batch, link)
        for reading in batch.worth_telling:
            self._told(reading)
        return len(batch.messages)

    def _write(self, batch: Stage) -> None:
        if batch.refusals:
            self._refused.keep_all(batch.refusals)
            batch.refusals.clear()
        self._quality.judge(batch)
        append(self._spool, batch)
        with contextlib.suppress(SpoolFull):  # then it stays, and is a duplicate when it is sent again
            self._refused.accept((message.topic, message.payload) for message in batch.read)
