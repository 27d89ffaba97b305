"""How does one controller stay watched as long as the city runs, through every loss of connection?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from gateway.cabinet import Examined, Outside, Reply
from gateway.ntcip.desk import Desk
from gateway.ntcip.probe import Capabilities, probe
from gateway.ntcip.split_steering import SplitSteering
from gateway.ntcip.steering import Steering
from gateway.snmp.message import Security
from gateway.snmp.session import NoAnswer, Session, SnmpError
from signal_control.model import Intersection
from signal_control.status import Command

log = logging.getLogger(__name__)

SHORTEST_S: Final = 0.02
"""A street that runs faster than the clock on the wall is not asked more often than this."""
PATIENCE: Final = 2
"""Questions in a row without an answer (3 s each) after which the controller counts as gone."""
FIRST_PAUSE_S, LAST_PAUSE_S = 0.5, 10.0
HAND_BACK_S: Final = 0.5
"""How long the end of the program waits for a controller to take its freedom."""
REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """Where a controller listens and how it wants to be asked."""

    host: str
    port: int
    security: Security
    period_s: float
    backup_s: int
    reservice: bool = True
    pattern: int | None = None
    """Lead by the splits of this pattern instead of by phases."""


class Keeper:
    """One controller. `run` watches it; `send` has it serve phases."""

    def __init__(self, intersection: Intersection, address: Address, outside: Outside) -> None:
        self._intersection, self._address, self._outside = intersection, address, outside
        self._steering: Steering | SplitSteering
        if address.pattern is None:
            self._steering = Steering(intersection, address.backup_s, address.reservice)
        else:
            self._steering = SplitSteering(intersection, address.backup_s, address.pattern)
        self._desk: Desk | None = None
        self._fault = "not connected yet"
        self.capabilities: Capabilities | None = None
        """What the controller can do, once it has been asked."""
        self.durations_s: deque[float] = deque(maxlen=REMEMBERED)
        """How long the last readings of the status groups took."""

    @property
    def trouble(self) -> str:
        """Why the controller is not connected, or not commanded; empty when all is well."""
        return self._fault if self._desk is None else self._desk.blocked

    def send(self, command: Command) -> None:
        """Have the controller serve these phases, or say at once why not."""
        if self._desk is not None:
            self._desk.send(command)
            return
        t_ms = self._outside.clock.now_ns() // 1_000_000
        self._outside.reply(self._intersection.id, Reply(t_ms, command.id, False, self._fault))

    async def examine(self) -> Examined:
        """What the controller can do, and what it lacks; nothing is written to it."""
        try:
            session = await Session.connect(self._address.host, self._address.port, self._address.security)
        except OSError as error:
            return Examined((), (f"not reached: {error}",))
        try:
            found = await self._probed(session)
        except SnmpError as error:
            return Examined((), (f"not reached: {error}",))
        finally:
            session.close()
        return Examined(found.report, found.obstacles)

    async def run(self) -> None:
        """Watch and steer until cancelled, and connect again whenever the controller goes away."""
        while not self._outside.clock.now_ns():  # noqa: ASYNC110 - a followed clock has no event
            await asyncio.sleep(SHORTEST_S)
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with self._connected() as desk:
                    pause_s = FIRST_PAUSE_S
                    await self._keep(desk)
            except (SnmpError, OSError) as error:
                if self._fault != str(error):
                    self._fault = str(error)
                    log.warning("%s is not connected: %s", self._intersection.id, error)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LAST_PAUSE_S)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Desk]:
        """The controller as long as the block runs; handed back at its end, if it still listens."""
        address = self._address
        session = await Session.connect(address.host, address.port, address.security)
        try:
            self.capabilities = found = await self._probed(session)
            self._tell(found)
            self._desk = Desk(session, found, self._intersection, self._steering, self._outside)
            self._fault = ""
            yield self._desk
        finally:
            connected, self._desk = self._desk is not None, None
            try:
                if connected and self._steering.holds:
                    async with asyncio.timeout(HAND_BACK_S):
                        await self._steering.release()
            except (TimeoutError, SnmpError):
                pass  # the controller's own backup timer does it
            finally:
                session.close()

    async def _probed(self, session: Session) -> Capabilities:
        now_ns = self._outside.clock.now_ns()
        by_splits = self._address.pattern is not None
        return await probe(session, self._intersection, by_splits, now_ns)

    def _tell(self, found: Capabilities) -> None:
        where = f"{self._address.host}:{self._address.port}"
        log.info("%s at %s: %s", self._intersection.id, where, "; ".join(found.report))
        for text in found.obstacles:
            log.warning("%s is not commanded: %s", self._intersection.id, text)

    async def _keep(self, desk: Desk) -> None:
        """One turn after the other, at an even pace; a command is not kept waiting for the next turn."""
        loop, unanswered = asyncio.get_running_loop(), 0
        due_s = loop.time() + random.random() * self._address.period_s  # not all controllers at once
        while True:
            try:
                await desk.turn()
                unanswered = 0
                self.durations_s.append(desk.took_s)
                period_s = max(SHORTEST_S, self._address.period_s / self._outside.clock.speed)
                due_s = max(due_s + period_s, loop.time())
                await self._until(due_s, desk)
            except NoAnswer as error:
                unanswered += 1
                log.info("%s: %s", self._intersection.id, error)
                if unanswered >= PATIENCE:
                    raise

    async def _until(self, due_s: float, desk: Desk) -> None:
        loop = asyncio.get_running_loop()
        while (left_s := due_s - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await desk.news.wait()
            if desk.news.is_set():
                await desk.steer()
