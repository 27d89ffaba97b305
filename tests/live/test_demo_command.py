"""Does one command run a city, and does it end without leaving anything behind, however it is ended?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.live.ports import free_port

pytestmark = [pytest.mark.live, pytest.mark.city]

PATIENCE_S = 90.0


class Demo:
    """A demo in a process of its own; what it prints goes to `output`."""

    def __init__(self, var: Path, *words: str) -> None:
        self.var, self.port = var, free_port()
        self.output = var.with_suffix(".out")
        program = "import gateway.cli; gateway.cli.main()"
        command = [sys.executable, "-c", program, "demo", "--var", str(var), "--port", str(self.port), *words]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    @property
    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text()

    def live(self) -> dict[str, object]:
        """What the board says now."""
        found: dict[str, object] = httpx.get(f"http://127.0.0.1:{self.port}/api/live").json()
        return found

    def wait_for(self, what: str, true: Callable[[], bool]) -> None:
        """Wait until `true()`; fails the test when the demo ends before, or takes too long."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not true():
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(f"no {what}; it printed:\n{self.text}")
            time.sleep(0.1)

    def wait_until_it_runs(self) -> None:
        self.wait_for("running city", lambda: f"http://127.0.0.1:{self.port}" in self.text)

    def children(self) -> dict[str, int]:
        """Process ids of the street and its twin."""
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        words = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in own}
        return {w[3].decode(): pid for pid, w in words.items() if len(w) > 3 and w[2] == b"simulators"}

    def end(self, number: int) -> int:
        """Send a signal, and wait a few seconds for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)


@contextmanager
def demo(var: Path, *words: str) -> Iterator[Demo]:
    running = Demo(var, *words)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_city_runs_until_it_is_told_to_stop_and_goes_on_later(tmp_path: Path, number: int) -> None:
    with demo(tmp_path / "var", "--no-twin") as first:
        first.wait_until_it_runs()
        first.wait_for("stored reading", lambda: first.live()["pipeline"]["stored"] > 0)  # type: ignore[index]
        began_ms = first.live()["now_ms"]
        assert first.end(number) == 0
        assert "Traceback" not in first.text
        assert "WARNING" not in first.text
    noted_ms = json.loads((tmp_path / "var" / "street" / "clock.json").read_text())["t"]
    assert noted_ms >= began_ms
    with demo(tmp_path / "var", "--no-twin", "--seconds", "1") as second:
        second.wait_until_it_runs()
        assert second.live()["now_ms"] > noted_ms  # type: ignore[operator]
        assert second.live()["pipeline"]["stored"] > 0  # type: ignore[index]
        assert second.process.wait(30) == 0


def test_a_killed_street_starts_again_with_its_twin(tmp_path: Path) -> None:
    with demo(tmp_path / "var") as running:
        running.wait_until_it_runs()
        before = running.children()
        assert set(before) == {"street", "twin"}
        os.kill(before["street"], signal.SIGKILL)
        running.wait_for(
            "new pair",
            lambda: len(now := running.children()) == 2 and not set(now.values()) & set(before.values()),
        )
        assert "street ended by itself (code -9)" in running.text
        assert running.end(signal.SIGINT) == 0


def test_nothing_outlives_a_killed_demo(tmp_path: Path) -> None:
    with demo(tmp_path / "var") as running:
        running.wait_until_it_runs()
        running.process.kill()
        running.process.wait()
    # the fixture nothing_left_behind now finds the broker, the street, the twin and the store gone
