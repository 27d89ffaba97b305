"""Is what a counter says of use right, whatever happens to the counter?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.batch import Batch
from collectors.judge.judge import Judge
from collectors.judge.rules import Other
from collectors.reading import Reading
from tests.collectors.judge.judged import MINUTE_MS, T_MS, UNHURRIED, every, flags, said


def used(readings: Sequence[Reading], judge: Judge | None = None) -> list[Reading]:
    """The consumption that follows."""
    found = (judge or Judge()).judge(Batch(readings))
    return [r for r in found.derived if r.kind == "consumption"]


def amounts(readings: Sequence[Reading]) -> list[float]:
    return [round(float(r.fields["volume_m3"]), 6) for r in used(readings)]


@pytest.mark.parametrize(
    ("counts", "said_of_them"),
    [
        ([5, 5.1, 5.09, 5.1, 5.2], [[]] * 5),
        ([500, 500.1, 1500, 500.2, 500.3], [[], [], ["rate"], [], []]),
        ([500, 500.1, 0, 0.1, 0.2, 0.3], [[], [], ["reset"], [], [], []]),
        ([500, 500.1, 0, 500.2], [[], [], ["reset"], []]),
        ([500, 120, 120.1, 120.2, 120.3], [[], ["rate"], ["rate"], ["reset"], []]),
        ([500, 9000, 9000.1, 9000.2, 9000.3], [[], ["rate"], ["rate"], ["reset"], []]),
        ([99_999.9, 99_999.95, 0.05, 0.1], [[], [], ["rollover"], []]),
        ([9_999.9, 0.05, 0.1], [[], ["rollover"], []]),
        ([50_000, 0.05, 0.1, 0.2], [[], ["reset"], [], []]),
        ([500, 450, 500.2, 440, 500.3], [[], ["rate"], [], ["rate"], []]),
    ],
)
def test_what_happens_to_a_counter_has_its_flag(counts: list[float], said_of_them: list[list[str]]) -> None:
    assert flags(every("water", "volume_m3", counts)) == said_of_them


def test_the_last_digit_may_be_declared() -> None:
    readings = list(every("water", "volume_m3", [999.9, 0.1, 0.2]))
    assert flags(readings) == [[], ["reset"], []]
    declared = Other("water", "volume_m3", {"turns_at": 1000.0}, ("d-#",))
    assert flags(readings, Judge(others=[declared])) == [[], ["rollover"], []]


def test_a_connection_that_takes_more_is_known_to() -> None:
    slow = [n * 0.001 for n in range(200)]
    assert flags(every("water", "volume_m3", [*slow, 0.2 + 5, 0.2 + 5.01]))[-2] == ["rate"]
    fast = [n * 1.0 for n in range(200)]
    assert not any(flags(every("water", "volume_m3", [*fast, 199 + 5, 199 + 6])))


def test_a_connection_that_begins_to_take_more_is_believed_after_three_readings() -> None:
    counts = [*(n * 0.001 for n in range(200)), *(0.2 + n * 4.0 for n in range(1, 40))]
    readings = list(every("water", "volume_m3", counts))
    found = flags(readings)
    assert found[200:] == [["rate"], ["rate"], *[[]] * 37]
    assert sum(amounts(readings)) == pytest.approx(counts[225], abs=0.001)


def test_use_is_told_for_each_quarter_hour_on_the_line_between_readings() -> None:
    readings = list(every("water", "volume_m3", [n * 0.06 for n in range(7)], minutes=10))
    assert amounts(readings) == [0.09] * 4
    assert [r.at_ns // 10**6 - T_MS for r in used(readings)] == [n * 900_000 for n in (1, 2, 3, 4)]


def test_use_after_a_gap_is_told_as_one_and_marked() -> None:
    before = list(every("water", "volume_m3", [n * 0.01 for n in range(31)]))
    after = list(
        every("water", "volume_m3", [0.9 + n * 0.01 for n in range(31)], start_ms=T_MS + 90 * MINUTE_MS)
    )
    found = used([*before, *after])
    marked = [r for r in found if r.quality & 64]
    assert [r.fields["interval_s"] for r in marked] == [3600.0]
    assert sum(float(r.fields["volume_m3"]) for r in found) == pytest.approx(1.2 - 0.0)


def test_use_over_an_event_is_never_negative_and_marked() -> None:
    counts = [*(500 + n * 0.01 for n in range(20)), *(n * 0.01 for n in range(40))]
    found = used(list(every("water", "volume_m3", counts)))
    assert all(float(r.fields["volume_m3"]) >= 0 for r in found)
    assert [bool(r.quality & 128) for r in found] == [False, True, False][: len(found)]
    assert sum(float(r.fields["volume_m3"]) for r in found) < 1


def test_two_counters_of_one_meter_tell_two_readings_that_stay_apart() -> None:
    readings = [
        said("heat", T_MS + n * 10 * MINUTE_MS, energy_kwh=n * 1.0, volume_m3=n * 0.1) for n in range(5)
    ]
    found = used(readings)
    assert len({r.key_ns for r in found}) == len(found) == 4
    assert {r.tags["of"] for r in found} == {"heat"}


def test_a_counter_that_stands_for_weeks_is_told() -> None:
    readings = every("water", "volume_m3", [5.0] * 400, minutes=60)
    found = flags(readings)
    assert found[: 14 * 24] == [[]] * (14 * 24)
    assert found[-1] == ["stuck"]


steps = st.lists(st.tuples(st.floats(0, 0.1), st.integers(1, 40)), min_size=2, max_size=60)


@UNHURRIED
@given(steps, st.integers(0, 3_600_000))
def test_without_events_use_is_what_the_counter_gained(
    found: list[tuple[float, int]], offset_ms: int
) -> None:
    t, count, readings = T_MS + offset_ms, 100.0, []
    for gain, minutes in found:
        t, count = t + minutes * MINUTE_MS, count + gain
        readings.append(said("water", t, volume_m3=count))
    told = used(readings)
    assert not any(r.quality & ~64 for r in told)
    rows = [(r.at_ns // 10**6, float(r.fields["volume_m3"]), float(r.fields["interval_s"])) for r in told]
    if not rows:
        return
    first_ms = rows[0][0] - rows[0][2] * 1000
    gained = at(readings, rows[-1][0]) - at(readings, first_ms)
    assert sum(row[1] for row in rows) == pytest.approx(gained, abs=1e-6)
    assert all(a[0] == b[0] - b[2] * 1000 for a, b in pairwise(rows))


def at(readings: Sequence[Reading], t_ms: float) -> float:
    """The counter at an instant, on the line between readings."""
    points = [(r.at_ns / 10**6, float(r.fields["volume_m3"])) for r in readings]
    for (t0, v0), (t1, v1) in pairwise(points):
        if t0 <= t_ms <= t1:
            return v0 + (v1 - v0) * (t_ms - t0) / (t1 - t0)
    raise AssertionError(t_ms)


@UNHURRIED
@given(st.lists(st.one_of(st.floats(0, 1e9), st.sampled_from([0.0, 0.01, 99_999.9, 1e5])), max_size=40))
def test_use_is_never_negative_whatever_the_counter_says(counts: list[float]) -> None:
    for reading in used(list(every("water", "volume_m3", counts, minutes=7))):
        assert float(reading.fields["volume_m3"]) >= 0
