"""Four processes share a subscription and one is killed: even shares, nothing lost, balanced books?"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.config.settings import load
from gateway.intake.workers import books, folder
from storage.books import on_disk
from tests.live.brokers import LiveBroker
from tests.live.city import kill

pytestmark = pytest.mark.live

MESSAGES, WORKERS, DEVICES = 20_000, 4, 500
FOUR = ("--workers", str(WORKERS))
T0_MS = 1_790_000_000_000
CITY = """
[city]
site = "demo"
[broker]
url = "{broker}"
version = "5"
[store]
kind = "influx"
url = "{influx}"
[[sources]]
topic = "arterial/{{site}}/water/{{device}}"
kind = "water"
"""


class Crew:
    """`arterial run --only ingest --workers 4` in a process of its own."""

    def __init__(self, tmp_path: Path, broker: str, influx: str, *more: str, text: str = CITY) -> None:
        self.config, self.var, self._output = tmp_path / "city.toml", tmp_path / "var", tmp_path / "run.out"
        self.config.write_text(text.format(broker=broker, influx=influx), encoding="utf-8")
        program = "import gateway.cli; gateway.cli.main()"
        words = ["run", "--only", "ingest", *more, "--config", str(self.config)]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *words, "--var", str(self.var)], stdout=output, stderr=output
            )

    def pid(self, number: int) -> int:
        return int((folder(self.var, number) / "arterial.pid").read_text())

    def connects(self, number: int) -> int:
        """How often a worker has connected since it first started."""
        log = folder(self.var, number) / "log" / "arterial.log"
        return log.read_text().count("connected to the broker") if log.exists() else 0

    def until(self, what: str, true: Callable[[], bool], patience_s: float = 60.0) -> None:
        deadline_s = time.monotonic() + patience_s
        while not true():
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(f"no {what}: {self.said()}")
            time.sleep(0.1)

    def said(self) -> str:
        return self._output.read_text(errors="replace")[-3000:]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


@contextmanager
def crew(tmp_path: Path, broker: str, influx: str, *more: str, text: str = CITY) -> Iterator[Crew]:
    made = Crew(tmp_path, broker, influx, *more, text=text)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def devices(broker: LiveBroker) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="devices", protocol=paho.MQTTv5)
    client.max_inflight_messages = 200
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def publish(client: paho.Client, numbers: range) -> None:
    """Message n carries n and a time of its own; returns once the broker has them all."""
    sent: Any = None
    for n in numbers:
        body = b'{"t": %d, "volume_m3": %d, "flow_m3_h": 0.5, "battery_v": 3.6}' % (T0_MS + 10 * n, n)
        sent = client.publish(f"arterial/demo/water/w-{n % DEVICES:04d}", body, 1)
        if n % 100 == 99:
            sent.wait_for_publish(30)
    sent.wait_for_publish(30)


def stored(influx: str) -> list[float]:
    """The numbers that InfluxDB holds, in order."""
    question = {"db": "arterial", "q": 'SELECT "volume_m3" FROM "water"', "epoch": "ms"}
    answer = httpx.get(f"{influx}/query", params=question, timeout=30).json()["results"][0]
    return sorted(row[1] for row in answer.get("series", [{"values": []}])[0]["values"])


def test_a_killed_worker_costs_nothing(tmp_path: Path, mosquitto: LiveBroker, influxdb: str) -> None:
    with crew(tmp_path, mosquitto.url, influxdb, *FOUR) as running, devices(mosquitto) as client:
        numbers = range(1, WORKERS + 1)
        running.until("connection of all", lambda: all(running.connects(n) for n in numbers))
        city = load(running.config)
        publish(client, range(MESSAGES // 2))
        victim = running.pid(2)
        rest = threading.Thread(target=publish, args=(client, range(MESSAGES // 2, MESSAGES)))
        rest.start()
        time.sleep(0.3)
        kill(victim)
        rest.join()
        running.until("return of the killed one", lambda: running.connects(2) == 2)
        assert running.pid(2) != victim
        running.until("last message", lambda: len(stored(influxdb)) >= MESSAGES)
        running.until("rest", lambda: books(city, running.var).waiting == 0)
        assert stored(influxdb) == list(range(MESSAGES))
        shares = [
            on_disk(folder(running.var, n) / "spool.sqlite", "influx").kinds["water"].received
            for n in numbers
        ]
        assert all(0.8 * MESSAGES / WORKERS < share < 1.2 * MESSAGES / WORKERS for share in shares), shares
        assert running.stop() == 0, running.said()
        last = books(city, running.var)
        assert last.balanced
        assert last.kinds["water"].received >= MESSAGES
        assert "NOT balanced" not in running.said()


def test_a_broker_that_cannot_share_is_refused(tmp_path: Path, nats: LiveBroker) -> None:
    running = Crew(tmp_path, nats.url, "http://127.0.0.1:9", *FOUR)
    assert running.process.wait(60) == 1
    assert "speaks MQTT 3.1.1 only, which cannot share" in running.said()
    assert "Traceback" not in running.said()


def test_workers_end_with_their_parent(tmp_path: Path, mosquitto: LiveBroker) -> None:
    with crew(tmp_path, mosquitto.url, "http://127.0.0.1:9", *FOUR) as running:
        numbers = range(1, WORKERS + 1)
        running.until("connection of all", lambda: all(running.connects(n) for n in numbers))
        pids = [running.pid(n) for n in numbers]
        kill(running.process.pid)
        deadline_s = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline_s:
            time.sleep(0.1)
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_one_process_can_ingest_alone_and_leaves_the_control_plane_in_peace(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    text = CITY.replace('kind = "influx"\nurl = "{influx}"', 'kind = "duckdb"').replace('version = "5"', "")
    with crew(tmp_path, mosquitto.url, "", text=text) as running, devices(mosquitto) as client:
        log = running.var / "log" / "arterial.log"
        running.until("connection", lambda: log.exists() and "connected to the broker" in log.read_text())
        client.publish("arterial/demo/reply/x1", b"{}", 1).wait_for_publish(10)
        publish(client, range(100))
        spool = running.var / "spool.sqlite"
        running.until("books", lambda: on_disk(spool, "duckdb").total.stored == 100)
        assert running.stop() == 0, running.said()
        last = on_disk(spool, "duckdb")
        assert (last.total.refused, last.balanced) == (0, True)
