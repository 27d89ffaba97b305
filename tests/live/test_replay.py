"""Does a real log come through MQTT into a store without losing, merging or inventing an event?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from gateway.replay.log_replay import Outcome
from gateway.replay.session import ReplayOptions, run
from gateway.reports.arrivals import advance_channels, arrivals, stored
from storage.store import Store
from tests.live.brokers import LiveBroker

pytestmark = pytest.mark.live

EVENTS = 246_413
DUPLICATE_ROWS = 496
LOG = "atspm/tests/hires_test_data.parquet"
DETECTORS = "atspm/tests/configs_test_data.parquet"
EXPECTED = "atspm/tests/precalculated/arrival_on_green.parquet"

SharedData = Callable[[str], Path]

CITY = """
[city]
site = "riverside"
[broker]
url = "{broker}"
[store]
kind = "influx"
url = "{store}"
database = "arterial"
[[sources]]
topic = "arterial/{{site}}/hires/{{device}}"
kind = "hires"
"""


async def replay(log: Path, var: Path, config: Path | None = None) -> Outcome:
    return await run(ReplayOptions(log, var, config), Console(quiet=True))


def in_the_file(log: Path) -> Counter[tuple[int, str, int, int]]:
    """The events of the log as a multiset of (ms, device, code, parameter), read by DuckDB alone."""
    query = (
        "SELECT epoch_ms(TimeStamp::TIMESTAMP), DeviceId::VARCHAR, EventId, Parameter FROM read_parquet(?)"
    )
    return Counter(duckdb.execute(query, [str(log)]).fetchall())


async def in_the_store(store: Store) -> Counter[tuple[int, str, int, int]]:
    found: Counter[tuple[int, str, int, int]] = Counter()
    for device in await store.devices("hires"):
        events = await store.events(device, 0, 2**62)
        rows = zip(events.at_ns.tolist(), events.code.tolist(), events.param.tolist(), strict=True)
        found.update((at_ns // 1_000_000, device, code, param) for at_ns, code, param in rows)
    return found


async def expect_everything(shared_data: SharedData, var: Path, config: Path | None = None) -> None:
    """The store holds the multiset of the file, and arrivals on green agree cell by cell."""
    wanted = in_the_file(shared_data(LOG))
    assert wanted.total() == EVENTS
    assert wanted.total() - len(wanted) == DUPLICATE_ROWS
    async with stored(config, var) as store:
        assert await store.count("hires") == EVENTS
        assert await in_the_store(store) == wanted
        rows = await arrivals(store, advance_channels(shared_data(DETECTORS)))
    columns = "epoch_ns(TimeStamp), DeviceId::VARCHAR, Phase, Total_Actuations, Percent_AOG"
    query = f"SELECT {columns} FROM read_parquet(?)"
    expected = sorted(duckdb.execute(query, [str(shared_data(EXPECTED))]).fetchall())
    assert len(expected) == 96
    assert [row[:4] for row in rows] == [row[:4] for row in expected]
    assert [row.on_green for row in rows] == pytest.approx([row[4] for row in expected], abs=2e-6)


async def test_the_embedded_pair_holds_exactly_the_log_also_after_a_second_run(
    shared_data: SharedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.programs.broker_programs.find_mosquitto", lambda: None)
    log = shared_data(LOG)
    outcome = await replay(log, tmp_path)
    assert (tmp_path / "broker" / "nats").is_dir()
    assert outcome.complete
    assert outcome.books == {
        "received": EVENTS,
        "stored": EVENTS,
        "refused": 0,
        "duplicate": 0,
        "waiting": 0,
    }
    await expect_everything(shared_data, tmp_path)
    again = await replay(log, tmp_path)
    assert (again.complete, again.books["stored"], again.books["duplicate"]) == (True, 0, EVENTS)
    await expect_everything(shared_data, tmp_path)


async def test_mosquitto_and_influxdb_hold_exactly_the_log(
    shared_data: SharedData, tmp_path: Path, mosquitto: LiveBroker, influxdb: str
) -> None:
    config = tmp_path / "city.toml"
    config.write_text(CITY.format(broker=mosquitto.url, store=influxdb))
    outcome = await replay(shared_data(LOG), tmp_path / "var", config)
    assert outcome.complete
    assert (outcome.books["received"], outcome.books["refused"]) == (EVENTS, 0)
    await expect_everything(shared_data, tmp_path / "var", config)
