"""Do flags leave values alone, and mean the same for a batch, for one reading after the other, and again?"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collectors.batch import Batch
from collectors.judge.book import Book
from collectors.judge.columns import group_columns, packed
from collectors.judge.judge import Judge, KeptJudge
from collectors.judge.rules import Other, bounded, check
from collectors.plugins import kinds
from collectors.reading import Reading
from tests.collectors.judge.judged import (
    MINUTE_MS,
    T_MS,
    UNHURRIED,
    as_records,
    by_key,
    every,
    flags,
    quick,
    said,
)

numbers = st.one_of(st.floats(0, 1e5, width=32), st.sampled_from([0.0, 0.5, 230.0, 99_999.9]))


@st.composite
def stories(draw: st.DrawFn, kind: str = "water") -> list[Reading]:
    """What some devices say: mostly in order, some of it late, again, or after a gap."""
    found: list[Reading] = []
    t = T_MS
    for _ in range(draw(st.integers(1, 60))):
        t += draw(st.sampled_from([0, 1000, MINUTE_MS, MINUTE_MS, MINUTE_MS, -MINUTE_MS, 90 * MINUTE_MS]))
        fields = {
            "volume_m3": draw(numbers),
            "flow_m3_h": draw(st.one_of(st.none(), numbers)),
            "battery_v": 3.6,
        }
        found.append(said(kind, t, draw(st.sampled_from(["a", "b"])), **fields))
    return found


def once(readings: list[Reading]) -> list[Reading]:
    """As ingest lets them through: each device and instant once."""
    return list({(r.device, r.at_ns): r for r in reversed(readings)}.values())[::-1]


@given(stories())
@UNHURRIED
def test_flags_stand_beside_values_that_stay_as_they_are(readings: list[Reading]) -> None:
    found = Judge().judge(Batch(readings))
    kept = [r for r in found.batch if r.kind == "water"]
    assert [(r.device, r.at_ns, r.fields, r.tags, r.received_ns) for r in kept] == [
        (r.device, r.at_ns, r.fields, r.tags, r.received_ns) for r in readings
    ]


@given(stories().map(once), st.integers(1, 20))
@UNHURRIED
def test_a_batch_means_what_its_readings_mean_one_by_one(readings: list[Reading], size: int) -> None:
    whole = by_key(Judge().judge(Batch(readings)))
    judge, parts = Judge(), {}
    for start in range(0, len(readings), size):
        parts |= by_key(judge.judge(Batch(readings[start : start + size])))
    assert parts == whole


@given(stories().map(once))
@UNHURRIED
def test_records_in_columns_mean_what_readings_mean(readings: list[Reading]) -> None:
    assert by_key(Judge().judge(as_records(readings))) == by_key(Judge().judge(Batch(readings)))


@given(stories().map(once))
@UNHURRIED
def test_compiled_code_says_what_python_says(readings: list[Reading]) -> None:
    assert by_key(quick().judge(Batch(readings))) == by_key(Judge().judge(Batch(readings)))


@given(stories().map(once), st.data())
@UNHURRIED
def test_a_message_that_comes_again_changes_nothing(readings: list[Reading], data: st.DataObject) -> None:
    judge, found = Judge(), list[int]()
    first: dict[tuple[str, int], int] = {}
    for n, reading in enumerate(readings):
        (told,) = judge.judge(Batch([reading])).batch.plain[:1]
        first[reading.device, reading.at_ns] = told.quality
        found.append(told.quality)
        now_ns = max(r.received_ns for r in readings[: n + 1])
        same = judge.judge(Batch([replace(reading, received_ns=now_ns)]))
        newest = max(r.at_ns for r in readings[: n + 1] if r.device == reading.device) == reading.at_ns
        assert not same.derived
        assert same.batch.plain[0].quality == told.quality or not newest
        older = data.draw(st.sampled_from(readings[: n + 1]))
        again = judge.judge(Batch([replace(older, received_ns=now_ns)])).batch.plain[0].quality
        assert again & ~first[older.device, older.at_ns] == 0
    undisturbed = [r.quality for r in Judge().judge(Batch(readings)).batch if r.kind == "water"]
    assert found == undisturbed


@given(stories())
@UNHURRIED
def test_what_is_known_survives_a_restart(readings: list[Reading]) -> None:
    readings = once(readings)
    half = len(readings) // 2
    whole = Judge().judge(Batch(readings)), Judge()
    before, after = whole[1], Judge()
    parts = by_key(before.judge(Batch(readings[:half])))
    after.take(msgspec.msgpack.decode(msgspec.msgpack.encode(before.kept()), type=KeptJudge))
    parts |= by_key(after.judge(Batch(readings[half:])))
    assert parts == by_key(whole[0])


def test_a_process_that_hears_only_a_part_says_nothing_of_gaps_and_derives_nothing() -> None:
    readings = [
        *every("water", "volume_m3", range(30)),
        *every("water", "volume_m3", [30.0], 1, T_MS + 10**8),
    ]
    found = Judge(whole=False).judge(Batch(readings))
    assert not found.derived
    assert not any(reading.quality for reading in found.batch)


def test_what_is_known_of_devices_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.judge.book.SERIES", 40)
    book = Book("water")
    for n in range(100):
        slots = book.slots([("demo", f"d-{n}", 0), ("demo", "always", 0)])
        book.series[slots, 1] = n
    assert len(book) <= 40
    assert ("demo", "always", 0) in book.keys
    assert ("demo", "d-99", 0) in book.keys
    assert ("demo", "d-3", 0) not in book.keys


@pytest.mark.parametrize("lacking", [[], ["battery_v"], ["battery_v", "flow_m3_h"]])
@pytest.mark.parametrize("n", [1, 15, 16, 300])
def test_columns_are_cut_out_of_what_the_spool_keeps(lacking: list[str], n: int) -> None:
    names = ("volume_m3", "flow_m3_h", "battery_v")
    readings = [
        said("water", T_MS + i, f"d-{i}", **{name: i / 8 for name in names if name not in lacking})
        for i in range(n)
    ]
    (group,) = as_records(readings).groups
    columns = dict(zip((*group.typed.fields, "t"), group_columns(packed(group)), strict=True))
    assert columns["t"].tolist() == [T_MS + i for i in range(n)]
    assert columns["volume_m3"].tolist() == [i / 8 for i in range(n)]
    assert all((columns[name] != columns[name]).all() for name in lacking)


def test_devices_may_have_bounds_of_their_own() -> None:
    hot = Other("waste", "temperature_c", {"high": 100.0}, ("b-kiln*",))
    judge = Judge(others=[hot])
    readings = [said("waste", T_MS, device, fill=0.1, temperature_c=90.0) for device in ("b-1", "b-kiln1")]
    assert flags(readings, judge) == [["range"], []]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (Other("watr", "", {}), "no kind with bounds named 'watr'; there are: .*water"),
        (
            Other("water", "flow", {}),
            "no field of kind 'water' with bounds named 'flow'; there are: flow_m3_h",
        ),
        (
            Other("water", "volume_m3", {"high": 1.0}),
            "no bound of water.volume_m3 named 'high'; there are: dip",
        ),
        (Other("water", "volume_m3", {"dip": 1.0}, ("w/1",)), "no device is called 'w/1'"),
    ],
)
def test_a_rule_that_means_nothing_is_answered_with_the_choices(other: Other, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check(other)


@pytest.mark.parametrize("kind", [name for name in kinds() if bounded(name)])
def test_the_bounds_of_a_kind_lie_within_what_is_possible(kind: str) -> None:
    found = bounded(kind)
    assert found is not None
    for name, bound in found.gauges.items():
        low, high = kinds()[kind].fields[name].span
        assert bound.low == float("-inf") or low <= bound.low < bound.high
        assert bound.high == float("inf") or bound.high <= high
        assert not bound.moves or bound.moves in found.counters
