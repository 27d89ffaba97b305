"""Do payloads of a kind that nobody had declared become readings after the fix, and do the books balance?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.live.brokers import LiveBroker
from tests.live.city import City, Live, city, settled

pytestmark = pytest.mark.live

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


def lake() -> list[tuple[str, bytes]]:
    """Numbered readings on topics that the city does not know, and one payload that is none."""
    found = [
        (f"arterial/demo/lake/l-{d:03}", json.dumps({"t": START_MS + 1000 * n, "volume_m3": n}).encode())
        for n in range(EACH)
        for d in range(DEVICES)
    ]
    return [*found, ("arterial/demo/lake/l-000", b"{broken")]


def refused(running: City, *words: str) -> tuple[int, str]:
    """`arterial refused` as a person runs it, in a process of its own."""
    program = "import gateway.cli; gateway.cli.main()"
    command = [sys.executable, "-c", program, "refused", *words, "--var", str(running.folder / "var")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
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
