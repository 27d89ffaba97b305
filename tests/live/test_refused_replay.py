"""Do payloads of a kind that nobody had declared become readings after the fix, and do the books balance?"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from storage.refused import Ledger, Refused
from tests.live.brokers import LiveBroker
from tests.live.city import City, Live, city, kill, settled

pytestmark = [pytest.mark.live, pytest.mark.city]

DEVICES, EACH = 20, 15
SENT = DEVICES * EACH
START_MS = 1_790_000_000_000
SOURCE = """
[[sources]]
topic = "arterial/{site}/lake/{device}"
kind = "water"
"""


def publish(broker: LiveBroker, messages: list[tuple[str, bytes]]) -> None:
    """Send at QoS 1, and return once the broker has everything."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="lake")
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for info in [client.publish(topic, payload, 1) for topic, payload in messages]:
        info.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def many(n: int) -> list[tuple[str, bytes]]:
    """Numbered readings of one lake, one a second."""
    rows = [json.dumps({"t": START_MS + 1000 * i, "volume_m3": i}).encode() for i in range(n)]
    return [("arterial/demo/lake/l-000", row) for row in rows]


def lake() -> list[tuple[str, bytes]]:
    """Numbered readings on topics that the city does not know, and one payload that is none."""
    found = [
        (f"arterial/demo/lake/l-{d:03}", json.dumps({"t": START_MS + 1000 * n, "volume_m3": n}).encode())
        for n in range(EACH)
        for d in range(DEVICES)
    ]
    return [*found, ("arterial/demo/lake/l-000", b"{broken")]


def command(running: City, *words: str) -> list[str]:
    """`arterial refused` as a person runs it, in a process of its own."""
    program = "import gateway.cli; gateway.cli.main()"
    return [sys.executable, "-c", program, "refused", *words, "--var", str(running.folder / "var")]


def refused(running: City, *words: str) -> tuple[int, str]:
    """Its exit code, and everything it printed."""
    done = subprocess.run(command(running, *words), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def fixed(text: str) -> str:
    """The city file with a source for the lake."""
    place = text.index("[[sources]]")
    return text[:place] + SOURCE.lstrip() + text[place:]


def stored(running: City) -> list[tuple[str, int]]:
    """Device and time of everything of the kind, from the file of a city that is stopped."""
    with duckdb.connect(str(running.folder / "var" / "arterial.duckdb"), read_only=True) as db:
        return db.execute("SELECT device, time_ns // 1000000 FROM water ORDER BY 1, 2").fetchall()


def books(live: Live) -> tuple[int, ...]:
    """received, stored, refused, duplicate, waiting of the lake: what `arterial` itself adds is left out."""
    kinds = live["pipeline"]["books"]
    rows = [kinds[kind] for kind in ("water", "unknown") if kind in kinds]
    columns = ("received", "stored", "refused", "duplicate", "waiting")
    return tuple(sum(row[column] for row in rows) for column in columns)


def everything() -> list[tuple[str, int]]:
    return sorted((f"l-{d:03}", START_MS + 1000 * n) for d in range(DEVICES) for n in range(EACH))


def _assert_scraped(running: City) -> None:
    """One scrape adds up, and knows what became of the refused; those refused twice count twice."""
    text = httpx.get(f"http://127.0.0.1:{running.port}/metrics", timeout=10).text
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    found = {name: sum(s.value for s in samples if s.name == name) for name in {s.name for s in samples}}
    columns = ("stored_total", "refused_total", "duplicate_total", "waiting")
    assert found["arterial_readings_received_total"] >= 2 * SENT
    assert found["arterial_readings_received_total"] == sum(found[f"arterial_readings_{c}"] for c in columns)
    assert found["arterial_books_balanced"] == 1
    assert found["arterial_refused_payloads_settled_total"] == 2 * SENT
    assert found["arterial_refused_payloads_kept"] == 3


def _assert_status(running: City) -> None:
    """`arterial status` shows the kind, adds the books up and ends with 0."""
    program = "import gateway.cli; gateway.cli.main()"
    words = ["status", "--url", f"http://127.0.0.1:{running.port}"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "water" in done.stdout
    assert " waiting: ok" in " ".join(done.stdout.split())


Send = Callable[[City], tuple[int, str]]


def _through_mqtt(running: City) -> tuple[int, str]:
    return refused(running, "replay", "--config", str(running.config))


def _handed_over(running: City) -> tuple[int, str]:
    return refused(running, "replay")


@pytest.mark.parametrize("send", [_through_mqtt, _handed_over], ids=["mqtt", "handed"])
def test_everything_is_stored_after_the_fix(tmp_path: Path, mosquitto: LiveBroker, send: Send) -> None:
    with city(tmp_path / "city", mosquitto.url, {"kind": "duckdb"}, enabled=False) as running:
        running.until("broker", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        publish(mosquitto, lake())
        live = running.until("refusals", lambda live: live["pipeline"]["refused"] == SENT + 1)
        assert books(live) == (SENT + 1, 0, SENT + 1, 0, 0)
        code, text = send(running)
        assert (code, f"unknown_topic {SENT + 1}" in text) == (1, True), "the city has not learned it yet"
        live = running.until("refusals", lambda live: live["pipeline"]["refused"] == 2 * SENT + 2)
        code, text = refused(running, "list")
        assert f"refused {2 * SENT + 2} = kept {2 * SENT + 2} + accepted later 0" in text

        running.stop()
        running.config.write_text(fixed(running.config.read_text(encoding="utf-8")), encoding="utf-8")
        running.start()
        running.until("broker", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        code, text = send(running)
        assert code == 1
        assert f"accepted {SENT}\n" in text
        assert "refused again 1: malformed 1" in text
        live = running.until("balance", lambda live: settled(live) and live["pipeline"]["stored"] >= SENT)
        # the odd one stays; every arrival counts: refused, refused again, read
        assert books(live) == (3 * SENT + 3, SENT, 2 * SENT + 3, 0, 0)
        _assert_scraped(running)
        _assert_status(running)
        code, text = refused(running, "list")
        assert f"kept 3 + accepted later {2 * SENT} + purged 0 + evicted 0" in text
        assert running.stop() == 0
        assert stored(running) == everything()


def test_what_was_published_while_arterial_was_away_is_accepted_at_its_start(
    tmp_path: Path, mosquitto: LiveBroker
) -> None:
    with city(tmp_path / "city", mosquitto.url, {"kind": "duckdb"}, enabled=False) as running:
        running.until("broker", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        publish(mosquitto, lake()[:40])
        running.until("refusals", lambda live: live["pipeline"]["refused"] == 40)
        running.stop()
        code, text = refused(running, "replay", "--config", str(running.config), "--wait", "1")
        assert (code, "not answered yet 40" in text) == (1, True)
        running.config.write_text(fixed(running.config.read_text(encoding="utf-8")), encoding="utf-8")
        running.start()
        running.until("balance", lambda live: settled(live) and books(live)[1] == 40)
        code, text = refused(running, "list")
        assert "= kept 0 + accepted later 40 " in text
        code, text = refused(running, "replay", "--config", str(running.config))
        assert (code, text) == (0, "accepted 0\n")


@pytest.mark.parametrize("through", ["mqtt", "handed"])
def test_a_crash_in_the_middle_of_a_replay_loses_nothing(
    tmp_path: Path, mosquitto: LiveBroker, through: str
) -> None:
    n = 2000
    with city(tmp_path / "city", mosquitto.url, {"kind": "duckdb"}, enabled=False) as running:
        running.until("broker", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        publish(mosquitto, many(n))
        running.until("refusals", lambda live: live["pipeline"]["refused"] == n)
        running.stop()
        running.config.write_text(fixed(running.config.read_text(encoding="utf-8")), encoding="utf-8")
        running.start()
        running.until("broker", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        words = ["replay", "--wait", "60", *(["--config", str(running.config)] if through == "mqtt" else [])]
        replay = subprocess.Popen(command(running, *words), stdout=subprocess.PIPE, text=True)
        files = Refused(running.folder / "var" / "refused.sqlite")
        for share in (n // 6, n // 2):
            _until(lambda share=share: files.ledger().accepted >= share)  # type: ignore[misc]
            kill(running.process.pid)
            running.process.wait(20)
            assert files.ledger().kept > 0, "killed too late to prove anything"
            running.start()
        assert replay.communicate(timeout=120)[0] == f"accepted {n:,}\n"
        assert replay.returncode == 0
        live = running.until("balance", lambda live: settled(live) and books(live)[1] == n)
        assert live["pipeline"]["balanced"]
        assert files.ledger() == Ledger(refused=n, accepted=n)
        files.close()
        running.stop()
        assert stored(running) == [("l-000", START_MS + 1000 * i) for i in range(n)]


def _until(true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
