"""How does an evaluation run the production wiring without a broker, step by step and as fast as it goes?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from gateway.app import App, running
from gateway.clock import SystemClock
from gateway.config.settings import Settings, load
from gateway.links.link import Message
from gateway.links.memory_link import MemoryLink

OBEY: Final = 3
"""Turns of the event loop in which queued commands leave through the memory link."""


class SteppedClock(SystemClock):
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        self.set_ns = 0

    def now_ns(self) -> int:
        """The time last set, nanoseconds since the epoch."""
        return self.set_ns


class Driven:
    """A city whose messages and ticks are handed in by the caller."""

    def __init__(self, app: App, clock: SteppedClock) -> None:
        self._app, self._clock = app, clock

    def receive(self, topic: str, payload: bytes, qos: int = 0) -> None:
        """A message has arrived."""
        self._app.receive(Message(topic, payload, qos, received_ns=self._clock.now_ns()))

    async def tick(self, now_ns: int) -> None:
        """It is `now_ns`: decide, and let the commands go out before returning."""
        self._clock.set_ns = now_ns
        self._app.tick(now_ns)
        for _ in range(OBEY):
            await asyncio.sleep(0)

    def live(self) -> dict[str, Any]:
        """What the board would show now."""
        return self._app.live()


@asynccontextmanager
async def driven(
    config: Path, var: Path, strategy: str | None, obey: Callable[[str, bytes], None]
) -> AsyncIterator[Driven]:
    """The city of `config` under `strategy`, its commands handed to `obey`; None: nobody commands anything.

    Raises SettingsError for a bad file and KeyError for a strategy that does not exist.
    """
    clock = SteppedClock()
    link = MemoryLink(topics=(), listener=obey)
    async with running(_under(load(config), strategy), link, var, clock=clock, drive=False) as app:
        yield Driven(app, clock)


def _under(settings: Settings, strategy: str | None) -> Settings:
    chosen = {"enabled": strategy is not None, "strategy": strategy or "fixed_time", "strategies": {}}
    return settings.model_copy(update={"control": settings.control.model_copy(update=chosen)})
