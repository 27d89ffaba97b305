"""What do the page tests share? A board over a fake city on a free port, and one headless Chromium."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parent))

from browser import CHROMIUM, Browser
from fake_city import FakeCity

from gateway.access.door import Access
from gateway.alarms.route import add_alarms
from gateway.board.server import build


@dataclass
class Board:
    """A running board; `city` is what it shows."""

    url: str
    city: FakeCity
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        """Stop serving; returns when the port is free again."""
        self.server.should_exit = True
        self.thread.join(15)


@pytest.fixture
def board() -> Iterator[Callable[..., Board]]:
    """Starts boards over a fake city in the given state, and stops them afterwards."""
    started: list[Board] = []

    def start(state: str, access: Access | None = None) -> Board:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        city = FakeCity(state)
        app = build(city, operate=city.operate, access=access)
        add_alarms(app, city.alarms)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        started.append(Board(f"http://127.0.0.1:{listening.getsockname()[1]}/", city, server, thread))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session; skipped without Chromium, unless CI says that it must be there."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Browser:
    """The browser with nothing remembered and nothing to complain of yet."""
    chromium.call("Page.navigate", url="about:blank")
    chromium.until("location.href === 'about:blank'")
    chromium.events.clear()
    return chromium
