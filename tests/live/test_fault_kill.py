"""Is anything lost or stored twice when arterial or the broker is killed under load?"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.programs.broker_programs import BrokerKind
from tests.live.brokers import LiveBroker
from tests.live.documented import documented
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import held, in_duckdb, in_influx, plant

pytestmark = pytest.mark.live

RATE = 1500.0
REDELIVERED_S = 25.0


def test_killing_arterial_four_times_loses_nothing(tmp_path: Path, nats: LiveBroker, influxdb: str) -> None:
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with plant(tmp_path, nats.url, store) as running:
        with publisher(nats.url, RATE) as sending:
            for _ in range(4):
                time.sleep(1.5)
                running.kill()
                time.sleep(0.3)
                running.start()
            published = sending.stop()
        said = held(published, lambda: in_influx(influxdb), REDELIVERED_S)
        live = running.settle()
    assert said == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0
    assert published.sent > 4 * RATE


def test_killing_arterial_with_the_embedded_store_loses_nothing(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    with plant(tmp_path, mosquitto.url, {"kind": "duckdb"}) as running:
        with publisher(mosquitto.url, RATE) as sending:
            for _ in range(3):
                time.sleep(1.5)
                running.kill()
                running.start()
            published = sending.stop()
        live = running.settle()
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
                time.sleep(1.5)
                server.kill()
                server.start()
                running.until("connection", lambda live: live["pipeline"]["broker"]["state"] == "connected")
            time.sleep(1.5)
            published = sending.stop()
        live = running.settle(quiet_s=REDELIVERED_S / 2 if kind == "nats" else 2.5)
        assert live["pipeline"]["refused"] == 0
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
