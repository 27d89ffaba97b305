"""How do live tests get a broker of their own, and how do they kill it?"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from gateway.programs.broker_programs import BrokerKind, BrokerMissing, find, write_config
from tests.live.ports import free_port

PATIENCE_S = 20.0
_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x05\x00\x05probe"


class LiveBroker:
    """A broker on a free port of 127.0.0.1 that remembers its sessions under `directory`."""

    def __init__(self, kind: BrokerKind, directory: Path) -> None:
        self.kind, self._program = find(kind)
        self.port = free_port()
        self._config = write_config(kind, directory / "broker", self.port, free_port())
        self._log = directory / f"{kind}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return once it accepts a client; fails the test when it does not."""
        self._start()
        self._wait(_greets)

    def kill(self) -> None:
        """End it as a power cut would: no goodbye, nothing saved."""
        self._end(kill=True)

    def restart(self) -> None:
        """Start it again on the same port with what it remembers; ends it cleanly before when it runs."""
        self._end()
        self.start()

    def reconfigure(self, change: Callable[[str], str]) -> None:
        """Change the text of its configuration and start it again."""
        self._end()
        self._config.write_text(change(self._config.read_text(encoding="utf-8")), encoding="utf-8")
        self._start()
        self._wait(_answers)

    def stop(self) -> None:
        """End it cleanly."""
        self._end()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", self._config], stdout=log, stderr=log)

    def _wait(self, there: Callable[[int], bool]) -> None:
        assert self._process is not None
        deadline_s = time.monotonic() + PATIENCE_S
        while not there(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(f"{self.kind} did not start:\n{self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def _end(self, kill: bool = False) -> None:
        if self._process is None:
            return
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextmanager
def broker(kind: BrokerKind, directory: Path) -> Iterator[LiveBroker]:
    """A running broker; the test is skipped when the program is missing, and fails then when CI=true."""
    try:
        live = LiveBroker(kind, directory)
    except BrokerMissing as error:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(str(error))
    live.start()
    try:
        yield live
    finally:
        live.stop()


def mosquitto(directory: Path) -> AbstractContextManager[LiveBroker]:
    """`with mosquitto(tmp_path) as broker: broker.url`"""
    return broker("mosquitto", directory)


def nats(directory: Path) -> AbstractContextManager[LiveBroker]:
    """`with nats(tmp_path) as broker: broker.url`"""
    return broker("nats", directory)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(_CONNECT)
            return client.recv(4)[:1] == b"\x20"
    except OSError:
        return False


def _answers(port: int) -> bool:
    """Whether anything listens there, for brokers that ask for TLS."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True
