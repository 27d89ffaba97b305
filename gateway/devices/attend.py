"""How does a change of the registry take effect in a city that runs?"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NoReturn

from collectors.registry import Registered
from gateway.devices.register import Change, Registry, Row
from gateway.intake.ingest import Ingest
from storage.refused import Refused

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
TOLD: Final = "registry.told"
"""The file that says up to which change the audit trail has been told, beside the spool."""

Hear = Callable[[Change], None]


class Attendance:
    """Watches the registry: ingest knows its devices, and what waited for approval goes its way.

    `hear` is told every change, also those made while the city did not run.
    """

    def __init__(self, registry: Registry, refused: Refused, ingest: Ingest) -> None:
        self.registry, self.refused, self.ingest = registry, refused, ingest
        self.hear: Hear | None = None
        self._seen = -1
        self._looking = asyncio.Lock()

    async def run(self, look_s: float = LOOK_S) -> NoReturn:
        """Look for changes until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(look_s)

    async def look(self) -> None:
        """Let the changes since the last look take effect."""
        async with self._looking:
            last = await asyncio.to_thread(self.registry.last)
            if last == self._seen:
                return
            rows = await asyncio.to_thread(self.registry.every)
            self.ingest.register(registered(rows))
            self._seen = last
            await asyncio.to_thread(self._release, rows)
            if self.hear is not None:
                for change in await asyncio.to_thread(self._untold):
                    self.hear(change)
                    last = change.number
                await asyncio.to_thread(self._told_path.write_text, str(last), "ascii")

    def begin(self) -> None:
        """Know the devices before the first message comes."""
        self.ingest.register(registered(self.registry.every()))

    @property
    def _told_path(self) -> Path:
        return self.refused.path.with_name(TOLD)

    def _release(self, rows: Iterable[Row]) -> None:
        """Hand over what waits of devices that are approved now."""
        approved = {(row.entry.site, row.entry.id): row.entry.kind for row in rows if row.state == "approved"}
        for subject in self.refused.subjects():
            site, kind, device = subject.name.split("/")
            if approved.get((site, device), "?") in ("", kind):
                count = self.refused.release(subject.name, time.time_ns())
                log.info("%s is approved: %d messages that waited are read now", subject.name, count)

    def _untold(self) -> list[Change]:
        try:
            after = int(self._told_path.read_text("ascii"))
        except (OSError, ValueError):
            after = 0
        found: list[Change] = []
        while changes := self.registry.changes(found[-1].number if found else after):
            found += changes
        return found


def registered(rows: Iterable[Row]) -> Mapping[tuple[str, str], Registered]:
    """What reading needs to know of every device. One that this version cannot read is left out, and said."""
    found: dict[tuple[str, str], Registered] = {}
    for row in rows:
        try:
            found[row.entry.site, row.entry.id] = row.entry.registered(row.state == "retired")
        except ValueError as fault:
            log.warning("device %s at %s is not registered: %s", row.entry.id, row.entry.site, fault)
    return found
