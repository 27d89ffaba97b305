"""When does arterial speak to devices whose format asks for it? Once a second, where something is due."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from collectors.source import Sources
from gateway.clock import Clock
from gateway.links.link import Link, LinkDown

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0


async def ask(sources: Sources, clock: Clock, link: Link) -> None:
    """Send what formats want to be sent (a Sparkplug rebirth, for example) until cancelled.

    What cannot be sent while the broker is away is dropped: the
    format asks again when it still needs an answer.
    """
    while True:
        await asyncio.sleep(EVERY_S)
        for topic, payload in sources.outgoing(clock.now_ns()):
            try:
                await link.publish(topic, payload, qos=0)
                log.info("asked on %s", topic)
            except LinkDown as down:
                log.info("not asked on %s: %s", topic, down)
