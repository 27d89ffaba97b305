"""Does every question of every Grafana board get an answer from a real InfluxDB that the demo city filled?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.grafana.files import files
from tests.live.brokers import LiveBroker
from tests.live.city import City, city

pytestmark = pytest.mark.live

EMPTY_IS_GOOD = {
    *("Reports in flash", "Steps of the ladder", "Leaks, m³/h", "Readings with a flag"),
    "Devices and feeds that are not well, or were",
    *("Used in a quarter hour, m³", "Energy in a quarter hour"),  # after two quarter hours
    *("Full soonest, h", "Fill rate, share a day"),  # after six hours
    "Reports in backup (local plan)",
    "Raised with priority 1",
    "Raised an hour, by rule",
    "What happened to alarms",
}
HOURS_NS = 12 * 3600 * 10**9
SPEED = 20


def _questions() -> list[tuple[str, str]]:
    """(board and panel, InfluxQL) of every panel, mark and variable."""
    found = []
    for name, text in files().items():
        if not name.startswith("dashboards/"):
            continue
        board = json.loads(text)
        for panel in board["panels"]:
            asked = [t["query"] for t in panel["targets"] if "query" in t]
            found += [(f"{board['title']}: {panel['title']}", query) for query in asked]
        found += [(f"{board['title']}: marks", mark["query"]) for mark in board["annotations"]["list"]]
        found += [(f"{board['title']}: variable", v["query"]) for v in board["templating"]["list"]]
    return found


def _asked(query: str, now_ns: int) -> str:
    span = f"time > {now_ns - HOURS_NS} AND time < {now_ns + HOURS_NS}"
    filled = query.replace("$timeFilter", span).replace("$__interval", "1m").replace("$intersection", ".*")
    assert "$" not in filled.replace("$/", ""), filled
    return filled


def _rows(url: str, query: str) -> list[list[Any]]:
    answer = httpx.get(f"{url}/query", params={"db": "city", "q": query, "epoch": "ns"}, timeout=30).json()
    (result,) = answer["results"]
    assert "error" not in result, f"{result.get('error')}: {query}"
    rows = [row for series in result.get("series", ()) for row in series["values"]]
    return [row for row in rows if any(value is not None for value in row[1:])]


def test_every_panel_of_every_board_has_data(tmp_path: Path, mosquitto: LiveBroker, influxdb: str) -> None:
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with city(tmp_path / "city", mosquitto.url, store) as running:
        with running.street(SPEED):
            running.until("control", lambda live: all(x["decision"] for x in live["intersections"].values()))
            running.use("max_pressure")
            kinds = (
                "change",
                "queue",
                "decision",
                "pipeline",
                "water",
                "power",
                "gas",
                "waste",
                "street",
                "audit",
            )
            running.until("every kind", lambda live: all(k in live["pipeline"]["kinds"] for k in kinds))
            now_ns = _wait_for_greens(running)
        running.at_rest()
    rows: dict[str, int] = {}
    for where, query in _questions():
        rows[where] = rows.get(where, 0) + len(_rows(influxdb, _asked(query, now_ns)))
    unanswered = [w for w, n in rows.items() if not n and w.split(": ")[1] not in EMPTY_IS_GOOD]
    assert unanswered == []
    assert len(rows) > 40
    for rule in json.loads(files()["provisioning/alerting/rules.yaml"])["groups"][0]["rules"]:
        _rows(influxdb, _asked(rule["data"][0]["model"]["query"], now_ns))


def _wait_for_greens(running: City) -> int:
    """City time once greens have ended for every cause that a cabinet under our command has, ns."""
    begun = running.live()["now_ms"]
    live = running.until("six minutes", lambda live: live["now_ms"] - begun > 360_000)
    return int(live["now_ms"]) * 1_000_000
