"""What reaches the lights when the store, the broker or the devices misbehave? Nothing that should not."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from tests.live.brokers import LiveBroker
from tests.live.city import City, Live, children, city, kill, modes, settled, simulators
from tests.live.conftest import need
from tests.live.influx_server import influxd
from tests.live.ports import free_port

pytestmark = [pytest.mark.live, pytest.mark.city]

SPEED = 5
SAVED_S = 3.0
"""A killed mosquitto forgets sessions younger than about two seconds, ours included."""


@pytest.fixture
def embedded(tmp_path: Path, nats: LiveBroker) -> Iterator[City]:
    """A city on the embedded pair."""
    with city(tmp_path / "city", nats.url, {"kind": "duckdb"}) as running:
        yield running


def greens(live: Live) -> dict[str, list[str]]:
    """What is green at each intersection."""
    return {
        name: [p for p, phase in x["phases"].items() if phase["color"] == "green"]
        for name, x in live["intersections"].items()
    }


def commanded(live: Live) -> bool:
    """Whether every cabinet has just reported that it obeys."""
    fresh = all(x["age_s"] < 3 * SPEED for x in live["intersections"].values())
    return fresh and modes(live) == {"remote"}


CHANGE_S = 30.0
"""A cycle at SPEED takes less: then some green must have changed."""


def lights_go_on(running: City, seconds: float) -> None:
    """Watch the board: for `seconds` every cabinet stays commanded, decisions are fresh, greens change."""
    seen: list[object] = []
    began_s = time.monotonic()
    while (passed_s := time.monotonic() - began_s) < seconds or not _changed(seen):
        assert passed_s < seconds + CHANGE_S, f"no green has changed for {passed_s:.0f} s"
        live = running.live()
        assert modes(live) == {"remote"}
        assert all(x["decision"]["serve"] for x in live["intersections"].values())
        assert all(
            live["now_ms"] - x["decision"]["at_ms"] < 3000 * SPEED for x in live["intersections"].values()
        )
        seen.append(greens(live))
        time.sleep(0.25)


def _changed(seen: list[object]) -> bool:
    return any(a != b for a, b in pairwise(seen))


def test_a_dead_influxdb_does_not_touch_the_lights(tmp_path: Path, mosquitto: LiveBroker) -> None:
    need("influxd")
    port = free_port()
    with ExitStack() as stack:
        store = stack.enter_context(ExitStack())
        url = store.enter_context(influxd(tmp_path / "influx", port))
        options = {"kind": "influx", "url": url, "database": "city"}
        running = stack.enter_context(city(tmp_path / "city", mosquitto.url, options))
        stack.enter_context(running.street(SPEED))
        running.until("control", lambda live: modes(live) == {"remote"})
        store.close()
        running.until("store down", lambda live: live["pipeline"]["store"]["state"] == "down")
        lights_go_on(running, 10)
        assert running.live()["pipeline"]["waiting"] > 0
        stack.enter_context(influxd(tmp_path / "influx", port))
        running.until("store back", lambda live: live["pipeline"]["store"]["state"] == "ok")
        running.until("caught up", lambda live: live["pipeline"]["store"]["lag_s"] < 3)
        assert running.live()["pipeline"]["balanced"]


def test_a_killed_duckdb_comes_back_and_has_everything_once(embedded: City) -> None:
    with embedded.street(SPEED, "--seconds", 200):
        embedded.until("control", lambda live: modes(live) == {"remote"})
        for _ in range(3):
            (store,) = children(embedded.process.pid, b"storage.duck_process")
            kill(store)
            lights_go_on(embedded, 3)
        embedded.until("end of the street", lambda live: live["clock"]["age_s"] > 5)
    last = embedded.until("balance", settled)
    assert last["pipeline"]["duplicate"] == 0
    assert last["pipeline"]["refused"] == 0


def test_without_a_broker_cabinets_go_local_and_control_resumes_by_itself(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    with city(tmp_path / "city", mosquitto.url, {"kind": "duckdb"}) as running, running.street(SPEED):
        running.until("control", lambda live: modes(live) == {"remote"})
        time.sleep(SAVED_S)
        killed_ms = running.live()["now_ms"]
        mosquitto.kill()
        running.until("broker down", lambda live: live["pipeline"]["broker"]["state"] == "down")
        time.sleep(20 / SPEED)
        mosquitto.restart()
        running.until("control again", lambda live: live["now_ms"] > killed_ms + 60_000 and commanded(live))
        lights_go_on(running, 5)
        local = _local_since(running, killed_ms)
    assert local, "no cabinet ran its local plan while the broker was away"
    assert min(local.values()) <= 12_000, f"ms from the kill to the local plan: {local}"


def _local_since(running: City, killed_ms: int) -> dict[str, int]:
    """Milliseconds of street time from the kill to the first local mode of each cabinet, from the store."""
    import duckdb

    running.until("caught up", lambda live: live["pipeline"]["store"]["lag_s"] < 2)
    running.stop()
    with duckdb.connect(str(running.folder / "var" / "arterial.duckdb"), read_only=True) as db:
        rows = db.execute(
            "SELECT device, min(time_ns) // 1000000 FROM signal"
            " WHERE mode = 'local' AND time_ns > ? GROUP BY device",
            [killed_ms * 1_000_000],
        ).fetchall()
    return {device: at_ms - killed_ms for device, at_ms in rows}


def test_garbage_is_counted_by_reason_and_harms_nobody(embedded: City) -> None:
    from simulators.faults import garbage

    expected = Counter(str(g.reason) for g in garbage("demo"))
    with embedded.street(SPEED):
        embedded.until("control", lambda live: modes(live) == {"remote"})
        subprocess.run(simulators("garbage", "--broker", embedded.broker_url), check=True, timeout=60)
        live = embedded.until(
            "refusals", lambda live: live["pipeline"]["refused"] >= sum(expected.values()), patience_s=30
        )
        assert live["pipeline"]["refused_by_reason"] == dict(expected)
        assert live["pipeline"]["refused"] == sum(expected.values())
        newest = live["pipeline"]["recent_refused"][0]
        assert newest["topic"]
        assert newest["detail"]
        lights_go_on(embedded, 5)
        before = embedded.live()["pipeline"]["stored"]
        embedded.until("flow", lambda live: live["pipeline"]["stored"] > before + 100)
        assert embedded.live()["pipeline"]["balanced"]


def test_the_switch_changes_what_the_cabinets_do(embedded: City) -> None:
    with embedded.street(SPEED):
        embedded.until("control", lambda live: modes(live) == {"remote"})
        for strategy in ("fixed_time", "max_pressure", "webster"):
            embedded.use(strategy)
            embedded.until(
                strategy,
                lambda live, s=strategy: all(  # type: ignore[misc]
                    x["decision"] and x["decision"]["strategy"] == s and x["mode"] == "remote"
                    for x in live["intersections"].values()
                ),
            )
            lights_go_on(embedded, 4)
