"""Meters of every foreign format on a real broker: is their water stored, and are lost births asked for?"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulators.devices.meters import UTILITIES, Meter
from simulators.foreign import ForeignMeter, tongues_by_name
from storage.books import Books, on_disk
from tests.live.brokers import LiveBroker

pytestmark = pytest.mark.live

TONGUES = tongues_by_name()
EACH, MINUTES = 3, 60
PATIENCE_S = 60.0


@contextmanager
def ingest(folder: Path, broker: LiveBroker) -> Iterator[subprocess.Popen[bytes]]:
    """`arterial run --only ingest` with the sources that the simulators' own files declare."""
    config = folder / "city.toml"
    head = f'[city]\nsite = "demo"\n[broker]\nurl = "{broker.url}"\n'
    config.write_text(head + "\n".join(tongue.SOURCE for tongue in TONGUES.values()), encoding="utf-8")
    program = "import gateway.cli; gateway.cli.main()"
    words = ["run", "--only", "ingest", "--config", str(config), "--var", str(folder / "var")]
    with (folder / "run.out").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=output, stderr=output)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(40)


@contextmanager
def devices(broker: LiveBroker, heard: Callable[[str, bytes], None]) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="devices")
    client.on_message = lambda _, __, message: heard(message.topic, message.payload)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.subscribe("spBv1.0/+/NCMD/+")
    yield client
    client.disconnect()
    client.loop_stop()


def until(what: str, true: Callable[[], bool], folder: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline_s:
            pytest.fail(f"no {what}: {(folder / 'run.out').read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)


def books(folder: Path) -> Books:
    return on_disk(folder / "var" / "spool.sqlite", "duckdb")


def test_the_water_of_every_format_is_stored(tmp_path: Path, mosquitto: LiveBroker) -> None:
    meters = [
        ForeignMeter(Meter(UTILITIES[0], f"{name}{i}", 1), tongue.speaker(i, random.Random(f"{name}{i}")))
        for name, tongue in TONGUES.items()
        for i in range(1, EACH + 1)
    ]
    sparkplug = [meter for meter in meters if meter.id.endswith(":meter")]
    asked: list[str] = []

    def heard(topic: str, payload: bytes) -> None:
        asked.append(topic)
        for meter in meters:
            meter.hear(topic, payload)

    start_ms = time.time_ns() // 1_000_000 - MINUTES * 60_000
    told: dict[tuple[str, int], float] = {}

    def minute(client: paho.Client, number: int, only: list[ForeignMeter]) -> None:
        for meter in only:
            report = meter.report(start_ms + number * 60_000, 60.0, number * 60.0)
            told[meter.id, start_ms + number * 60_000] = float(str(report["volume_m3"]))
            for wire in meter.wire(report):
                client.publish(wire.topic, wire.payload, 1, wire.retain).wait_for_publish(10)

    with devices(mosquitto, heard) as client:
        minute(client, 0, sparkplug)  # births that arterial never hears
        with ingest(tmp_path, mosquitto) as running:
            log = tmp_path / "var" / "log" / "arterial.log"
            until(
                "connection", lambda: log.exists() and "connected to the broker" in log.read_text(), tmp_path
            )
            minute(client, 1, meters)
            until("question for a rebirth", lambda: len(set(asked)) == EACH, tmp_path)
            for number in range(2, MINUTES):
                minute(client, number, meters)
            until("balance", lambda: books(tmp_path).waiting == 0 and books(tmp_path).balanced, tmp_path)
            assert running.poll() is None

    with duckdb.connect(str(tmp_path / "var" / "arterial.duckdb"), read_only=True) as db:
        rows = db.execute("SELECT device, time_ns // 1000000, volume_m3 FROM water").fetchall()
    assert {device for device, _, _ in rows} == {meter.id for meter in meters}
    assert [row for row in rows if abs(told[row[0], row[1]] - row[2]) > 0.0011] == []
    assert len(rows) > 0.8 * len(meters) * (MINUTES - 2)
    final = books(tmp_path)
    assert final.balanced
    assert final.total.refused <= 2 * EACH  # what came before the births that were asked for
