"""Do net-snmp and pysnmp, which know nothing of us, understand our SNMP, and we theirs?"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from pysnmp.hlapi.v1arch import asyncio as peer

from gateway.cabinet import Outside, Reply
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from gateway.ntcip.keeper import Address, Keeper
from gateway.programs.demo_ntcip import free_udp_ports
from gateway.snmp.ber import OCTETS, dotted
from gateway.snmp.message import Ask, Community, Pdu, Status, integer, write_bindings
from gateway.snmp.session import NoAnswer, Refused, Session
from signal_control.status import Command
from simulators.cabinet import Cabinet
from simulators.ntcip_agent import Agent
from simulators.ntcip_mib import ASC, Mib
from simulators.ntcip_unit import NtcipUnit
from tests.live.conftest import need
from tests.simulators.conftest import START_MS, build_crossroads

pytestmark = pytest.mark.live

WORD = "between-us"
HOLD, FORCE_OFF = (*ASC, 1, 5, 1, 4, 1), (*ASC, 1, 5, 1, 5, 1)
PATTERN, GREENS = (*ASC, 4, 14, 0), (*ASC, 1, 4, 1, 4, 1)
CONCURRENCY = (*ASC, 1, 2, 1, 23, 2)


def unit() -> NtcipUnit:
    found = NtcipUnit(Cabinet(build_crossroads(), START_MS), START_MS)
    found.step(START_MS + 60_000)
    return found


@asynccontextmanager
async def simulated() -> AsyncIterator[Agent]:
    """The simulated controller on a free port."""
    agent = await Agent.listen(unit(), 0, WORD)
    try:
        yield agent
    finally:
        agent.close()


@contextmanager
def snmpd(folder: Path, port: int, mib: Mib) -> Iterator[int]:
    """net-snmp's agent with the objects of `mib`, all of them writable, as they are now."""
    lines = [f"agentaddress udp:127.0.0.1:{port}", f"rwcommunity {WORD} 127.0.0.1"]
    for oid, row in mib.rows.items():
        if oid[: len(ASC)] == ASC:
            value = row.get()
            text = f"octet_str 0x{value.hex()}" if isinstance(value, bytes) else f"integer {value}"
            lines.append(f"override -rw .{dotted(oid)} {text}")
    config = folder / "snmpd.conf"
    config.write_text("\n".join(lines) + "\n")
    command = [need("snmpd"), "-f", "-Lf", str(folder / "snmpd.log"), "-C", "-c", str(config), "-r"]
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    process = subprocess.Popen([*command, "-p", str(folder / "snmpd.pid")], env=environment)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def tool(name: str, port: int, *words: str) -> tuple[int, str]:
    """Run one of net-snmp's commands; returns its code and all it said."""
    command = [need(name), "-v1", "-c", WORD, "-t", "1", "-r", "1", "-On", "-Oe", f"127.0.0.1:{port}", *words]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "MIBS": ""},
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def ready(port: int) -> Session:
    """A session with an agent that has just been started."""
    session = await Session.connect("127.0.0.1", port, Community(WORD.encode()), (0.1, 0.2, 0.4))
    deadline_s = time.monotonic() + 20
    while True:
        try:
            await session.get([GREENS])
        except NoAnswer:
            if time.monotonic() > deadline_s:
                raise
        else:
            return session


async def test_we_read_write_and_walk_net_snmps_agent(tmp_path: Path) -> None:
    mib = Mib(unit())
    with snmpd(tmp_path, free_udp_ports(1)[0], mib) as port:
        session = await ready(port)
        wanted = [oid for oid in mib.rows if oid[: len(ASC)] == ASC]
        for at in range(0, len(wanted), 24):
            part = wanted[at : at + 24]
            assert [b.value for b in await session.get(part)] == [mib.rows[oid].get() for oid in part]
        await session.set([integer(HOLD, 0b100010), integer(FORCE_OFF, 255), integer(PATTERN, 254)])
        assert [b.value for b in await session.get([HOLD, FORCE_OFF, PATTERN])] == [34, 255, 254]
        with pytest.raises(Refused) as refused:
            await session.get([HOLD, (*ASC, 99, 0)])
        assert (refused.value.status, refused.value.oid) == (Status.NO_SUCH_NAME, (*ASC, 99, 0))
        following = await session.get_next((*ASC, 1, 2, 1, 23, 1))
        assert (following.oid, following.value, following.tag) == (CONCURRENCY, bytes([5, 6]), OCTETS)
        stranger = await Session.connect("127.0.0.1", port, Community(b"nobody"), (0.2,))
        with pytest.raises(NoAnswer):
            await stranger.get([HOLD])
        stranger.close()
        session.close()


async def test_a_command_arrives_at_net_snmps_agent_and_is_handed_back_at_the_end(tmp_path: Path) -> None:
    with snmpd(tmp_path, free_udp_ports(1)[0], Mib(unit())) as port:
        session = await ready(port)
        replies: list[Reply] = []
        outside = Outside("demo", SystemClock(), MemoryLink(), lambda _: None, lambda _, r: replies.append(r))
        address = Address("127.0.0.1", port, Community(WORD.encode()), 0.1, 10)
        keeper = Keeper(build_crossroads(), address, outside)
        task = asyncio.create_task(keeper.run())
        async with asyncio.timeout(20):
            while keeper.trouble:
                await asyncio.sleep(0.05)
            now_ns = time.time_ns()
            keeper.send(Command("c1", "x1", (4, 8), now_ns, now_ns + 10**10, "test", ""))
            while not replies:
                await asyncio.sleep(0.01)
        assert (replies[0].accepted, replies[0].reason) == (True, "")
        code, said = await tool("snmpget", port, dotted(HOLD), dotted(PATTERN))
        assert (code, "INTEGER: 136" in said, "INTEGER: 254" in said) == (0, True, True)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert [b.value for b in await session.get([HOLD, PATTERN])] == [0, 0]
        session.close()


async def test_net_snmps_tools_read_write_and_walk_the_simulated_controller() -> None:
    async with simulated() as agent:
        code, said = await tool("snmpget", agent.port, dotted(GREENS), dotted(CONCURRENCY))
        assert code == 0
        assert f".{dotted(CONCURRENCY)} = Hex-STRING: 05 06" in said
        code, said = await tool("snmpset", agent.port, dotted(HOLD), "i", "34", dotted(PATTERN), "i", "254")
        assert (code, agent.unit.controls.hold) == (0, 34)
        code, said = await tool("snmpset", agent.port, dotted(HOLD), "i", "1", dotted(PATTERN), "i", "256")
        assert code != 0
        assert "badValue" in said
        assert agent.unit.controls.hold == 34
        code, said = await tool("snmpset", agent.port, dotted(GREENS), "i", "1")
        assert "noSuchName" in said
        code, said = await tool("snmpwalk", agent.port, dotted(ASC))
        assert (code, len(said.splitlines())) == (0, sum(oid[: len(ASC)] == ASC for oid in Mib(unit()).rows))


async def test_net_snmps_tools_understand_an_agent_made_of_our_production_codec() -> None:
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            shell = Community(WORD.encode())
            asked = shell.unwrap(data)
            raw = write_bindings([integer(b.oid, n * -300) for n, b in enumerate(asked.bindings)])
            self.transport.sendto(shell.wrap(Pdu(Ask.RESPONSE, asked.request_id, 0, 0, raw)), addr)  # type: ignore[attr-defined]

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    code, said = await tool("snmpget", port, dotted(HOLD), dotted(PATTERN), "1.3.6.1.2.1.4294967295")
    transport.close()
    assert [line.rpartition(" = ")[2] for line in said.splitlines()] == [
        "INTEGER: 0",
        "INTEGER: -300",
        "INTEGER: -600",
    ]
    assert code == 0


async def test_pysnmp_reads_and_writes_the_simulated_controller() -> None:
    async with simulated() as agent:
        target = await peer.UdpTransportTarget.create(("127.0.0.1", agent.port), timeout=1, retries=1)
        who = peer.CommunityData(WORD, mpModel=0)
        dispatcher = peer.SnmpDispatcher()
        try:
            hold = peer.ObjectType(peer.ObjectIdentity(dotted(HOLD)), peer.Integer32(34))
            fault, status, _, _ = await peer.set_cmd(dispatcher, who, target, hold)
            assert (fault, int(status), agent.unit.controls.hold) == (None, 0, 34)
            asked = [peer.ObjectType(peer.ObjectIdentity(dotted(oid))) for oid in (HOLD, CONCURRENCY)]
            fault, status, _, found = await peer.get_cmd(dispatcher, who, target, *asked)
            assert (fault, int(status)) == (None, 0)
            assert (int(found[0][1]), bytes(found[1][1])) == (34, bytes([5, 6]))
            missing = peer.ObjectType(peer.ObjectIdentity(dotted((*ASC, 99, 0))))
            _, status, place, _ = await peer.get_cmd(dispatcher, who, target, asked[0], missing)
            assert (int(status), int(place)) == (2, 2)
        finally:
            dispatcher.transport_dispatcher.close_dispatcher()
