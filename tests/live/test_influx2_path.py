"""Does writing with influxdb-client lose nothing on the way: through nginx, and to VictoriaMetrics?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.live.brokers import LiveBroker
from tests.live.conftest import need
from tests.live.influx_server import create_database, influxd, victoria
from tests.live.nginx import nginx
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import DATABASE, count_influx, in_influx, plant
from tests.live.ports import free_port

pytestmark = pytest.mark.live

RATE = 1500.0


@pytest.fixture
def metrics(tmp_path: Path) -> Iterator[str]:
    """A VictoriaMetrics."""
    need("victoria-metrics")
    with victoria(tmp_path / "metrics") as url:
        yield url


def in_victoria(url: str) -> list[int]:
    """The numbers in a VictoriaMetrics, one per raw sample."""
    httpx.get(f"{url}/internal/force_flush", timeout=60).raise_for_status()
    answer = httpx.get(f"{url}/api/v1/export", params={"match[]": "water_volume_m3"}, timeout=60)
    return [round(value) for line in answer.text.splitlines() for value in json.loads(line)["values"]]


def test_through_nginx_into_influxdb_1_while_everything_is_killed(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    need("influxd")
    program, port = need("nginx"), free_port()
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        influx = first.enter_context(influxd(tmp_path / "influx", port))
        create_database(influx, DATABASE)
        url = stack.enter_context(nginx(program, tmp_path / "nginx", influx))
        store = {"kind": "influx2", "url": url, "bucket": DATABASE, "org": "city"}
        running = stack.enter_context(plant(tmp_path, mosquitto.url, store))
        sending = stack.enter_context(publisher(mosquitto.url, RATE))
        running.flows()
        running.kill()
        running.start()
        running.flows()
        first.close()  # nginx answers 502 now
        live = running.until("store down", lambda live: live["pipeline"]["store"]["state"] == "down")
        assert "502" in live["pipeline"]["store"]["why"]
        stack.enter_context(influxd(tmp_path / "influx", port))
        running.until("store back", lambda live: live["pipeline"]["store"]["state"] == "ok")
        published = sending.stop()
        live = running.settle(published.sent, lambda: count_influx(influx))
        assert verdict(published, in_influx(influx)) == Verdict(0, 0)
        assert live["pipeline"]["refused"] == 0


def test_into_victoria_metrics(tmp_path: Path, mosquitto: LiveBroker, metrics: str) -> None:
    store = {"kind": "influx2", "url": metrics, "bucket": DATABASE}
    with plant(tmp_path, mosquitto.url, store) as running:
        with publisher(mosquitto.url, RATE, count=5000) as sending:
            published = sending.result()
        live = running.settle(published.sent, running.stored)
        assert verdict(published, in_victoria(metrics)) == Verdict(0, 0)
        assert live["pipeline"]["refused"] == 0
