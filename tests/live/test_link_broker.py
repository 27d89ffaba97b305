"""Is a broker of our own started, revived and ended, and does it never outlive us?"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.settings import BrokerSettings
from gateway.links.mqtt_link import MqttLink
from gateway.programs.broker import Broker, BrokerKind
from gateway.programs.broker_programs import BrokerMissing
from gateway.programs.processes import Child

pytestmark = pytest.mark.live


def own(kind: BrokerKind, directory: Path) -> Broker:
    try:
        return Broker(directory / "broker", kind=kind)
    except BrokerMissing as error:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(str(error))


def alive(pid: int) -> bool:
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except FileNotFoundError:
        return False


async def ended(pid: int, patience_s: float = 10.0) -> bool:
    async with asyncio.timeout(patience_s):
        while alive(pid):
            await asyncio.sleep(0.02)
    return True


@pytest.mark.parametrize("kind", ["mosquitto", "nats"])
async def test_a_killed_broker_comes_back_on_the_same_port_with_its_sessions(
    kind: BrokerKind, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "gateway.programs.broker")
    async with own(kind, tmp_path) as broker:
        url, first = broker.url, broker.pid
        assert first is not None
        async with MqttLink(BrokerSettings(url=url), ["a"], client_id="city") as city:
            await city.ready()
            os.kill(first, signal.SIGKILL)
            async with asyncio.timeout(15):
                while city.connects < 2 or not city.connected or not broker.restarts:
                    await asyncio.sleep(0.02)
            await city.publish("a", b"x")
        assert (broker.url, broker.restarts) == (url, 1)
        last = broker.pid
        assert last not in (None, first)
    assert last is not None
    assert await ended(last)
    warnings = [r.getMessage() for r in caplog.records if r.name == "gateway.programs.broker"]
    assert warnings == [f"broker {kind} ended by itself (code -9); starting it again"]


@pytest.mark.parametrize("kind", ["mosquitto", "nats"])
async def test_a_second_run_finds_the_sessions_of_the_first(kind: BrokerKind, tmp_path: Path) -> None:
    async with own(kind, tmp_path) as broker:
        settings = BrokerSettings(url=broker.url)
        async with MqttLink(settings, ["a"], client_id="city") as city:
            await city.ready()
        async with MqttLink(settings, client_id="street") as street:
            await street.ready()
            await street.publish("a", b"kept")
    async with (
        own(kind, tmp_path) as broker,
        MqttLink(BrokerSettings(url=broker.url), ["a"], client_id="city") as city,
    ):
        async with asyncio.timeout(20):
            async for message in city.messages():
                assert message.payload == b"kept"
                city.ack(message)
                break


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom gateway.programs.processes import Child\n"
        "async def main():\n"
        "    child = await Child.start('sleep', ['sleep', '600'], log=Path(sys.argv[1]))\n"
        "    print(child.pid, flush=True)\n    await child.wait()\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, tmp_path / "log"], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.stdout.close()
    assert alive(child)
    parent.kill()
    parent.wait()
    assert asyncio.run(ended(child))


async def test_a_child_that_does_not_listen_is_killed_with_all_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 600 & echo $!; wait; wait"
    child = await Child.start("stubborn", ["sh", "-c", script], log=tmp_path / "log")
    async with asyncio.timeout(10):
        while not (grandchild := child.tail().strip()):
            await asyncio.sleep(0.02)
    assert await child.stop(patience_s=0.3) == -signal.SIGKILL
    assert await ended(int(grandchild))
    assert not child.running
