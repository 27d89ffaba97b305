"""Does what the README shows connect a new meter, and does approval let a stranger in while the city runs?"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.brokers import LiveBroker

pytestmark = pytest.mark.live

ROOT = Path(__file__).resolve().parents[2]
SECTION = "### Connect devices that speak something else"
EUI = "0101010101010101"
CITY = """\
[city]
site = "demo"
[broker]
url = "{url}"
[board]
port = 0
[[sources]]
topic = "arterial/{{site}}/power/{{device}}"
kind = "power"
registration = "required"
"""
UPLINK_TOPIC = f"application/17c82e96/device/{EUI}/event/up"
UPLINK = {
    "time": "2026-08-01T10:00:00.775023242+00:00",
    "deviceInfo": {"applicationId": "17c82e96", "deviceName": "Meter 1", "devEui": EUI},
    "fCnt": 7,
    "fPort": 1,
    "data": "qg==",
    "object": {"volume": 812374, "battery": 3.6},
}
PATIENCE_S = 60.0


def shown() -> tuple[str, str]:
    """The first block of TOML and the first command of the README's section."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split(SECTION)[1].split("\n### ")[0]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    toml = [body for language, body in blocks if language == "toml"]
    commands = [body for language, body in blocks if not language]
    return toml[0], commands[0]


def arterial(words: list[str], folder: Path) -> list[str]:
    """A command as a person types it, run from the sources beside this test."""
    assert words[0] == "arterial"
    return [sys.executable, "-c", "import gateway.cli; gateway.cli.main()", *words[1:]]


@contextmanager
def running(command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / "run.out").open("wb") as out:
        process = subprocess.Popen(
            arterial(shlex.split(command), folder), cwd=folder, env=env, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(40)


def said(folder: Path, *words: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = arterial(["arterial", "devices", *words], folder)
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def devices(folder: Path) -> dict[str, Any]:
    return {view["id"]: view for view in json.loads(said(folder, "list", "--json"))}


def until(what: str, true: Any, folder: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline_s:
            pytest.fail(f"no {what}: {(folder / 'run.out').read_text(errors='replace')[-3000:]}")
        time.sleep(0.2)


def stored(folder: Path, table: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(str(folder / "var" / "arterial.duckdb"), read_only=True) as db:
        return db.execute(f"SELECT * EXCLUDE (received_ns) FROM {table}").fetchall()


def test_a_new_meter_is_five_lines_and_one_command_and_a_stranger_waits(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    toml, command = shown()
    assert len(toml.splitlines()) <= 5
    assert len(command.splitlines()) <= 1
    (tmp_path / "city.toml").write_text(CITY.format(url=mosquitto.url) + toml, encoding="utf-8")
    now_ms = time.time_ns() // 1_000_000
    with running(command, tmp_path):
        log = tmp_path / "var" / "log" / "arterial.log"
        until("connection", lambda: log.exists() and "connected to the broker" in log.read_text(), tmp_path)
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="devices")
        client.connect("127.0.0.1", mosquitto.port)
        client.loop_start()
        client.publish(UPLINK_TOPIC, json.dumps(UPLINK), 1).wait_for_publish(10)
        for n in range(3):
            reading = json.dumps({"t": now_ms - 3_600_000 + n, "energy_kwh": float(n)})
            client.publish("arterial/demo/power/p-1", reading, 1).wait_for_publish(10)
        until("stranger", lambda: devices(tmp_path).get("p-1", {}).get("waiting") == 3, tmp_path)
        assert devices(tmp_path)["p-1"]["state"] == "quarantined"
        assert said(tmp_path, "approve", "p-1") == "p-1 is approved as power.\n"
        until("release", lambda: devices(tmp_path)["p-1"]["waiting"] == 0, tmp_path)
        client.disconnect()
        client.loop_stop()
    found = devices(tmp_path)
    assert (found[EUI]["state"], found[EUI]["kinds"][0], found[EUI]["readings"]) == ("open", "water", 2)
    assert (found["p-1"]["state"], found["p-1"]["readings"]) == ("approved", 3)
    (water,) = stored(tmp_path, "water")
    assert {EUI, 812.374} <= set(water)
    power = stored(tmp_path, "power")
    assert sorted(number for row in power for number in row if number in (0.0, 1.0, 2.0))[-1] == 2.0
    assert len(power) == 3
    trail = (tmp_path / "var" / "audit").glob("*")
    assert any(b"device approve" in file.read_bytes() for file in trail if file.is_file())
