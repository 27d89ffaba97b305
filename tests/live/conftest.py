"""What do the live tests share: servers of their own, and nothing left behind?"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.brokers import LiveBroker, broker
from tests.live.influx_server import influxd
from tests.live.servers import hint, program, required

MARK = "ARTERIAL_LIVE_TEST"
"""An environment variable that every process of a test inherits, orphans included."""
PATIENCE_S = 5.0


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test after which a process that it started still runs (seen on Linux only)."""
    mark = uuid.uuid4().hex
    os.environ[MARK] = mark
    try:
        yield
    finally:
        del os.environ[MARK]
    left = _left(mark)
    deadline_s = time.monotonic() + PATIENCE_S
    while left and time.monotonic() < deadline_s:
        time.sleep(0.1)
        left = _left(mark)
    assert not left, f"processes left behind: {left}"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[LiveBroker]:
    """A mosquitto on a free port; skipped, or failed where CI=true, when it is not installed."""
    with broker("mosquitto", tmp_path) as running:
        yield running


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[LiveBroker]:
    """A NATS server as MQTT broker on a free port."""
    with broker("nats", tmp_path) as running:
        yield running


@pytest.fixture
def influxdb(tmp_path: Path) -> Iterator[str]:
    """The URL of an InfluxDB 1.x on a free port; without one a skip, or a failure where CI=true."""
    need("influxd")
    with influxd(tmp_path / "influx") as url:
        yield url


def need(name: str) -> str:
    """The path of the program `name`; without it the test is skipped, or fails where CI=true."""
    path = program(name)
    if path is None:
        (pytest.fail if required() else pytest.skip)(hint(name))
    return path


def _left(mark: str) -> dict[int, str]:
    """Process id and command line of everything that carries `mark`, but ourselves."""
    wanted = f"{MARK}={mark}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(folder.name)] = words[:200]
        except OSError:  # it has ended meanwhile, or belongs to somebody else
            continue
    found.pop(os.getpid(), None)
    return found
