"""A person at a real browser reads the running city and switches it; the cabinets follow."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.brokers import LiveBroker
from tests.live.city import City, Live, city, modes, simulators
from tests.live.conftest import need
from tests.ui.browser import Browser

pytestmark = [pytest.mark.live, pytest.mark.city]

SPEED = 5


@pytest.fixture
def browser() -> Iterator[Browser]:
    need("chromium")
    with Browser() as running:
        yield running


@pytest.fixture
def running(tmp_path: Path, nats: LiveBroker) -> Iterator[City]:
    """A commanded city on the embedded pair."""
    with city(tmp_path / "city", nats.url, {"kind": "duckdb"}) as started, started.street(SPEED):
        started.until("control", lambda live: modes(live) == {"remote"})
        yield started


def decided_by(live: Live) -> set[str]:
    return {x["decision"]["strategy"] for x in live["intersections"].values() if x["decision"]}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shows_the_running_city_and_switches_it(running: City, browser: Browser, width: int) -> None:
    browser.open(f"http://127.0.0.1:{running.port}/", width=width)
    browser.until("document.body?.dataset.connection === 'open'")
    assert browser.js("document.documentElement.scrollWidth") <= width
    assert decided_by(running.live()) == {"max_pressure"}

    browser.js("document.querySelector('#use-fixed').click()")
    browser.until("document.querySelector('#use-fixed').getAttribute('aria-pressed') === 'true'")
    live = running.until("fixed time", lambda live: decided_by(live) == {"fixed_time"})
    assert modes(live) == {"remote"}
    browser.until("document.querySelector('#running').textContent === 'Fixed time'")

    browser.js("document.querySelector('#use-adaptive').click()")
    running.until("adaptive", lambda live: decided_by(live) == {"max_pressure"})
    browser.until("document.querySelector('#running').textContent === 'Max pressure'")
    assert browser.complaints() == []


def test_the_page_tells_the_reasons_and_the_refused(running: City, browser: Browser) -> None:
    subprocess.run(simulators("garbage", "--broker", running.broker_url), check=True, timeout=60)
    browser.open(f"http://127.0.0.1:{running.port}/")
    browser.until("document.querySelectorAll('.refused-list li').length > 4")
    assert browser.text("#balance") == "The books balance"
    reasons: list[str] = [
        str(x["decision"]["reason"]) for x in running.live()["intersections"].values() if x["decision"]
    ]
    assert all(reason.endswith(".") for reason in reasons)
    shown: Any = browser.until("document.querySelector('li[data-intersection=x1]')?.textContent")
    assert "Harbour Street" in shown
