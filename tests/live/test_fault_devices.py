"""What do garbage, one device that floods, and a second arterial under our name do to everybody else?"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.live.brokers import LiveBroker
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import in_duckdb, in_influx, plant

pytestmark = pytest.mark.live


def test_one_percent_garbage_and_a_flooding_device_harm_nobody(tmp_path: Path, mosquitto: LiveBroker) -> None:
    with plant(tmp_path, mosquitto.url, {"kind": "duckdb"}) as running:
        with publisher(mosquitto.url, 2000, garbage_every=100, flood=50) as sending:
            running.until("flow", lambda live: live["pipeline"]["stored"] > 2000)
            lags = []
            for _ in range(20):
                time.sleep(0.25)
                lags.append(running.live()["pipeline"]["store"]["lag_s"])
            published = sending.stop()
        live = running.settle()
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == published.garbage
    assert sum(live["pipeline"]["refused_by_reason"].values()) == published.garbage
    assert len(live["pipeline"]["refused_by_reason"]) > 2
    assert max(lags) < 3, lags


def test_two_with_one_client_id_say_so_and_lose_nothing(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with (
        plant(tmp_path / "a", mosquitto.url, store) as first,
        plant(tmp_path / "b", mosquitto.url, store) as second,
    ):
        with publisher(mosquitto.url, 300) as sending:
            for running in (first, second):
                running.until("complaint", lambda live: "client id" in live["pipeline"]["broker"]["why"], 30)
            said = [running.log().count("client id") for running in (first, second)]
            published = sending.stop()
        second.stop()
        first.until("connection", lambda live: live["pipeline"]["broker"]["state"] == "connected", 60)
        first.settle()
    assert verdict(published, in_influx(influxdb)) == Verdict(0, 0)
    assert all(0 < n < 10 for n in said), said
