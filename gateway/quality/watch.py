"""Who looks now and then for devices that are silent?"""

from __future__ import annotations

import asyncio
from typing import Final, NoReturn

from gateway.clock import Clock
from gateway.intake.ingest import Ingest
from gateway.links.link import Link

EVERY_S: Final = 10.0
DEVICES_PER_S: Final = 1_000
"""So many devices ask for another second between two looks."""


async def watch(ingest: Ingest, clock: Clock, site: str, link: Link) -> NoReturn:
    """Look until cancelled; what is found goes to the stores as readings of kind `health`."""
    while True:
        await asyncio.sleep(EVERY_S + len(ingest.facts) / DEVICES_PER_S)
        now_ns = clock.now_ns()
        if not now_ns:
            continue
        facts = list(ingest.facts.every())
        fault = "" if link.connected else link.fault or "there is no connection to the broker"
        ingest.offer(await asyncio.to_thread(ingest.quality.look, facts, now_ns, fault, site))
