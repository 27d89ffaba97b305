"""Does arterial stay with a controller over a bad line, and come back to one that was away?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from collectors.reading import Reading
from gateway.cabinet import Outside, Reply
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from gateway.ntcip.keeper import Address, Keeper
from gateway.snmp.message import Community
from signal_control.status import Command
from simulators.cabinet import Cabinet
from simulators.ntcip_agent import Agent, Quirks
from simulators.ntcip_unit import BACKUP, NtcipUnit
from simulators.ring import HiresEvent
from tests.simulators.conftest import START_MS, build_crossroads

pytestmark = pytest.mark.live

WORD = "between-us"
SPEED = 5.0
PATIENCE_S = 40.0


class FastClock(SystemClock):
    """A street that lives five times as fast as we do."""

    speed = SPEED

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def now_ns(self) -> int:
        return START_MS * 1_000_000 + int((time.monotonic() - self._began_s) * SPEED * 1e9)


class Street:
    """One controller behind a real socket, led by a keeper."""

    def __init__(self, quirks: Quirks) -> None:
        self.node, self.clock, self.quirks = build_crossroads(), FastClock(), quirks
        self.unit = NtcipUnit(Cabinet(self.node, START_MS), START_MS)
        self.agent: Agent
        self.log: list[HiresEvent] = []
        self.seen: list[Reading] = []
        self.replies: list[Reply] = []
        self._issued = 0

    def offer(self, readings: Sequence[Reading]) -> None:
        self.seen += readings

    async def live(self) -> None:
        while True:
            self.log += self.unit.step(self.clock.now_ns() // 1_000_000).events
            await asyncio.sleep(0.1 / SPEED)

    async def until(self, what: str, true: Callable[[], bool], serve: tuple[int, ...] = ()) -> None:
        """Wait, asking for `serve` every three seconds of street time meanwhile."""
        deadline_s, asked_s = time.monotonic() + PATIENCE_S, 0.0
        while not true():
            assert time.monotonic() < deadline_s, what
            if serve and time.monotonic() - asked_s > 3 / SPEED:
                asked_s, self._issued = time.monotonic(), self._issued + 1
                now_ns = self.clock.now_ns()
                self.keeper.send(
                    Command(f"c{self._issued}", "x1", serve, now_ns, now_ns + 10**10, "test", "")
                )
            await asyncio.sleep(0.02)

    @property
    def greens(self) -> tuple[int, ...]:
        return self.unit.cabinet.lights.greens

    @property
    def mode(self) -> str:
        return str([r for r in self.seen if r.kind == "signal"][-1].fields["mode"])

    def whole_clearances(self) -> bool:
        """Whether every yellow and red clearance of the controller's own log has its full length."""
        for phase in range(1, 9):
            steps = [(t, code) for t, code, param in self.log if param == phase and code in (8, 10, 12)]
            for (began, code), (ended, _) in pairwise(steps):
                if code != 12 and ended - began < {8: 3500, 10: 1500}[code]:
                    return False
        return self.unit.cabinet.fault == ""


@asynccontextmanager
async def street(quirks: Quirks | None = None) -> AsyncIterator[Street]:
    found = Street(quirks or Quirks())
    found.agent = await Agent.listen(found.unit, 0, WORD, found.quirks)
    outside = Outside("demo", found.clock, MemoryLink(), found.offer, lambda _, r: found.replies.append(r))
    address = Address("127.0.0.1", found.agent.port, Community(WORD.encode()), 0.1, 10)
    found.keeper = Keeper(found.node, address, outside)
    tasks = [asyncio.create_task(found.live()), asyncio.create_task(found.keeper.run())]
    try:
        await found.until("connection", lambda: not found.keeper.trouble)
        yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        found.agent.close()


BAD_LINES = {
    "lossy": Quirks(loss=0.1),
    "garbled": Quirks(garbage=0.1),
    "slow in clearance": Quirks(slow_s=0.3),
    "small answers": Quirks(largest=7, loss=0.02),
}


@pytest.mark.parametrize("quirks", BAD_LINES.values(), ids=BAD_LINES.keys())
async def test_commands_are_obeyed_over_a_bad_line(quirks: Quirks) -> None:
    async with street(quirks) as found:
        for stage in ((4, 8), (2, 6), (1, 5)):
            await found.until(f"{stage}", lambda stage=stage: found.greens == stage, stage)  # type: ignore[misc]
        assert found.whole_clearances()
        codes = Counter(int(r.fields["code"]) for r in found.seen if r.kind == "hires")
        assert codes[1] >= 4
        assert any(reply.accepted for reply in found.replies)


async def test_a_line_that_is_cut_leaves_the_controller_to_itself_and_is_taken_up_again() -> None:
    async with street() as found:
        await found.until("command", lambda: found.greens == (4, 8) and found.mode == "remote", (4, 8))
        found.agent.silent = True
        cut_ms = found.clock.now_ns() // 1_000_000
        await found.until("backup", lambda: found.unit.status == BACKUP)
        assert found.clock.now_ns() // 1_000_000 - cut_ms < 16_000
        await found.until("no connection", lambda: "no answer" in found.keeper.trouble)
        told = len(found.seen)
        found.keeper.send(Command("c0", "x1", (2, 6), 0, 2**62, "test", ""))
        assert found.replies[-1].reason.startswith("no answer")
        await asyncio.sleep(0.5)
        assert len(found.seen) == told
        found.agent.silent = False
        await found.until("connection", lambda: not found.keeper.trouble)
        await found.until("command", lambda: found.greens == (4, 8) and found.mode == "remote", (4, 8))
        assert found.whole_clearances()


async def test_a_controller_that_is_not_there_yet_is_waited_for() -> None:
    clock = FastClock()
    unit = NtcipUnit(Cabinet(build_crossroads(), START_MS), START_MS)
    agent = await Agent.listen(unit, 0, WORD)
    port = agent.port
    agent.close()
    await asyncio.sleep(0.05)
    outside = Outside("demo", clock, MemoryLink(), lambda _: None, lambda *_: None)
    keeper = Keeper(
        build_crossroads(), Address("127.0.0.1", port, Community(WORD.encode()), 0.1, 10), outside
    )
    task = asyncio.create_task(keeper.run())
    try:
        await asyncio.sleep(0.5)
        assert keeper.trouble
        agent = await Agent.listen(unit, port, WORD)
        deadline_s = time.monotonic() + PATIENCE_S
        while keeper.trouble:
            assert time.monotonic() < deadline_s
            await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        agent.close()
