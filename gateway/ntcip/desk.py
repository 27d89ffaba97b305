"""What is done at one connected controller, turn by turn?"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final

from collectors.reading import Reading
from gateway.cabinet import Outside, Reply
from gateway.ntcip.chronicle import Chronicle
from gateway.ntcip.obstacle import flashes, obstacle
from gateway.ntcip.probe import Capabilities
from gateway.ntcip.snapshot import Slow, Snapshot
from gateway.ntcip.split_steering import SplitSteering
from gateway.ntcip.steering import Steering
from gateway.ntcip.watch import Watch
from gateway.snmp.session import Refused, Session
from signal_control.model import Intersection
from signal_control.status import Command

log = logging.getLogger(__name__)

SLOW_NS: Final = 1_000_000_000


class Desk:
    """Reads a controller, writes to it, and tells what it saw and did. Raises NoAnswer and Refused."""

    def __init__(
        self,
        session: Session,
        found: Capabilities,
        intersection: Intersection,
        steering: Steering | SplitSteering,
        outside: Outside,
    ) -> None:
        self._intersection, self._outside, self._steering = intersection, outside, steering
        self._obstacles = "; ".join(found.obstacles)
        self._fast, self._slow = Watch(session, found.fast), Watch(session, found.slow)
        self._chronicle = Chronicle(intersection, outside.site, found.knows_ons)
        self._snapshot, self._slowly = Snapshot(0), Slow()
        self._slow_ns = 0
        self._wanted: Command | None = None
        self._noted = ""
        self.blocked = "not read yet"
        """Why no command is taken; empty while they are."""
        self.took_s = 0.0
        """How long the last reading of the status groups took."""
        self.news = asyncio.Event()
        """Set when a command waits to be written: call `steer`."""
        steering.begin(session, found.phases)

    def send(self, command: Command) -> None:
        """Have the controller serve these phases, or say at once why not."""
        if self.blocked:
            self._answer(command, self.blocked)
        else:
            self._wanted = command
            self.news.set()

    async def turn(self) -> None:
        """Read once, do what is due, and tell."""
        began_s, clock = time.monotonic(), self._outside.clock
        values = await self._fast.read()
        self.took_s = time.monotonic() - began_s
        now_ns = clock.now_ns() - int(self.took_s / 2 * clock.speed * 1e9)
        self._snapshot = snapshot = Snapshot(now_ns, **values)
        readings: list[Reading] = []
        if not 0 <= now_ns - self._slow_ns < SLOW_NS:
            self._slowly, self._slow_ns = Slow(**await self._slow.read()), now_ns
            readings += self._chronicle.take_slow(self._slowly, now_ns)
        self.blocked = self._obstacles or obstacle(snapshot, self._slowly)
        await self.steer()
        order, in_force = self._steering.order, self._steering.in_force
        mode = "flash" if flashes(snapshot) else "remote" if in_force else "local"
        self._offer([*readings, *self._chronicle.take(snapshot, order, mode, in_force)])

    async def steer(self) -> None:
        """Do what there is to do: a new command, a force-off that is due, the controller's freedom."""
        self.news.clear()
        command, self._wanted = self._wanted, None
        now_ns, before = self._outside.clock.now_ns(), self._steering.order
        try:
            fault = await self._steering.steer(command, self._snapshot, self._slowly, self.blocked, now_ns)
        except Refused as refused:
            fault = f"the controller refuses: {refused}"
        if command is not None:
            self._answer(command, fault)
        if fault != self._noted:
            self._noted = fault
            log.warning("%s: %s", self._intersection.id, fault or "commands are taken again")
        if self._steering.order != before:
            self._offer(self._chronicle.ordered(before, self._steering.order, now_ns))

    def _offer(self, readings: Sequence[Reading]) -> None:
        if readings:
            self._outside.offer(readings)

    def _answer(self, command: Command, refusal: str) -> None:
        t_ms = self._outside.clock.now_ns() // 1_000_000
        self._outside.reply(self._intersection.id, Reply(t_ms, command.id, not refusal, refusal))
