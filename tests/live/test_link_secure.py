"""Does the link speak TLS, passwords and MQTT 5, and say plainly when the broker will not have it?"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config.settings import BrokerSettings
from gateway.links.mqtt_link import MqttLink
from tests.live.brokers import LiveBroker, mosquitto
from tests.live.certificates import certificate, program

pytestmark = pytest.mark.live

PASSWORD = "hush"
CLIENT: dict[str, object] = {}


@pytest.fixture(params=["fast", "paho"], autouse=True)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every promise holds whoever reads the packets."""
    monkeypatch.setitem(CLIENT, "client", request.param)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[LiveBroker]:
    """A mosquitto that asks for TLS and a password; its authority is tmp_path/ca.pem."""
    key, authority = certificate(tmp_path)
    names = tmp_path / "names"
    subprocess.run([program("mosquitto_passwd"), "-b", "-c", names, "city", PASSWORD], check=True)
    rules = f"password_file {names}\ncertfile {authority}\nkeyfile {key}\n"
    with mosquitto(tmp_path) as live:
        live.reconfigure(lambda text: text.replace("allow_anonymous true", "allow_anonymous false") + rules)
        yield live


def link(live: LiveBroker, tmp_path: Path, **more: object) -> MqttLink:
    given: dict[str, object] = {
        "url": live.url.replace("mqtt:", "mqtts:"),
        "username": "city",
        "password": PASSWORD,
        "ca_file": tmp_path / "ca.pem",
    }
    return MqttLink(BrokerSettings.model_validate({**given, **CLIENT, **more}), ["a"], client_id="city")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_message_passes_through_tls_with_a_password(
    guarded: LiveBroker, tmp_path: Path, version: str
) -> None:
    async with link(guarded, tmp_path, version=version) as city:
        await until(lambda: city.connected)
        await city.publish("a", b"x")
        async with asyncio.timeout(5):
            async for message in city.messages():
                assert message.payload == b"x"
                city.ack(message)
                break


async def test_a_wrong_password_is_the_named_fault(guarded: LiveBroker, tmp_path: Path) -> None:
    async with link(guarded, tmp_path, password="loud") as city:
        await until(lambda: city.connects >= 2)
        assert not city.connected
        assert "not auth" in city.fault
        assert PASSWORD not in city.fault


async def test_a_certificate_of_somebody_else_is_not_trusted(guarded: LiveBroker, tmp_path: Path) -> None:
    async with link(guarded, tmp_path, ca_file=None) as city:
        await until(lambda: city.connects >= 2)
        assert not city.connected
        assert "certificate verify failed" in city.fault


async def test_mqtt_5_redelivers_what_was_not_acknowledged(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as live:
        given = {"url": live.url, "version": "5", "window": 10, **CLIENT}
        settings = BrokerSettings.model_validate(given)
        for attempt in range(2):
            async with MqttLink(settings, ["a"], client_id="city") as city:
                await city.ready()
                if attempt == 0:
                    await city.publish("a", b"x")
                async with asyncio.timeout(10):
                    async for message in city.messages():
                        assert message.payload == b"x"
                        break
