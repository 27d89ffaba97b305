"""Two real stores at once, one dead for a while: does the other one notice, and do both get everything?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.config.settings import load
from gateway.intake.ingest_only import IngestOnly, ingest_only
from gateway.links.mqtt_link import MqttLink
from tests.live.brokers import LiveBroker
from tests.live.conftest import need
from tests.live.influx_server import influxd
from tests.live.ports import free_port

pytestmark = pytest.mark.live

CITY = """
[city]
site = "demo"
[broker]
url = "{broker}"
[[stores]]
kind = "duckdb"
[[stores]]
kind = "influx"
name = "far"
url = "http://127.0.0.1:{port}"
[[sources]]
topic = "arterial/{{site}}/water/{{device}}"
kind = "water"
"""
T0_MS = 1_790_000_000_000


@asynccontextmanager
async def running(folder: Path, text: str) -> AsyncIterator[tuple[IngestOnly, MqttLink]]:
    """The ingest path of a city file, and a second connection to publish with."""
    config = folder / "city.toml"
    config.write_text(text, encoding="utf-8")
    settings = load(config)
    link = MqttLink(settings.broker, ("arterial/#",), client_id="ingest")
    devices = MqttLink(settings.broker, client_id="devices")
    async with ingest_only(settings, link, folder / "var") as made, devices:
        async with asyncio.timeout(20):
            await link.ready()
            await devices.ready()
        yield made, devices


async def send(devices: MqttLink, numbers: range) -> None:
    """One reading a number."""
    for n in numbers:
        body = b'{"t": %d, "volume_m3": %d, "flow_m3_h": 0.5, "battery_v": 3.6}' % (T0_MS + 1000 * n, n)
        await devices.publish(f"arterial/demo/water/w-{n % 10:04d}", body)


async def until(true: Any) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.05)


async def test_a_dead_influxdb_neither_delays_duckdb_nor_loses_anything(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    need("influxd")
    port = free_port()
    async with running(tmp_path, CITY.format(broker=mosquitto.url, port=port)) as (made, devices):
        near, far = made.pipeline.writers
        spool = made.pipeline.spool
        await send(devices, range(300))
        await until(lambda: spool.books("duckdb").total.stored == 300)
        assert (near.state, far.state, spool.waiting("far")) == ("ok", "down", 300)
        assert await near.store.count("water") == 300
        with influxd(tmp_path / "influx", port):
            await until(lambda: spool.waiting("far") == 0)
            assert await far.store.count("water") == 300
            await send(devices, range(300, 400))
            await until(lambda: spool.books("far").total.stored == 400)
        await send(devices, range(400, 500))
        await until(lambda: spool.books("duckdb").total.stored == 500)
        with influxd(tmp_path / "influx", port):
            await until(lambda: spool.waiting("far") == 0)
            assert await far.store.count("water") == await near.store.count("water") == 500
        assert spool.books("far").balanced
        assert made.books()["waiting"] == 0
