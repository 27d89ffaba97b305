"""The same street through mosquitto and InfluxDB, and through the embedded pair: the same counts in both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.config.settings import load
from storage.connect import connect
from tests.live.brokers import LiveBroker
from tests.live.city import City, city, settled

pytestmark = [pytest.mark.live, pytest.mark.city]

DEVICES = ("hires", "signal", "water", "power", "gas", "waste")
"""Kinds that the street publishes at QoS 1. With control switched off a seed fixes every one of them."""
SECONDS = 150


async def _counts(running: City) -> dict[str, int]:
    """Readings of each kind in the store, counted by the store itself."""
    settings = load(running.config)
    store = await connect(settings.store.kind, settings.store.settings, running.folder / "var")
    try:
        return {kind: await store.count(kind) for kind in DEVICES}
    finally:
        await store.close()


def _run(folder: Path, broker: LiveBroker, store: Mapping[str, object]) -> tuple[City, dict[str, Any]]:
    """The street for SECONDS; returns the city (stopped) and its last word."""
    with city(folder, broker.url, store, enabled=False) as running:
        running.until("board", lambda live: live["pipeline"]["broker"]["state"] == "connected")
        with running.street(20, "--seconds", SECONDS) as street:
            assert street.wait(120) == 0
        last = running.at_rest()
        return running, last


async def test_both_pairs_hold_the_same_readings(
    tmp_path: Path, mosquitto: LiveBroker, nats: LiveBroker, influxdb: str
) -> None:
    influx = {"kind": "influx", "url": influxdb, "database": "city"}
    pairs = {"served": (mosquitto, influx), "embedded": (nats, {"kind": "duckdb"})}
    counts = {}
    for name, (broker, store) in pairs.items():
        running, last = _run(tmp_path / name, broker, store)
        assert last["pipeline"]["refused"] == 0
        counts[name] = await _counts(running)
        for kind, n in counts[name].items():
            assert n == last["pipeline"]["kinds"][kind], f"{name}: {kind}"
    assert counts["served"] == counts["embedded"]
    assert all(counts["served"].values()), counts


def _fields(url: str, measurement: str) -> set[str]:
    answer = httpx.get(
        f"{url}/query", params={"db": "city", "q": f'SHOW FIELD KEYS FROM "{measurement}"'}
    ).json()
    return {row[0] for row in answer["results"][0]["series"][0]["values"]}


def test_estimates_decisions_and_books_are_stored_too(
    tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    store = {"kind": "influx", "url": influxdb, "database": "city"}
    with city(tmp_path / "city", mosquitto.url, store) as running:
        with running.street(10):
            running.until("control", lambda live: all(_commanded(x) for x in live["intersections"].values()))
            kinds = ("queue", "decision", "pipeline", "truth", "street")
            running.until("own readings", lambda live: all(k in live["pipeline"]["kinds"] for k in kinds))
        running.until("balance", settled)
    assert {"queue_veh", "sd_veh", "age_s"} <= _fields(influxdb, "queue")
    assert {"strategy", "serve", "reason"} <= _fields(influxdb, "decision")
    assert {"received", "stored", "refused"} <= _fields(influxdb, "pipeline")


def _commanded(intersection: dict[str, Any]) -> bool:
    return intersection["mode"] == "remote" and bool(intersection["decision"]["reason"])
