"""Does the way from the spool to real servers lose nothing, whatever the server does?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.request
from urllib.parse import urlencode

import pytest

from collectors.reading import Reading
from storage.connect import connect
from storage.spool import Spool
from storage.store import StoreUnavailable
from storage.writer import Writer
from tests.live import influx_server as servers

pytestmark = pytest.mark.live
T0_NS = 1_700_000_000_000_000_000


needs_influxd = pytest.mark.skipif(
    servers.INFLUXD is None, reason="influxd: sudo apt-get install -y influxdb"
)
needs_victoria = pytest.mark.skipif(
    servers.VICTORIA is None, reason="victoria-metrics: sudo apt-get install -y victoria-metrics"
)


def events(n, first=0, device="x1"):
    return [
        Reading(
            "hires",
            "s",
            device,
            T0_NS + i // 4 * 100_000_000,
            {"code": 82, "param": i % 32},
            {},
            i % 10**6,
            T0_NS,
        )
        for i in range(first, first + n)
    ]


def water(device, at_ns=T0_NS, volume_m3=1.0):
    fields = {"volume_m3": volume_m3, "flow_m3_h": 0.1, "battery_v": 3.6}
    return Reading("water", "s", device, at_ns, fields, {}, 0, T0_NS)


@contextlib.asynccontextmanager
async def pipeline(folder, name, settings):
    """A running writer between a spool and the store; yields (spool, writer, store, refused)."""
    refused = []

    async def rejected(readings, why):
        refused.extend((reading, why) for reading in readings)

    spool = Spool(folder / "spool.db")
    store = await connect(name, settings, folder)
    writer = Writer(store, spool, rejected, age_s=0.01)
    task = asyncio.create_task(writer.run(), name="writer")
    try:
        yield spool, writer, store, refused
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await store.close()
        spool.close()


def fetch(url, body=None):
    with urllib.request.urlopen(url, body, timeout=10) as answer:
        return answer.read()


def ask(url, query, database="arterial"):
    answer = json.loads(fetch(f"{url}/query", urlencode({"q": query, "db": database}).encode()))
    assert "error" not in answer["results"][0], answer


@needs_influxd
async def test_a_server_that_stops_and_starts_again_gets_everything_once(tmp_path):
    port = servers.free_port()
    settings = {"url": f"http://127.0.0.1:{port}"}
    async with pipeline(tmp_path, "influx", settings) as (spool, writer, store, _):
        await asyncio.to_thread(spool.append, events(3000))
        with servers.influxd(tmp_path / "db", port):
            assert await writer.drain(20)
            assert await store.count("hires") == 3000
        await asyncio.to_thread(spool.append, events(3000, 3000))
        assert not await writer.drain(1)
        assert writer.state == "down"
        assert writer.lag_s > 0
        assert spool.waiting("influx") == 3000
        with servers.influxd(tmp_path / "db", port):
            assert await writer.drain(60)
            assert await store.count("hires") == 6000
            found = await store.events("x1", 0, T0_NS * 2)
        assert writer.state == "ok"
        assert found.param.tolist() == [i % 32 for i in range(6000)]
        assert spool.books("influx").balanced


@needs_influxd
async def test_a_field_that_has_another_type_there_costs_only_its_own_readings(tmp_path):
    with servers.influxd(tmp_path / "db") as url:
        servers.create_database(url, "arterial")
        line = f"water,site=s,device=w-other volume_m3=5i {T0_NS}".encode()
        fetch(f"{url}/write?db=arterial&precision=ns", line)
        async with pipeline(tmp_path, "influx", {"url": url}) as (spool, writer, store, refused):
            other_week = [water(f"w-{i}", T0_NS + 30 * 86_400 * 10**9) for i in range(20)]
            batch = [*events(500), *(water(f"w-{i}") for i in range(20)), *other_week, *events(500, 500)]
            await asyncio.to_thread(spool.append, batch)
            assert await writer.drain(30)
            assert {reading.at_ns for reading, _ in refused} == {T0_NS}
            assert all("already exists as type integer" in why for _, why in refused)
            assert await store.count("hires") == 1000
            assert await store.count("water") == 20
            books = spool.books("influx")
            assert (books.balanced, books.total.refused, books.total.stored) == (True, 20, 1020)


@needs_influxd
async def test_readings_beyond_the_retention_policy_are_refused_with_the_reason(tmp_path):
    with servers.influxd(tmp_path / "db") as url:
        servers.create_database(url, "arterial")
        ask(url, 'CREATE RETENTION POLICY "week" ON "arterial" DURATION 7d REPLICATION 1')
        settings = {"url": url, "retention_policy": "week"}
        async with pipeline(tmp_path, "influx", settings) as (spool, writer, _, refused):
            await asyncio.to_thread(spool.append, events(5))
            assert await writer.drain(30), writer.why
            assert len(refused) == 5
            assert "beyond retention policy" in refused[0][1]
            assert spool.books("influx").balanced


@needs_influxd
async def test_a_wrong_password_is_unavailable_and_says_so(tmp_path):
    with servers.influxd(tmp_path, auth=True) as url:
        ask(url, "CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES")
        wrong = await connect("influx", {"url": url, "username": "boss", "password": "wrong"}, tmp_path)
        with pytest.raises(StoreUnavailable, match="check the user, password or token"):
            await wrong.write(events(1), 1)
        await wrong.close()
        right = await connect("influx", {"url": url, "username": "boss", "password": "right"}, tmp_path)
        await right.write(events(1), 1)
        assert await right.count("hires") == 1
        await right.close()


@needs_victoria
async def test_victoria_metrics_takes_the_official_client(tmp_path):
    with servers.victoria(tmp_path / "vm") as url:
        settings = {"url": url, "bucket": "arterial"}
        async with pipeline(tmp_path, "influx2", settings) as (spool, writer, _, refused):
            await asyncio.to_thread(spool.append, [water(f"w-{i}", volume_m3=i + 0.5) for i in range(50)])
            assert await writer.drain(30)
            assert refused == []
        wanted = urlencode({"match[]": "water_volume_m3"})
        fetch(f"{url}/internal/force_flush")
        rows = fetch(f"{url}/api/v1/export?{wanted}").splitlines()
        values = {json.loads(row)["metric"]["device"]: json.loads(row)["values"][0] for row in rows}
        assert values == {f"w-{i}": i + 0.5 for i in range(50)}
