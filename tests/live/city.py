"""How does a test run the production form on its own broker and store, with a simulated street beside it?"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "configs" / "demo.toml"
STREET = ROOT / "configs" / "streets" / "corridor"
START_MS = 1_790_000_000_000
QUIET_S = 4.0
PATIENCE_S = 90.0
STOP_S = 60.0

Live = dict[str, Any]


def simulators(*words: str | Path | int | float) -> list[str]:
    """The command line of one subcommand of the simulators."""
    return [sys.executable, "-m", "simulators", *map(str, words)]


def write_config(path: Path, broker_url: str, port: int, store: Mapping[str, object], enabled: bool) -> Path:
    """The demo city as a production file: this broker, this store, this port."""
    text = DEMO.read_text(encoding="utf-8")
    tail = text[text.index("[[sources]]") :]
    options = "\n".join(f"{key} = {_toml(value)}" for key, value in store.items())
    path.write_text(
        f"""
[city]
site = "demo"
[broker]
kind = "mqtt"
url = "{broker_url}"
[store]
{options}
[clock]
source = "street"
[control]
strategy = "max_pressure"
enabled = {str(enabled).lower()}
[board]
port = {port}
{tail}""",
        encoding="utf-8",
    )
    return path


class City:
    """`arterial run` in a process of its own, and what its board says."""

    def __init__(
        self, folder: Path, broker_url: str, store: Mapping[str, object], enabled: bool = True
    ) -> None:
        self.folder, self.port, self.broker_url = folder, free_port(), broker_url
        folder.mkdir(parents=True, exist_ok=True)
        self.config = write_config(folder / "city.toml", broker_url, self.port, store, enabled)
        self.output = folder / "run.out"
        self._build()
        self.start()

    def start(self) -> None:
        """Start the process; again after `stop`, on the same folder and with what its config says by then."""
        program = "import gateway.cli; gateway.cli.main()"
        words = ["run", "--config", str(self.config), "--var", str(self.folder / "var")]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *words], stdout=output, stderr=output
            )

    def live(self) -> Live:
        """What the board says now; an empty dict while it does not answer."""
        try:
            found: Live = httpx.get(f"http://127.0.0.1:{self.port}/api/live", timeout=10).json()
        except httpx.TransportError:
            return {}
        return found

    def use(self, strategy: str) -> None:
        """Switch every intersection."""
        url = f"http://127.0.0.1:{self.port}/api/strategy"
        httpx.post(url, json={"strategy": strategy}, timeout=10).raise_for_status()

    def until(self, what: str, true: Callable[[Live], bool], patience_s: float = PATIENCE_S) -> Live:
        """Wait until `true` of what the board says; fails the test when that takes too long."""
        deadline_s = time.monotonic() + patience_s
        while True:
            found = self.live()
            if found and true(found):
                return found
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(
                    f"no {what}; the board says {found or 'nothing'}\n{self.output.read_text()[-3000:]}"
                )
            time.sleep(0.1)

    def at_rest(self) -> Live:
        """What the board says once nothing waits and nothing has come for QUIET_S."""
        known, since_s = -1, time.monotonic()

        def quiet(live: Live) -> bool:
            nonlocal known, since_s
            if live["pipeline"]["received"] != known:
                known, since_s = live["pipeline"]["received"], time.monotonic()
            return settled(live) and time.monotonic() - since_s > QUIET_S

        return self.until("rest", quiet)

    @contextmanager
    def street(self, speed: float, *words: str | int) -> Iterator[subprocess.Popen[bytes]]:
        """The simulated street on this city's broker."""
        command = simulators(
            "street", "--config", DEMO, "--street", self.folder / "street", "--broker", self.broker_url
        )
        command += ["--speed", str(speed), "--start-ms", str(START_MS), *map(str, words)]
        with (self.folder / "street.out").open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            yield process
        finally:
            _end(process)

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C would, or by another signal; returns the exit code."""
        return _end(self.process, number)

    def _build(self) -> None:
        out = self.folder / "street"
        subprocess.run(simulators("build", "--street", STREET, "--out", out), check=True, timeout=60)


@contextmanager
def city(folder: Path, broker_url: str, store: Mapping[str, object], enabled: bool = True) -> Iterator[City]:
    """A running city, ended with the block."""
    running = City(folder, broker_url, store, enabled)
    try:
        yield running
    finally:
        running.stop()


def settled(live: Live) -> bool:
    """Whether the books balance with nothing waiting."""
    books = live["pipeline"]
    return bool(books["balanced"] and books["waiting"] == 0 and books["received"] > 0)


def modes(live: Live) -> set[str]:
    """The modes of all cabinets."""
    return {x["mode"] for x in live["intersections"].values()}


def children(pid: int, running: bytes) -> list[int]:
    """Process ids of the children of a process whose command line has `running` in it (Linux)."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and running in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def kill(pid: int) -> None:
    """End a process as a crash would."""
    os.kill(pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def _toml(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )
