"""Who looks now and then for devices that are silent, knowing what the registry says of them?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NoReturn

from gateway.clock import Clock
from gateway.devices.register import Registry
from gateway.intake.ingest import Ingest
from gateway.links.link import Link
from gateway.quality.health import Declared

EVERY_S: Final = 10.0
DEVICES_PER_S: Final = 1_000
"""So many devices ask for another second between two looks."""


async def watch(ingest: Ingest, clock: Clock, site: str, registry: Registry | None, link: Link) -> NoReturn:
    """Look until cancelled; what is found goes to the stores as readings of kind `health`."""
    known: Mapping[tuple[str, str], Declared] = {}
    seen = -1
    while True:
        await asyncio.sleep(EVERY_S + len(ingest.facts) / DEVICES_PER_S)
        now_ns = clock.now_ns()
        if not now_ns:
            continue
        if registry is not None and (last := await asyncio.to_thread(registry.last)) != seen:
            known, seen = await asyncio.to_thread(_declared, registry), last
        facts = list(ingest.facts.every())
        fault = "" if link.connected else link.fault or "there is no connection to the broker"
        ingest.offer(await asyncio.to_thread(ingest.quality.look, facts, now_ns, fault, site, known))


def _declared(registry: Registry) -> dict[tuple[str, str], Declared]:
    return {
        (row.entry.site, row.entry.id): Declared(
            row.entry.kind, row.entry.every_s or 0.0, row.state == "retired", row.since_ns
        )
        for row in registry.every()
    }
