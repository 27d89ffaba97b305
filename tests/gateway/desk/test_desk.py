"""Does the desk answer what the measure says, keep it while it holds, and say what may be asked?"""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

from collectors.reading import Reading
from gateway.board.server import build
from gateway.desk.catalog import catalog, find
from gateway.desk.desk import KEPT_S, Desk
from gateway.desk.measure_route import add_measures
from gateway.desk.measuring import Logged, Question, answered
from gateway.desk.workbench import DeskError
from gateway.reports.channels import of_city
from signal_control.eventlog import BIN_NS
from signal_control.street import street_through
from storage.connect import connect
from storage.store import Store
from tests.bench.desk_city import city, fill
from tests.gateway.desk.test_views import City

START_MS = 1_790_000_100_000 // 900_000 * 900_000
HOURS = 0.75
SPAN = (START_MS * 1_000_000, (START_MS + 1_800_000) * 1_000_000)
TWO = city(2)


class Watch:
    """A clock that a test sets."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Three quarters of an hour of two neighbours."""
    found = await connect("duckdb", {}, tmp_path)
    await fill(found, TWO, START_MS, HOURS)
    yield found
    await found.close()


async def logged(store: Store, id_: str, begin: int = 0, end: int = 1 << 62) -> Any:
    found = await store.events(id_, begin, end)
    return found.at_ns, found.code, found.param


def plain(body: bytes) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(gzip.decompress(body))
    return told


def rows_of(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows with their words and ns again."""
    columns = []
    for name, values in answer["columns"].items():
        words = answer["words"].get(name)
        columns.append([words[v] for v in values] if words else values)
    return list(zip(*columns, strict=True))


async def test_it_answers_what_the_measure_says_of_the_whole_log(store: Store) -> None:
    desk = Desk(TWO, store)
    try:
        answer = plain(await desk.measure("split-monitor", "s001", *_ms()))
    finally:
        desk.close()
    expected = find("split_monitor").module.split_monitor(*await logged(store, "s001"))
    inside = [cell for cell in expected if SPAN[0] <= cell.start_ns < SPAN[1]]
    assert answer["rows"] == len(inside) > 0
    assert [row[0] for row in rows_of(answer)] == [cell.start_ns // 1_000_000 for cell in inside]
    assert answer["columns"]["average_s"] == [pytest.approx(cell.average_s, abs=1e-4) for cell in inside]
    assert answer["log"]["s001"]["events"] > 500


def _ms() -> tuple[int, int]:
    return SPAN[0] // 1_000_000, SPAN[1] // 1_000_000


@pytest.fixture(scope="module")
def in_memory() -> list[Logged]:
    """The same logs without a store."""
    from tests.bench.synthetic_day import day

    found = []
    for i, x in enumerate(TWO):
        rows = day(x, START_MS, i + 1, HOURS)
        columns = (rows[:, 0] * 1_000_000, rows[:, 1], rows[:, 2])
        found.append(Logged(x.id, *(np.ascontiguousarray(c).tobytes() for c in columns)))
    return found


@pytest.mark.parametrize("name", catalog())
def test_every_measure_and_study_is_answered(name: str, in_memory: list[Logged]) -> None:
    found = find(name)
    channels = of_city(TWO, found.detectors) if found.detectors else {}
    stops = street_through(TWO, "s001") if found.street else []
    logs = in_memory if found.street else in_memory[:1]
    asked = Question(name, "s001", SPAN, BIN_NS)
    answer = plain(answered(asked, logs, {x.id: x for x in TWO}, channels, stops))
    assert answer["rows"] or name in ("communications", "splits", "preemption", "programmed_splits")
    assert {len(column) for column in answer["columns"].values()} <= {answer["rows"]}
    if found.has_each:
        each = plain(answered(asked._replace(each=True), logs, {}, channels, stops))
        assert each["rows"] > 0


async def test_an_answer_holds_until_newer_events_or_five_minutes(store: Store) -> None:
    watch = Watch()
    desk = Desk(TWO, store, watch)
    words = ("phase_termination", "s001", START_MS, START_MS + 3_600_000)
    try:
        first = await desk.measure(*words)
        assert await desk.measure(*words) == first
        assert desk.hits == 1
        newer = Reading("hires", "bench", "s001", (START_MS + 3_500_000) * 1_000_000, {"code": 5, "param": 2})
        await store.write([newer], 0)
        second = plain(await desk.measure(*words))
        assert desk.hits == 1
        assert sum(second["columns"]["total"]) == sum(plain(first)["columns"]["total"]) + 1
        watch.now_s = KEPT_S + 1
        await desk.measure(*words)
        assert desk.hits == 1
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("words", "why", "status"),
    [
        (("pdc", "s001", 0, 1), r"no measure named 'pdc'; there are: actuations, .*wait_time", 404),
        (("pcd", "s009", 0, 1), "no intersection named 's009'.*; there are: s001, s002", 404),
        (("pcd", "s001", 5, 5), "from 5 must be before to 5", 422),
        (("pcd", "s001", 0, 3 * 86_400_000), "72 h are too long for purdue.*; at most 48 h", 422),
        (("aog", "s001", 0, 1, 7), "bins of 7 minutes; there are: 5, 15, 30, 60", 422),
        (("aog", "s001", 0, 1, 15, True), "arrivals_on_green has no single happenings", 422),
    ],
)
async def test_what_cannot_be_asked_names_the_choices(
    store: Store, words: tuple[Any, ...], why: str, status: int
) -> None:
    with pytest.raises(DeskError, match=why) as caught:
        await Desk(TWO, store).measure(*words)
    assert caught.value.status == status


async def test_it_answers_over_http(store: Store) -> None:
    desk = Desk(TWO, store)
    board = build(City())
    add_measures(board, desk)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(board), base_url="http://127.0.0.1:8321")
    query: dict[str, Any] = {"name": "pcd", "at": "s001", "from_ms": _ms()[0], "to_ms": _ms()[1]}
    try:
        answer = await client.get("/api/desk/measure", params=query)
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.json()["rows"] > 100
        bare = await client.get("/api/desk/measure", params=query, headers={"accept-encoding": "identity"})
        assert bare.json() == answer.json()
        refused = await client.get("/api/desk/measure", params=query | {"at": "zz"})
        assert refused.status_code == 404
        assert "there are: s001, s002" in refused.json()["error"]
        listed = (await client.get("/api/desk/measures")).json()
        assert {one["name"] for one in listed} == set(catalog())
        found = (await client.get("/api/desk/intersection", params={"at": "s002"})).json()
        assert found["plan"]["cycle_s"] == TWO[1].plan.cycle_s
    finally:
        desk.close()
        await client.aclose()


def test_the_traffic_a_left_turn_meets_is_that_of_the_other_side() -> None:
    found = of_city(TWO[:1], "opposing")["s001"]
    at_stop = {d.channel: d.lane for d in TWO[0].detectors if d.role == "stop"}
    ways = {phase: {at_stop[c].split("_")[1] for c in channels} for phase, channels in found.items()}
    assert ways == {2: {"wb"}, 6: {"eb"}, 4: {"sb"}, 8: {"nb"}}
