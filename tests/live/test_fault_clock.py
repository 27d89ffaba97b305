"""What do clocks that jump cost? The program runs under libfaketime, so that a test sets its clock alone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.brokers import LiveBroker
from tests.live.conftest import need
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import Plant, in_duckdb, in_influx, plant

pytestmark = pytest.mark.live

HOUR_S = 3600


class ChildClock:
    """The clock of processes that are started within the block; their monotonic clock stays true."""

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        need("faketime")
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self._file, self._environment = folder / "clock", environment
        self.set(0)
        self._words = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: float) -> None:
        """So far from the true time."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.0f}s\n", encoding="ascii")
        fresh.replace(self._file)

    def __enter__(self) -> None:
        for name, value in self._words.items():
            self._environment.setenv(name, value)

    def __exit__(self, *_: object) -> None:
        for name in self._words:
            self._environment.delenv(name)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ChildClock:
    return ChildClock(tmp_path, monkeypatch)


def test_the_computers_clock_may_jump_and_nothing_is_lost_doubled_or_stopped(
    tmp_path: Path, mosquitto: LiveBroker, clock: ChildClock
) -> None:
    with clock:
        running = Plant(tmp_path / "plant", mosquitto.url, {"kind": "duckdb"})
    try:
        with publisher(mosquitto.url, 400) as sending:
            for jump_s in (-3 * HOUR_S, 0, 50 * HOUR_S, -400 * 24 * HOUR_S, 0):
                clock.set(jump_s)
                goes_on(running)
            clock.set(-30 * 24 * HOUR_S)
            running.kill()
            with clock:
                running.start()
            goes_on(running)
            clock.set(0)
            goes_on(running)
            published = sending.stop()
        live = running.settle()
    finally:
        running.stop()
    assert verdict(published, in_duckdb(running.var)) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0
    assert running.log().count("clock was set by") >= 4


def goes_on(running: Plant) -> None:
    """Return once the program, whatever its clock says, has taken and stored what came in a few seconds."""
    before = running.live()["pipeline"]["stored"]
    time.sleep(2.5)  # the child's clock is read once a second
    running.until("flow", lambda live: live["pipeline"]["stored"] > before + 500, 30)


def stored(live: dict[str, Any]) -> int:
    """Water readings at rest; there are others, of arterial's own."""
    return int(live["pipeline"]["books"].get("water", {"stored": 0})["stored"])


def test_late_future_and_retained_readings_are_in_influx_with_their_flags(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    now_ms = time.time_ns() // 1_000_000
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="clocks")
    client.connect("127.0.0.1", int(mosquitto.url.rpartition(":")[2]))
    client.loop_start()

    def say(volume: int, t_ms: int, retain: bool = False, device: int = 0) -> None:
        body = json.dumps({"t": t_ms, "volume_m3": float(volume)})
        topic = f"arterial/demo/water/w-{device or volume:04d}"
        client.publish(topic, body, 1, retain).wait_for_publish(10)

    say(1, now_ms - 1000, retain=True)
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with plant(tmp_path, mosquitto.url, store) as running:
        say(2, now_ms)
        say(3, now_ms - HOUR_S * 1000)
        say(4, now_ms + HOUR_S * 1000)
        say(5, now_ms - 2000, retain=True)  # live for us: we are subscribed
        running.until("readings", lambda live: stored(live) == 5)
        live = running.until("flags", lambda live: live["pipeline"]["flagged"]["late"] == 1)
        flagged = {flag: n for flag, n in live["pipeline"]["flagged"].items() if n}
        assert flagged == {"retained": 1, "late": 1, "clock": 1}
        running.kill()
        running.start()
        again = running.settle()
        say(6, now_ms, retain=True, device=5)
        running.until("reading", lambda live: live["pipeline"]["kinds"]["water"] == 8)
        running.settle()
        running.stop()
        running.start()
        last = running.settle()
    client.disconnect()
    client.loop_stop()
    assert sorted(in_influx(influxdb)) == [1, 2, 3, 4, 5, 6]
    assert (last["pipeline"]["kinds"]["water"], last["pipeline"]["duplicate"]) == (10, 2)
    assert again["pipeline"]["flagged"]["late"] == 1
    query = {"db": "city", "q": "SELECT volume_m3, quality FROM water", "epoch": "ns"}
    answer = httpx.get(f"{influxdb}/query", params=query).json()["results"][0]["series"][0]["values"]
    flags = {round(volume): quality for _, volume, quality in answer}
    assert flags == {1: 1, 2: None, 3: 2, 4: 4, 5: 1, 6: None}  # 5: all that a killed program forgets
