"""How is arterial set before a simulated NTCIP controller without a network, tenth of a second by tenth?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from collectors.reading import Reading
from gateway.cabinet import Outside, Reply
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from gateway.ntcip.desk import Desk
from gateway.ntcip.probe import Capabilities, probe
from gateway.ntcip.split_steering import SplitSteering
from gateway.ntcip.steering import Steering
from gateway.snmp.message import Community
from gateway.snmp.session import Session
from signal_control.model import Intersection
from signal_control.status import Command
from simulators.cabinet import Cabinet
from simulators.ntcip_agent import Agent, Quirks
from simulators.ntcip_unit import NtcipUnit
from simulators.ring import HiresEvent
from tests.simulators.conftest import START_MS, build_crossroads

MS = 1_000_000
WORD = "between-us"


class SteppedClock(SystemClock):
    """Shows what it is told; how long anything takes on the wall does not count."""

    speed = 0.0

    def __init__(self) -> None:
        self.set_ms = START_MS

    def now_ns(self) -> int:
        return self.set_ms * MS


class Wire(asyncio.DatagramTransport):
    """A line to an agent in the same process; what is lost on it is up to the agent."""

    def __init__(self, agent: Agent, session: Session) -> None:
        super().__init__()
        self._agent, self._session = agent, session
        self.cut = False

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.cut = True

    def sendto(self, data: Any, addr: Any = None) -> None:
        answer = None if self.cut else self._agent.respond(bytes(data))
        if answer is not None:
            asyncio.get_running_loop().call_soon(self._session.datagram_received, answer, ("127.0.0.1", 161))


class Field:
    """One controller, and arterial's desk before it."""

    def __init__(self, node: Intersection, quirks: Quirks | None = None, reservice: bool = True) -> None:
        self.node, self.clock = node, SteppedClock()
        self.unit = NtcipUnit(Cabinet(node, START_MS, actuated=True), START_MS, reservice=reservice)
        self.agent = Agent(self.unit, WORD, quirks)
        self.readings: list[Reading] = []
        self.replies: list[Reply] = []
        self.log: list[HiresEvent] = []
        self.desk: Desk
        self._issued = 0

    async def connect(self, reservice: bool = True, pattern: int | None = None) -> Capabilities:
        """Probe, and sit down at the desk."""
        session = Session(Community(WORD.encode()), (0.01, 0.01))
        self.wire = Wire(self.agent, session)
        session.connection_made(self.wire)
        found = await probe(session, self.node, by_splits=pattern is not None)
        self.steering: Any = Steering(self.node, 10, reservice)
        if pattern is not None:
            self.steering = SplitSteering(self.node, 10, pattern)
        outside = Outside("demo", self.clock, MemoryLink(), self.readings.extend, self._replied)
        self.desk = Desk(session, found, self.node, self.steering, outside)
        return found

    async def run(self, seconds: float, watched: bool = True) -> None:
        """Let the controller and, unless it is not `watched`, arterial do what they do."""
        for _ in range(round(seconds * 10)):
            self.clock.set_ms += 100
            self.log += self.unit.step(self.clock.set_ms).events
            if watched:
                await self.desk.turn()

    async def until(self, true: Callable[[], bool], limit_s: float = 200) -> float:
        """Run until something is true; returns how many seconds that took."""
        for tenth in range(round(limit_s * 10)):
            if true():
                return tenth / 10
            await self.run(0.1)
        raise AssertionError(f"not within {limit_s} s")

    async def serve(self, *phases: int, lifetime_s: float = 10.0) -> Reply:
        """Send a command and return the answer to it."""
        self._issued += 1
        now_ns = self.clock.now_ns()
        expires_ns = now_ns + int(lifetime_s * 1e9)
        command = Command(f"c{self._issued}", self.node.id, phases, now_ns, expires_ns, "test", "a test")
        self.desk.send(command)
        await self.desk.steer()
        return self.replies[-1]

    async def keep_serving(self, seconds: float, *phases: int) -> None:
        """Renew the same command every three seconds."""
        for _ in range(round(seconds / 3)):
            await self.serve(*phases)
            await self.run(3)

    @property
    def greens(self) -> tuple[int, ...]:
        return self.unit.cabinet.lights.greens

    @property
    def seen(self) -> list[tuple[int, int, int]]:
        """The log as arterial wrote it: (ms, code, parameter)."""
        return [
            (r.at_ns // MS, int(r.fields["code"]), int(r.fields["param"]))
            for r in self.readings
            if r.kind == "hires"
        ]

    @property
    def report(self) -> dict[str, object]:
        """The last report of the lights."""
        return dict([r for r in self.readings if r.kind == "signal"][-1].fields)

    def _replied(self, intersection: str, reply: Reply) -> None:
        assert intersection == self.node.id
        self.replies.append(reply)


Build = Callable[..., Field]


@pytest.fixture
def crossroads() -> Intersection:
    """Eight phases."""
    return build_crossroads()


@pytest.fixture
async def field(crossroads: Intersection) -> Field:
    """A connected controller that has run its plan for two cycles."""
    found = Field(crossroads)
    await found.run(200, watched=False)
    await found.connect()
    await found.run(1)
    return found


def codes(events: Sequence[tuple[int, int, int]], phase: int, highest: int = 23) -> list[int]:
    """The codes that concern one phase."""
    return [code for _, code, param in events if param == phase and code <= highest]
