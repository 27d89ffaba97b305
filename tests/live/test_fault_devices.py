"""What do garbage, one device that floods, and a second arterial under our name do to everybody else?"""

from __future__ import annotations

import json
import signal
import statistics
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.brokers import LiveBroker
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import count_influx, in_duckdb, in_influx, plant, rows_of_influx

pytestmark = pytest.mark.live

QUIET_RATE = 100.0
FLOOD = 50
PROBES = 12
LATE_S = 20.0
"""A quiet device's reading is in the store after a fraction of a second; this is for very busy computers."""


def test_one_percent_garbage_costs_nobody_else(tmp_path: Path, mosquitto: LiveBroker) -> None:
    with plant(tmp_path, mosquitto.url, {"kind": "duckdb"}) as running:
        with publisher(mosquitto.url, 2000, garbage_every=100) as sending:
            running.flows(8000)
            published = sending.stop()
        live = running.settle(len(published.numbers), running.stored)
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == published.garbage
    assert sum(live["pipeline"]["refused_by_reason"].values()) == published.garbage
    assert len(live["pipeline"]["refused_by_reason"]) > 2


@pytest.mark.alone
def test_a_device_that_floods_neither_costs_nor_delays_the_others(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    """200 devices send every other second, one more sends 50 times as much as all of them together."""
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with plant(tmp_path, mosquitto.url, store) as running:
        with publisher(mosquitto.url, QUIET_RATE) as quiet:
            running.flows(100)
            before_s = probed(mosquitto, influxdb, 0)
            with publisher(
                mosquitto.url, FLOOD * QUIET_RATE, devices=1, prefix="f", client_id="flood"
            ) as loud:
                running.flows(5000)
                during_s = probed(mosquitto, influxdb, PROBES)
                flooded = loud.stop()
            published = quiet.stop()
        wanted = published.sent + flooded.sent + 2 * PROBES
        running.settle(wanted, lambda: count_influx(influxdb))
        assert verdict(published, in_influx(influxdb, where="device =~ /^w/")) == Verdict(0, 0)
        assert verdict(flooded, in_influx(influxdb, where="device =~ /^f/")) == Verdict(0, 0)
    print(
        f"flood of {flooded.rate:,.0f}/s; into the store within {statistics.median(before_s):.2f} s before, "
        f"{statistics.median(during_s):.2f} s (at most {max(during_s):.2f} s) during it"
    )
    assert statistics.median(during_s) < LATE_S, (before_s, during_s)


def probed(broker: LiveBroker, influx: str, first: int) -> list[float]:
    """Seconds from publishing until the store shows it, for PROBES readings of a quiet device, one by one."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="probe")
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    found = []
    for n in range(first, first + PROBES):
        began_s = time.monotonic()
        body = {"t": time.time_ns() // 1_000_000, "volume_m3": float(n)}
        client.publish("arterial/demo/water/p-0001", json.dumps(body), 1)
        question = f"SELECT volume_m3 FROM water WHERE device = 'p-0001' AND volume_m3 = {n}"
        while not rows_of_influx(influx, question):
            assert time.monotonic() - began_s < 60, "a quiet device's reading is lost"
            time.sleep(0.02)
        found.append(time.monotonic() - began_s)
    client.disconnect()
    client.loop_stop()
    return found


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
                running.until("complaint", lambda live: "client id" in live["pipeline"]["broker"]["why"])
            said = [running.log().count("client id") for running in (first, second)]
            published = sending.stop()
        second.stop(signal.SIGTERM)
        first.until("connection", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        first.settle(published.sent, lambda: count_influx(influxdb))
    assert verdict(published, in_influx(influxdb)) == Verdict(0, 0)
    assert all(0 < n < 10 for n in said), said
