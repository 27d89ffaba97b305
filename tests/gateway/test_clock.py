"""Does the city's clock follow the street, and never run backwards?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import BadClock, FollowedClock, StepWatch, SystemClock
from signal_control.safety_rules import MAX_STATE_AGE_S

SECOND_NS = 1_000_000_000


class Wall:
    """Wall time that a test moves."""

    def __init__(self) -> None:
        self.ns = 7

    def __call__(self) -> int:
        return self.ns


def told(t_ms: int, speed: float = 10.0, profile_s: float | None = 25_320) -> bytes:
    return json.dumps({"t": t_ms, "speed": speed, "profile_s": profile_s}).encode()


def test_before_the_street_has_spoken_there_is_no_time() -> None:
    clock = FollowedClock(Wall())
    assert (clock.heard, clock.now_ns(), clock.age_s, clock.profile_s) == (False, 0, None, None)


def test_between_two_messages_time_runs_at_the_streets_speed() -> None:
    wall = Wall()
    clock = FollowedClock(wall)
    clock.hear(told(1_000_000))
    wall.ns += SECOND_NS // 5
    assert clock.now_ns() == 1_002 * SECOND_NS
    assert clock.profile_s == 25_322
    assert clock.age_s == 0.2


def test_a_silent_street_stops_the_clock_after_three_seconds() -> None:
    wall = Wall()
    clock = FollowedClock(wall)
    clock.hear(told(1_000_000, speed=1.0))
    wall.ns += 3 * SECOND_NS
    stopped_ns = clock.now_ns()
    wall.ns += 60 * SECOND_NS
    assert clock.now_ns() == stopped_ns == 1_003 * SECOND_NS
    assert clock.age_s == 63


def test_a_fast_street_that_cannot_keep_its_speed_does_not_make_its_reports_look_old() -> None:
    """The lights are told with every second of the street; five seconds without a report are too many."""
    wall = Wall()
    clock = FollowedClock(wall)
    for second in range(1_000, 1_010):
        clock.hear(told(second * 1000, speed=5.0))
        for _ in range(20):
            wall.ns += SECOND_NS // 4
            assert clock.now_ns() - second * SECOND_NS < (MAX_STATE_AGE_S - 1) * SECOND_NS


def test_a_correction_backwards_holds_the_clock() -> None:
    wall = Wall()
    clock = FollowedClock(wall)
    clock.hear(told(1_000_000))
    wall.ns += SECOND_NS
    before_ns = clock.now_ns()
    clock.hear(told(1_002_000))
    assert clock.now_ns() == before_ns == 1_003 * SECOND_NS
    wall.ns += SECOND_NS // 5
    assert clock.now_ns() == 1_004 * SECOND_NS


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(0, 5 * SECOND_NS), st.floats(0.1, 100)), max_size=30
    )
)
def test_it_never_runs_backwards(steps: list[tuple[int, int, float]]) -> None:
    wall = Wall()
    clock = FollowedClock(wall)
    last_ns = 0
    for t_ms, passed_ns, speed in steps:
        clock.hear(told(t_ms, speed))
        wall.ns += passed_ns
        now_ns = clock.now_ns()
        assert now_ns >= last_ns
        last_ns = now_ns


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"garbage",
        b"[]",
        b'{"t": "noon"}',
        told(0),
        told(1, speed=0),
        told(1, speed=-1),
        b'{"t": NaN}',
        b'{"t":1e400}',
    ],
)
def test_garbage_is_named_and_changes_nothing(payload: bytes) -> None:
    clock = FollowedClock(Wall())
    clock.hear(told(1_000_000))
    with pytest.raises(BadClock):
        clock.hear(payload)
    assert clock.now_ns() == 1_000 * SECOND_NS


def test_the_system_clock_tells_the_time() -> None:
    clock = SystemClock()
    assert clock.now_ns() <= clock.now_ns()
    assert (clock.source, clock.speed, clock.age_s) == ("system", 1.0, 0.0)


@pytest.mark.parametrize("step_ns", [3_600 * SECOND_NS, -3_600 * SECOND_NS, 2 * SECOND_NS])
def test_a_clock_that_is_set_is_noticed_once(step_ns: int) -> None:
    wall, monotonic = Wall(), Wall()
    watch = StepWatch(wall, monotonic)
    for moved in (wall, monotonic):
        moved.ns += 100 * SECOND_NS
    assert watch.look() == 0
    wall.ns += step_ns + SECOND_NS
    monotonic.ns += SECOND_NS
    assert [watch.look(), watch.look()] == [step_ns, 0]


def test_a_clock_that_is_slowly_put_right_is_not_set() -> None:
    wall, monotonic = Wall(), Wall()
    watch = StepWatch(wall, monotonic)
    for _ in range(20):
        wall.ns += 1_000_500_000
        monotonic.ns += SECOND_NS
        assert watch.look() == 0
