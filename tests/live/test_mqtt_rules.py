"""Do QoS 2, the window of unacknowledged messages, both versions and TLS hold with a real mosquitto?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config.settings import BrokerSettings
from gateway.links.mqtt_link import MqttLink
from tests.live.brokers import LiveBroker
from tests.live.certificates import certificate
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import in_duckdb, plant
from tests.live.ports import free_port
from tests.live.wire import tapped

pytestmark = pytest.mark.live

WINDOW = 10
MESSAGES = 400
VERSIONS = ("3.1.1", "5")
RECEIVE_MAXIMUM = bytes((0x21, 0, WINDOW))


@pytest.fixture
def encrypted(tmp_path: Path, mosquitto: LiveBroker) -> tuple[str, Path]:
    """The url of a second listener of `mosquitto` that speaks TLS, and the authority to trust."""
    key, authority = certificate(tmp_path)
    port = free_port()
    more = f"listener {port} 127.0.0.1\ncertfile {authority}\nkeyfile {key}\n"
    mosquitto.reconfigure(lambda text: text + more)
    return f"mqtts://127.0.0.1:{port}", authority


@pytest.mark.parametrize("version", VERSIONS)
def test_qos_2_over_tls_is_stored_exactly_once_though_arterial_is_killed(
    tmp_path: Path, mosquitto: LiveBroker, encrypted: tuple[str, Path], version: str
) -> None:
    url, authority = encrypted
    options = f'version = "{version}"\nca_file = "{authority}"'
    with plant(tmp_path, url, {"kind": "duckdb"}, broker_options=options) as running:
        with publisher(mosquitto.url, 1500, qos=2) as sending:
            running.flows(1000)
            running.kill()
            running.start()
            running.flows(1000)
            published = sending.stop()
        live = running.settle(published.sent, running.stored)
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0


@pytest.mark.parametrize("client", ["fast", "paho"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_no_more_is_unacknowledged_than_the_window_allows(
    mosquitto: LiveBroker, version: str, client: str
) -> None:
    """In MQTT 5 the window is ours (Receive Maximum), in 3.1.1 the broker's setting. Once something has been
    acknowledged mosquitto 2.0.11 sends more than it may, and nothing must be lost or mixed up by that."""
    mosquitto.reconfigure(lambda text: narrow(text, 4000 if version == "5" else WINDOW))
    async with tapped(mosquitto.port) as tap:
        async with link(tap.port, "city", version, client) as city, link(mosquitto.port, "street") as street:
            await ready(city, street)
            await asyncio.gather(*(street.publish("a", b"%d" % n) for n in range(MESSAGES)))
            await until(lambda: city.unread >= WINDOW)
            await asyncio.sleep(0.5)  # as long as nothing is acknowledged, no more may come
            assert (tap.down.seen, city.unread) == (WINDOW, WINDOW)
            seen: set[bytes] = set()
            async with asyncio.timeout(60):
                async for message in city.messages():
                    seen.add(message.payload)
                    city.ack(message)
                    if len(seen) == MESSAGES:
                        break
            await until(lambda: not tap.down.open)
        assert (RECEIVE_MAXIMUM in tap.hello) == (version == "5")
        assert (tap.down.seen, tap.down.strange) == (MESSAGES, [])


@pytest.mark.parametrize("client", ["fast", "paho"])
async def test_we_send_no_more_than_the_broker_wants_to_have_open(mosquitto: LiveBroker, client: str) -> None:
    mosquitto.reconfigure(lambda text: narrow(text, WINDOW))
    async with tapped(mosquitto.port) as tap, link(tap.port, "city", "5", client) as city:
        await ready(city)
        await asyncio.gather(*(city.publish("b", b"%d" % n) for n in range(MESSAGES)))
        assert RECEIVE_MAXIMUM in tap.welcome
        assert (tap.up.seen, tap.up.open, tap.up.strange) == (MESSAGES, set(), [])
        assert 1 < tap.up.most <= WINDOW


def narrow(text: str, in_flight: int) -> str:
    """mosquitto's configuration with another number of messages in flight."""
    assert "max_inflight_messages 4000" in text
    return text.replace("max_inflight_messages 4000", f"max_inflight_messages {in_flight}")


def link(port: int, client_id: str, version: str = "3.1.1", client: str = "fast") -> MqttLink:
    """A connection that may have WINDOW messages unread."""
    given = {"url": f"mqtt://127.0.0.1:{port}", "version": version, "client": client, "window": WINDOW}
    topics = ["a"] if client_id == "city" else []
    return MqttLink(BrokerSettings.model_validate(given), topics, client_id=client_id)


async def ready(*links: MqttLink) -> None:
    async with asyncio.timeout(20):
        for each in links:
            await each.ready()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)
