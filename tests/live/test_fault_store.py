"""Is anything lost or stored twice when the store is away, fails, refuses or hangs?"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live.brokers import LiveBroker
from tests.live.city import Live
from tests.live.conftest import need
from tests.live.influx_server import influxd
from tests.live.moody_store import (
    Answer,
    Mood,
    MoodyStore,
    fails,
    hangs,
    moody_store,
    partial,
    poisoned,
    too_large,
)
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import Plant, count_influx, in_influx, plant
from tests.live.ports import free_port

pytestmark = pytest.mark.live

RATE = 800.0
LINE = "water,device=w-0001 volume_m3=499.0 1"


@pytest.fixture
def moody() -> Iterator[MoodyStore]:
    with moody_store() as store:
        yield store


def fed(tmp_path: Path, broker: LiveBroker, store: MoodyStore, mood: Mood, timeout_s: float = 15) -> Plant:
    """A plant on a store that is in `mood` from the first write on."""
    store.mood = mood
    return Plant(
        tmp_path,
        broker.url,
        {"kind": "influx", "url": store.url, "database": "city", "timeout_s": timeout_s},
    )


def keeps(store: MoodyStore, lines: list[str]) -> Answer:
    return store.keep(lines)


def store_is(live: Live, state: str) -> bool:
    return bool(live["pipeline"]["store"]["state"] == state)


@pytest.mark.parametrize("away_s", [5.0, pytest.param(300.0, marks=pytest.mark.slow)])
def test_a_store_that_is_away_for_a_while_gets_everything(
    tmp_path: Path, mosquitto: LiveBroker, away_s: float
) -> None:
    need("influxd")
    port = free_port()
    with ExitStack() as stack:
        server = stack.enter_context(ExitStack())
        url = server.enter_context(influxd(tmp_path / "influx", port))
        store = {"kind": "influx", "url": url, "database": "city"}
        running = stack.enter_context(plant(tmp_path, mosquitto.url, store))
        sending = stack.enter_context(publisher(mosquitto.url, RATE))
        running.until("flow", lambda live: live["pipeline"]["stored"] > 500)
        server.close()
        running.until("store down", lambda live: store_is(live, "down"))
        time.sleep(away_s)
        live = running.live()
        assert live["pipeline"]["waiting"] > away_s * RATE / 10
        assert live["pipeline"]["store"]["why"]
        assert live["pipeline"]["balanced"]
        stack.enter_context(influxd(tmp_path / "influx", port))
        published = sending.stop()
        live = running.settle(published.sent, lambda: count_influx(url))
        assert verdict(published, in_influx(url)) == Verdict(0, 0)
        assert live["pipeline"]["kinds"]["water"] == published.sent


def test_a_store_that_fails_hangs_and_recovers_gets_everything_once(
    tmp_path: Path, mosquitto: LiveBroker, moody: MoodyStore
) -> None:
    running = fed(tmp_path, mosquitto, moody, fails(503, 2), timeout_s=1)
    try:
        with publisher(mosquitto.url, RATE) as sending:
            for mood in (fails(503, 2), fails(500), keeps, fails(429), hangs, keeps):
                moody.mood = mood
                asked = len(moody.asked_s)
                running.until("two attempts", lambda _, n=asked: len(moody.asked_s) >= n + 2)  # type: ignore[misc]
                if mood is not keeps:
                    live = running.until("store down", lambda live: store_is(live, "down"))
                    assert live["pipeline"]["balanced"]
            published = sending.stop()
        live = running.settle(published.sent, lambda: len(moody.rows))
    finally:
        assert running.stop() == 0
    assert verdict(published, moody.numbers()) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == 0
    assert moody.asked_s[1] - moody.asked_s[0] >= 2, "the pause that the store asked for"


def test_a_line_that_the_store_refuses_does_not_cost_its_neighbours(
    tmp_path: Path, mosquitto: LiveBroker, moody: MoodyStore
) -> None:
    moody.poison = lambda number: number % 500 == 499
    running = fed(tmp_path, mosquitto, moody, partial(400))
    try:
        with publisher(mosquitto.url, RATE) as sending:
            for mood in (partial(400), partial(422), poisoned(500), too_large(60)):
                moody.mood = mood
                status = mood(MoodyStore(poison=lambda _: True), [LINE] * 61)[0]
                running.until("that answer", lambda _, s=status: s in moody.statuses)  # type: ignore[misc]
                running.flows(1000)
            moody.mood = partial(400)
            published = sending.stop()
        poison = {n for n in published.numbers if moody.poison(n)}
        live = running.settle(published.sent - len(poison), lambda: len(moody.rows))
    finally:
        running.stop()
    assert verdict(published, moody.numbers(), poison) == Verdict(0, 0)
    assert live["pipeline"]["refused"] == len(poison)
    assert live["pipeline"]["refused_by_reason"] == {"rejected_by_store": len(poison)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_told_to_stop_during_a_flush_stops_and_loses_nothing(
    tmp_path: Path, mosquitto: LiveBroker, moody: MoodyStore, number: int
) -> None:
    running = fed(tmp_path, mosquitto, moody, hangs, timeout_s=30)
    with publisher(mosquitto.url, RATE) as sending:
        running.until("waiting", lambda live: live["pipeline"]["waiting"] > RATE)
        assert moody.asked_s, "nothing is being written"
        began_s = time.monotonic()
        assert running.stop(number) == 0
        assert time.monotonic() - began_s < 20
        moody.mood = keeps
        running.start()
        published = sending.stop()
    running.settle(published.sent, lambda: len(moody.rows))
    assert running.stop() == 0
    assert verdict(published, moody.numbers()) == Verdict(0, 0)
