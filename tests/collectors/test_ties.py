"""Do readings of one message that share an instant all keep a place of their own, the same one every time?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reading import Reading
from collectors.source import Source
from collectors.ties import told_apart
from collectors.times import TimeUnit

NOW_NS = 1_760_000_000_000_000_000
T = 1_754_000_000_000


def read(records: object, unit: TimeUnit = "ms") -> list[Reading]:
    source = Source("{site}/{device}", "json", "water", time_unit=unit)
    return source.readings("demo", "w-1", json.dumps(records).encode(), NOW_NS)


def water(volume: float, t: int = T) -> dict[str, float]:
    return {"t": t, "volume_m3": volume}


def test_two_records_of_one_instant_get_two_places() -> None:
    assert [r.tie for r in read([water(1), water(2), water(3, T + 1), water(4)])] == [0, 1, 0, 2]


def test_the_same_message_gives_the_same_places_again() -> None:
    records = [water(1), water(2), water(1), water(3)]
    assert read(records) == read(records)


def test_a_record_said_twice_is_one_reading() -> None:
    keys = [r.key_ns for r in read([water(1), water(2), water(1)])]
    assert keys[0] == keys[2] != keys[1]


def test_single_records_are_left_alone() -> None:
    assert read(water(1))[0].tie == read([water(1)])[0].tie == 0


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), max_size=30))
def test_different_readings_never_share_a_place(rows: list[tuple[int, int, int]]) -> None:
    readings = [Reading("water", "s", "d", at * 10**6, {"v": value}, {}, tie) for at, value, tie in rows]
    placed = told_apart(readings)
    assert [(r.at_ns, r.fields) for r in placed] == [(r.at_ns, r.fields) for r in readings]
    by_place = {r.key_ns: r.fields for r in placed}
    assert all(by_place[r.key_ns] == r.fields for r in placed)


@pytest.mark.parametrize(
    ("unit", "t"), [("s", T // 1000), ("us", T * 1000), ("ns", T * 10**6), ("auto", T // 1000)]
)
def test_a_source_reads_its_unit_on_both_ways(unit: TimeUnit, t: int) -> None:
    (short,), (long,) = read(water(1, t), unit), read([water(1, t)], unit)
    assert short == long
    assert short.at_ns == T * 10**6


def test_a_device_without_a_clock_gets_the_time_of_receipt() -> None:
    assert [r.at_ns for r in read([{"volume_m3": 1}, water(2, 0)], "arrival")] == [NOW_NS, NOW_NS]


def test_a_unit_is_refused_for_a_kind_that_keeps_its_times_to_itself() -> None:
    with pytest.raises(ValueError, match="time_unit 's': the records of kind 'hires' have no single `t`"):
        Source("{site}/{device}", "json", "hires", time_unit="s")
