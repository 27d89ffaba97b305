"""Is the clock of a device measured in spite of late and wild readings, and is a flag where it is due?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.quality import Flag
from collectors.reading import Reading
from collectors.skew import AHEAD_MS, DEVICES, LATE_S, NOTED, WINDOW_NS, Clocks, Skew

NOW_NS = 1_790_000_000_000_000_000
MS = 1_000_000
MINUTE_NS = 60_000 * MS
LATE_NS = int(LATE_S * 1e9)


def reading(delay_ms: float, at: int = NOW_NS, kind: str = "water", device: str = "w-1") -> Reading:
    """One that came at `at`, `delay_ms` after its own time."""
    return Reading(kind, "demo", device, at - round(delay_ms * MS), {"v": 1.0}, {}, 0, at)


def told(clocks: Clocks, *delays_ms: float, at: int = NOW_NS) -> None:
    for n, delay in enumerate(delays_ms):
        clocks.marked([reading(delay, at + n * 1000 * MS)])


def test_before_two_readings_nothing_is_known() -> None:
    clocks = Clocks()
    told(clocks, 5_000)
    assert clocks.skew_ms("demo", "w-1") is None
    assert clocks.worst(3) == []


@pytest.mark.parametrize("behind_ms", [0, 45_000, -45_000, 3_600_000])
def test_a_clock_is_measured_by_its_quickest_readings(behind_ms: int) -> None:
    clocks = Clocks()
    told(clocks, *(behind_ms + way for way in (900, 40, 7_000, 55, 300)))
    assert clocks.skew_ms("demo", "w-1") == -behind_ms - 55


def test_one_wild_time_says_nothing() -> None:
    clocks = Clocks()
    told(clocks, 40, 50, -80_000_000, 45)
    assert clocks.skew_ms("demo", "w-1") == -40


def test_a_backlog_does_not_look_like_a_wrong_clock() -> None:
    clocks = Clocks()
    told(clocks, 40, 50)
    told(clocks, *range(7_200_000, 3_600_000, -60_000), at=NOW_NS + MINUTE_NS)
    assert clocks.skew_ms("demo", "w-1") == -50


@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000])
def test_a_jump_of_a_device_clock_is_seen_within_two_windows(jump_ms: int) -> None:
    clocks = Clocks()
    told(clocks, 40, 50)
    for n in range(1, 3):
        told(clocks, 40 + jump_ms, 45 + jump_ms, at=NOW_NS + n * (WINDOW_NS + 1))
    assert clocks.skew_ms("demo", "w-1") == pytest.approx(-jump_ms, abs=50)


def test_a_clock_of_ours_that_runs_back_does_not_stop_the_measurement() -> None:
    clocks = Clocks()
    told(clocks, 40, 50)
    told(clocks, 60, 70, at=NOW_NS - 100 * MINUTE_NS)
    told(clocks, 80, 90, at=NOW_NS - 80 * MINUTE_NS)
    assert clocks.skew_ms("demo", "w-1") == -70


@pytest.mark.parametrize(
    ("delay_ms", "flags"),
    [
        (0, 0),
        (LATE_S * 1000 - 1, 0),
        (LATE_S * 1000, Flag.LATE),
        (10**10, Flag.LATE),
        (1 - AHEAD_MS, 0),
        (-AHEAD_MS, Flag.CLOCK),
    ],
)
def test_late_and_future_readings_are_flagged_and_others_are_not(delay_ms: float, flags: int) -> None:
    given_ = [reading(delay_ms), reading(0)]
    found = Clocks().marked(given_)
    assert [r.quality for r in found] == [flags, 0]
    assert [(r.at_ns, r.fields, r.received_ns) for r in found] == [
        (r.at_ns, r.fields, r.received_ns) for r in given_
    ]
    assert (found is given_) == (not flags)


def test_flags_do_not_depend_on_what_came_before() -> None:
    clocks = Clocks()
    told(clocks, 40, 3_600_000, 3_600_000)
    assert clocks.marked([reading(3_600_000)]) == Clocks().marked([reading(3_600_000)])


def test_what_is_late_is_for_the_kind_to_say() -> None:
    clocks = Clocks({"water": 86_400, "gas": 10, "hires": 0})
    assert clocks.marked([reading(3_600_000)])[0].quality == 0
    assert clocks.marked([reading(10_000, kind="gas", device="g-1")])[0].quality == Flag.LATE
    assert clocks.marked([reading(10**10, kind="hires", device="x1")])[0].quality == 0


@given(
    st.integers(-10 * AHEAD_MS, 10 * int(LATE_S * 1000)), st.sampled_from([{}, {"water": 30.0}, {"water": 0}])
)
def test_what_needs_no_look_has_no_flag(delay_ms: int, late_s: dict[str, float]) -> None:
    clocks = Clocks(late_s)
    first_ms, last_ms = clocks.ordinary_ms(NOW_NS)
    one = reading(delay_ms)
    if first_ms <= one.at_ns // MS <= last_ms:
        assert clocks.marked([one])[0].quality == 0


def test_the_worst_come_first_in_both_directions() -> None:
    clocks = Clocks()
    for device, delay in (("a", 40), ("b", -5_000), ("c", 90_000), ("d", 1_000)):
        for n in range(2):
            clocks.marked([reading(delay, NOW_NS + n, device=device)])
    assert clocks.worst(2) == [Skew("demo", "c", -90_000), Skew("demo", "b", 5_000)]


def test_of_many_readings_some_are_noted_and_all_in_turn() -> None:
    clocks = Clocks()
    rounds = [list(clocks.sampled(1_000)) for _ in range(1_000 // NOTED + 1)]
    assert max(map(len, rounds)) <= NOTED
    assert sorted(place for noted in rounds for place in noted) == list(range(1_000))
    assert list(clocks.sampled(NOTED - 1)) == list(range(NOTED - 1))


def test_memory_is_bounded_by_forgetting() -> None:
    clocks = Clocks()
    for n in range(DEVICES + 10):
        clocks.note("demo", f"w-{n}", NOW_NS // MS, NOW_NS)
    assert clocks.known == 10
    clocks.forget()
    assert clocks.known == 0
