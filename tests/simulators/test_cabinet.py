"""Does the cabinet run its plan on time, and does it do what it is told for as long as it is told?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.local_plan import LocalPlan
from simulators.ring import HiresEvent

Build = Callable[..., Intersection]
CYCLE = 90_000


class Driver:
    """A cabinet and its clock, stepped by 500 ms."""

    def __init__(self, node: Intersection, start_ms: int, **options: Any) -> None:
        self.cabinet = Cabinet(node, start_ms, **options)
        self.now = start_ms
        self.events: list[HiresEvent] = []

    def run(self, seconds: float) -> list[HiresEvent]:
        """Step on; returns the events of this time."""
        found: list[HiresEvent] = []
        end = self.now + round(seconds * 1000)
        while self.now < end:
            self.now += 500
            found += self.cabinet.step(self.now).events
        self.events += found
        return found

    def until(self, code: int, param: int) -> None:
        """Step on until an event."""
        for _ in range(600):
            if any(event[1:] == (code, param) for event in self.run(0.5)):
                return
        raise AssertionError(f"no event {code} {param} in 300 s")

    def order(self, serve: list[int], lifetime_s: float = 60.0, name: str = "c1") -> dict[str, object]:
        expires = self.now + round(lifetime_s * 1000)
        return self.cabinet.command({"id": name, "serve": serve, "t": self.now, "expires": expires})

    @property
    def greens(self) -> object:
        return self.cabinet.state()["greens"]


@pytest.fixture
def driver(crossroads: Build, start_ms: int) -> Driver:
    """A cabinet after its first two cycles, in step with its plan."""
    driver = Driver(crossroads(), start_ms)
    driver.run(200)
    return driver


def _starts(events: list[HiresEvent], phase: int, offset_ms: int = 20_000) -> list[int]:
    """Where in the cycle the greens of a phase began, ms."""
    return [(t - offset_ms) % CYCLE for t, code, param in events if (code, param) == (1, phase)]


def test_the_local_plan_keeps_its_offset_and_splits(driver: Driver) -> None:
    events = driver.run(270)
    assert set(_starts(events, 1)) == {0}
    assert set(_starts(events, 2)) == {13_000}
    assert set(_starts(events, 6)) == {15_000}
    assert set(_starts(events, 3)) == {48_000}
    assert set(_starts(events, 8)) == {60_000}


def test_each_green_is_followed_by_its_clearances_in_the_log(driver: Driver) -> None:
    events = driver.run(180)
    end = next(t for t, code, param in events if (code, param) == (7, 2))
    story = [
        (t - end, code) for t, code, param in events if param == 2 and 0 <= t - end <= 5000 and code < 20
    ]
    assert story == [(0, 6), (0, 7), (0, 8), (3500, 9), (3500, 10), (5000, 11), (5000, 12)]
    assert (end + 5000, 31, 1) in events


def test_a_walk_is_served_at_the_start_of_green_when_somebody_pressed(driver: Driver) -> None:
    driver.until(8, 4)
    driver.cabinet.press(4, driver.now)
    events = driver.run(CYCLE / 1000)
    begin = next(t for t, code, param in events if (code, param) == (1, 4))
    assert [(t - begin, code) for t, code, param in events if param == 4 and code in (21, 22, 23)] == [
        (0, 21),
        (7_000, 22),
        (21_000, 23),
    ]
    assert any(event[1:] == (45, 4) for event in events)
    assert driver.cabinet.state()["ped_calls"] == []


def test_nobody_presses_and_nobody_gets_a_walk(driver: Driver) -> None:
    assert not [event for event in driver.run(180) if event[1] == 21]


def test_a_command_ends_the_other_greens_and_is_held(driver: Driver) -> None:
    driver.until(1, 2)
    driver.run(10)
    assert driver.order([4, 8], 300)["accepted"] is True
    driver.run(6)
    assert driver.greens == [4, 8]
    driver.run(200)
    assert driver.greens == [4, 8]
    assert driver.cabinet.state()["mode"] == "remote"
    assert driver.cabinet.state()["command"] == "c1"


def test_minimum_green_holds_against_a_command(driver: Driver) -> None:
    driver.until(1, 6)
    driver.order([4, 8])
    driver.run(7)
    assert driver.greens == [2, 6]


def test_greens_cross_the_barrier_together(driver: Driver) -> None:
    driver.cabinet.press(6, driver.now)
    driver.until(21, 6)
    driver.order([4, 8])
    events = driver.run(30)
    ends = {param: t for t, code, param in events if code == 7}
    assert ends[2] == ends[6]
    starts = {param: t for t, code, param in events if code == 1}
    assert starts[4] == starts[8] == ends[6] + 5000


def test_a_ped_call_during_a_held_green_is_served_when_nobody_conflicts(driver: Driver) -> None:
    driver.order([2, 6], 300)
    driver.run(60)
    driver.cabinet.press(2, driver.now)
    assert any(event[1:] == (21, 2) for event in driver.run(1))


def test_a_ped_call_during_a_held_green_waits_while_somebody_conflicts(driver: Driver) -> None:
    driver.order([2, 6], 300)
    driver.run(60)
    driver.cabinet.detection(4, driver.now, True)
    driver.run(1)
    driver.cabinet.press(2, driver.now)
    assert not [event for event in driver.run(5) if event[1] == 21]


def test_an_expired_command_means_the_local_plan_back_in_step(driver: Driver) -> None:
    driver.until(1, 4)
    driver.order([4, 8], 47)
    events = driver.run(47)
    assert any(event[1:] == (131, 3) for event in events)
    assert driver.cabinet.state()["mode"] == "local"
    assert driver.cabinet.state()["command"] == ""
    events = driver.run(270)
    assert [event[1:] for event in events if event[1] == 150][-1] == (150, 1)
    assert _starts(events, 2)[-1] == 13_000


def test_a_renewed_command_keeps_the_greens(driver: Driver) -> None:
    driver.order([2, 5], 10)
    driver.run(9)
    for number in range(20):
        driver.order([2, 5], 10, f"c{number + 2}")
        driver.run(5)
        assert driver.greens == [2, 5]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"serve": [2, 4]}, "serve has two phases in one ring"),
        ({"serve": [2, 8]}, "phases 2 and 8 conflict"),
        ({"serve": [9]}, "serve names an unknown phase"),
        ({"serve": [True]}, "serve names an unknown phase"),
        ({"serve": []}, "serve must be a list of 1 to 4 phases"),
        ({"serve": "26"}, "serve must be a list of 1 to 4 phases"),
        ({"expires": 1}, "expired"),
        ({"expires": float("nan")}, "expires must be whole milliseconds since the epoch"),
        ({"expires": 10**30}, "expires too far ahead"),
        ({"t": 10**30}, "issued in the future"),
        ({"id": ""}, "id must be a text of 1 to 128 characters"),
        ({"id": "x" * 10**6}, "id must be a text of 1 to 128 characters"),
    ],
)
def test_an_illegal_command_is_refused_and_changes_nothing(
    driver: Driver, change: dict[str, object], reason: str
) -> None:
    order = {"id": "c1", "serve": [4, 8], "t": driver.now, "expires": driver.now + 10_000} | change
    reply = driver.cabinet.command(order)
    assert (reply["accepted"], reply["reason"]) == (False, reason)
    assert driver.cabinet.state()["mode"] == "local"


def test_a_command_older_than_the_one_in_force_is_refused(driver: Driver) -> None:
    driver.order([2, 6], 60)
    late = {"id": "c0", "serve": [4, 8], "t": driver.now - 1000, "expires": driver.now + 9000}
    assert driver.cabinet.command(late)["reason"] == "older than c1, which is in force"


def test_detectors_call_while_red_and_are_logged(driver: Driver) -> None:
    driver.until(1, 2)
    driver.run(1)
    driver.cabinet.detection(4, driver.now + 130, True)
    driver.cabinet.detection(99, driver.now + 130, True)
    events = driver.run(1)
    assert [event[1:] for event in events if event[1] in (82, 43)] == [(82, 4), (43, 4)]
    assert driver.cabinet.state()["veh_calls"] == [4]
    driver.until(1, 4)
    assert driver.cabinet.state()["veh_calls"] == []
    assert driver.events[-1][0] % 100 == 0


def test_an_actuated_plan_skips_lefts_without_a_call_and_gaps_out(crossroads: Build, start_ms: int) -> None:
    changes = {n: {"recall": "min"} for n in (2, 4, 6, 8)}
    driver = Driver(crossroads(changes=changes), start_ms, actuated=True)
    driver.run(100)
    driver.cabinet.detection(1, driver.now, True)
    driver.until(1, 1)
    driver.cabinet.detection(1, driver.now, False)
    events = driver.run(80)
    assert any(event[1:] == (4, 1) for event in events)
    assert not [event for event in events if event[1] == 1 and event[2] in (3, 5, 7)]


def test_rings_that_cross_barriers_in_different_orders_are_no_plan(crossroads: Build) -> None:
    splits = {1: 15.0, 2: 30.0, 3: 15.0, 4: 30.0, 5: 15.0, 6: 30.0, 7: 15.0, 8: 30.0}
    node = crossroads(splits=splits, sequence=((1, 2, 3, 4), (7, 8, 5, 6)))
    with pytest.raises(ValueError, match="different orders"):
        LocalPlan(node)
