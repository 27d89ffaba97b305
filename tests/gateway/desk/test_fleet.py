"""Is every quarter of an hour measured once it is over, again when events come late, and summed up right?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from collectors.reading import Reading
from gateway.desk.bins import binned
from gateway.desk.desk import Desk
from gateway.desk.fleet import FIELDS, fleet, line
from gateway.desk.fleet_route import told
from gateway.desk.measuring import Logged
from gateway.desk.roller import KIND, SETTLE_NS, Roller
from gateway.reports.channels import of_city
from signal_control.eventlog import BIN_NS
from signal_control.measures.arrivals_on_green import arrivals_on_green
from signal_control.measures.phase_termination import phase_termination
from signal_control.measures.split_failures import split_failures
from storage.connect import connect
from storage.store import Store
from tests.bench.desk_city import city, fill

START_MS = 1_790_000_100_000 // 900_000 * 900_000
START_NS = START_MS * 1_000_000
HOUR_NS = 4 * BIN_NS
TWO = city(2)


class Street:
    """A store with an hour of two intersections, and a roller whose clock a test sets."""

    def __init__(self, store: Store) -> None:
        self.store, self.desk, self.now_ns = store, Desk(TWO, store), START_NS
        self.offered: list[Reading] = []
        self.roller = Roller(self.desk, "bench", self.take, lambda: self.now_ns)

    def take(self, readings: Sequence[Reading]) -> None:
        self.offered += readings

    async def catch_up(self, now_ns: int) -> list[Reading]:
        """What is measured when it is `now_ns`; the store has it afterwards."""
        self.offered, self.now_ns = [], now_ns
        await self.roller.catch_up()
        await self.store.write(self.offered, 0)
        return self.offered


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    store = await connect("duckdb", {}, tmp_path)
    await fill(store, TWO, START_MS, 1.0)
    made = Street(store)
    yield made
    made.desk.close()
    await store.close()


async def test_a_bin_is_measured_once_when_it_is_over(street: Street) -> None:
    assert await street.catch_up(START_NS + BIN_NS) == []
    first = await street.catch_up(START_NS + BIN_NS + SETTLE_NS)
    assert [(r.device, r.at_ns) for r in first] == [("s001", START_NS), ("s002", START_NS)]
    assert await street.catch_up(START_NS + BIN_NS + SETTLE_NS + 1) == []
    rest = await street.catch_up(START_NS + HOUR_NS + SETTLE_NS)
    assert [r.at_ns for r in rest if r.device == "s001"] == [START_NS + i * BIN_NS for i in (1, 2, 3)]


async def test_the_table_says_what_the_measures_of_the_whole_log_say(street: Street) -> None:
    await street.catch_up(START_NS + HOUR_NS + SETTLE_NS)
    span = (START_NS, START_NS + HOUR_NS)
    (found, _) = await fleet(street.store, TWO, span, street.roller.over_ns())
    log = await street.store.events("s001", *span)
    columns = (log.at_ns, log.code, log.param)
    aog = arrivals_on_green(*columns, of_city(TWO, "advance")["s001"])
    split = split_failures(*columns, of_city(TWO, "presence")["s001"])
    ended = phase_termination(*columns)
    arrivals = sum(c.total for c in aog)
    assert found.arrivals == arrivals > 0
    assert found.on_green == pytest.approx(sum(c.on_green * c.total for c in aog) / arrivals, abs=1e-3)
    assert abs(found.cycles - sum(c.cycles for c in split)) <= 2  # the last bin sees no more than the log
    assert found.split_failures == sum(c.failures for c in split)
    outs = sum(c.total for c in ended if c.cause == "gap_out")
    assert found.gap_out == pytest.approx(outs / sum(c.total for c in ended), abs=1e-3)
    assert (found.bins, found.complete, found.until_ns) == (4, 1.0, span[1])
    assert found.detectors == len(TWO[0].detectors)


async def test_events_that_come_late_are_counted_within_the_hour(street: Street) -> None:
    await street.catch_up(START_NS + HOUR_NS + SETTLE_NS)
    late = [
        Reading("hires", "bench", "s001", START_NS + n * 1_000_000, {"code": 5, "param": 1}, tie=n)
        for n in range(20)
    ]
    await street.store.write(late, 0)
    again = await street.catch_up(START_NS + 2 * HOUR_NS + SETTLE_NS + 1)
    assert [(r.device, r.at_ns, r.tie) for r in again] == [("s001", START_NS, 1)]
    (found, _) = await fleet(street.store, TWO, (START_NS, START_NS + BIN_NS), street.roller.over_ns())
    assert found.max_out is not None
    assert found.max_out > 0.2
    assert found.bins == 1


async def test_an_older_day_is_measured_when_somebody_asks(street: Street) -> None:
    later = START_NS + 40 * HOUR_NS
    assert await street.catch_up(later) == []
    span_ms = (START_MS, START_MS + 3_600_000)
    empty = await told(street.desk, street.roller, *span_ms)
    assert empty["measuring"]
    assert [one["bins"] for one in empty["lines"]] == [0, 0]
    assert len(await street.catch_up(later)) == 8
    full = await told(street.desk, street.roller, *span_ms)
    assert not full["measuring"]
    assert [one["bins"] for one in full["lines"]] == [4, 4]


def test_a_bin_without_data_is_not_complete() -> None:
    found = binned(Logged("s001", b"", b"", b""), TWO[0], [START_NS])
    assert found[START_NS]["events"] == 0
    assert not found[START_NS]["complete"]


def test_of_two_readings_of_a_bin_the_last_counts() -> None:
    old, new = (dict.fromkeys(FIELDS, 0) | {"vehicles": n, "complete": True} for n in (5, 7))
    rows = [(START_NS, *old.values()), (START_NS + 1, *new.values())]
    found = line(TWO[0], rows, 2)
    assert (found.vehicles, found.bins, found.complete) == (7, 1, 0.5)
    assert KIND == "signal_bin"
