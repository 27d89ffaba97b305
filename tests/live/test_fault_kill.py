"""Is anything lost or stored twice when arterial or the broker is killed under load?"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from gateway.programs.broker_programs import BrokerKind
from tests.live.brokers import LiveBroker, broker
from tests.live.documented import documented
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import Plant, count_influx, in_duckdb, in_influx, plant

pytestmark = pytest.mark.live

RATE = 1500.0
BUSY = 2_500.0
HEAVY = 10_000.0
"""More than a process takes in that is killed every few seconds: what waits takes minutes afterwards."""
LEAST = 1000.0
"""Of the heavy load, what a very busy computer must still offer for the test to mean something."""


def kill_often(running: Plant, times: int, more: int, seed: int = 1) -> None:
    """Kill it and start it again, each time when `more` readings have come and a moment of chance later."""
    moment = random.Random(seed)
    for _ in range(times):
        running.flows(more)
        time.sleep(moment.uniform(0, 0.3))
        running.kill()
        running.start()


def ten_kills(tmp_path: Path, broker_url: str, influxdb: str, rate: float, patience_s: float) -> None:
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with plant(tmp_path, broker_url, store, max_mb=1024) as running:
        with publisher(broker_url, rate, devices=1000) as sending:
            kill_often(running, 10, int(rate / 2))
            published = sending.stop()
        live = running.settle(published.sent, lambda: count_influx(influxdb), patience_s)
        assert verdict(published, in_influx(influxdb)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0
    assert published.rate > LEAST, published
    print(f"{published.sent:,} messages at {published.rate:,.0f}/s")


@pytest.mark.alone
def test_killing_arterial_ten_times_under_load_loses_nothing(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    ten_kills(tmp_path, mosquitto.url, influxdb, BUSY, 240)


@pytest.mark.slow
def test_killing_arterial_ten_times_at_ten_thousand_a_second_loses_nothing(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    ten_kills(tmp_path, mosquitto.url, influxdb, HEAVY, 1200)


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_killing_arterial_with_the_embedded_store_loses_nothing(kind: BrokerKind, tmp_path: Path) -> None:
    with (
        broker(kind, tmp_path) as server,
        plant(tmp_path, server.url, {"kind": "duckdb"}) as running,
    ):
        with publisher(server.url, RATE) as sending:
            kill_often(running, 3, 1000)
            published = sending.stop()
        live = running.settle(published.sent, running.stored)
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_killing_the_broker_three_times_loses_nothing(kind: BrokerKind, tmp_path: Path) -> None:
    with (
        documented(kind, tmp_path) as server,
        plant(tmp_path, server.url, {"kind": "duckdb"}) as running,
    ):
        with publisher(server.url, RATE) as sending:
            for _ in range(3):
                running.flows(1000)
                server.kill()
                server.start()
                running.until("connection", lambda live: live["pipeline"]["broker"]["state"] == "connected")
            running.flows(1000)
            published = sending.stop()
        live = running.settle(published.sent, running.stored)
        assert live["pipeline"]["refused"] == 0
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
