"""Does a controller without a plan serve whoever waits, and obey hold, force-off, omit and call?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signal_control.model import Intersection
from simulators.cabinet import Cabinet
from simulators.ntcip_unit import FREE, NtcipUnit
from simulators.ring import HiresEvent
from tests.simulators.conftest import START_MS, build_crossroads

Build = Callable[..., Intersection]


class Driver:
    """A unit that runs free, and its clock."""

    def __init__(self, reservice: bool = True, **changes: Any) -> None:
        self.now = START_MS
        self.unit = NtcipUnit(Cabinet(build_crossroads(**changes), START_MS), START_MS, reservice=reservice)
        self.controls, self.cabinet = self.unit.controls, self.unit.cabinet
        self.unit.registers.system_pattern = FREE
        self.events: list[HiresEvent] = []

    def run(self, seconds: float) -> list[HiresEvent]:
        self.now += round(seconds * 1000)
        found = self.unit.step(self.now).events
        self.events += found
        return found

    def until(self, greens: tuple[int, ...], limit_s: float = 90) -> float:
        for tenth in range(round(limit_s * 10)):
            if self.greens == greens:
                return tenth / 10
            self.run(0.1)
        raise AssertionError(f"no {greens} within {limit_s} s; it shows {self.greens}")

    def aim(self, *phases: int) -> None:
        """What arterial writes for these phases."""
        wanted = sum(1 << (p - 1) for p in phases)
        self.controls.hold = self.controls.veh_call = wanted
        self.controls.phase_omit = 0xFF & ~wanted
        self.controls.force_off = sum(1 << (p - 1) for p in self.greens) & ~wanted

    @property
    def greens(self) -> tuple[int, ...]:
        return self.cabinet.lights.greens


@pytest.fixture
def driver() -> Driver:
    """Free, with somebody waiting for 2 and 6 only."""
    found = Driver()
    found.cabinet.detection(2, START_MS, True)
    found.cabinet.detection(6, START_MS, True)
    found.until((2, 6))
    return found


def test_a_green_without_rivals_rests(driver: Driver) -> None:
    driver.run(200)
    assert driver.greens == (2, 6)


def test_a_call_beyond_the_barrier_is_served_after_the_gap(driver: Driver) -> None:
    driver.run(20)
    driver.cabinet.detection(2, driver.now, False)
    driver.cabinet.detection(6, driver.now, False)
    driver.cabinet.detection(4, driver.now, True)
    assert driver.until((4, 8)) < 8
    assert any(event[1:] == (4, 2) for event in driver.events)


def test_traffic_extends_a_green_to_its_maximum_and_no_further(driver: Driver) -> None:
    driver.run(5)
    driver.cabinet.detection(4, driver.now, True)
    took_s = driver.until((4, 8))
    assert 50 <= took_s <= 57
    assert any(event[1:] == (5, 2) for event in driver.events)


def test_hold_keeps_a_green_past_its_maximum(driver: Driver) -> None:
    driver.controls.hold = 0b100010
    driver.cabinet.detection(4, driver.now, True)
    driver.run(120)
    assert driver.greens == (2, 6)


def test_force_off_waits_for_minimum_and_pedestrians_and_clears_itself(driver: Driver) -> None:
    driver.cabinet.press(6, driver.now)
    driver.run(1)
    driver.aim(4, 8)
    took_s = driver.until((4, 8))
    assert 18 <= took_s <= 25
    assert driver.controls.force_off == 0


def test_an_omitted_phase_is_passed_over(driver: Driver) -> None:
    for channel in (1, 3, 4, 5, 7, 8):
        driver.cabinet.detection(channel, driver.now, True)
    driver.aim(4, 8)
    driver.until((4, 8))
    assert {param for _, code, param in driver.events if code == 1} == {2, 6, 4, 8}


def test_a_ring_goes_back_within_its_barrier_group_when_nobody_waits_beyond(driver: Driver) -> None:
    driver.run(20)
    driver.aim(1, 6)
    assert driver.until((1, 6)) < 6


def test_with_backup_protection_it_does_not(driver: Driver) -> None:
    found = Driver(reservice=False)
    found.cabinet.detection(2, found.now, True)
    found.cabinet.detection(6, found.now, True)
    found.until((2, 6))
    found.run(20)
    found.aim(1, 6)
    found.run(60)
    assert found.greens == (2, 6)


def test_phases_of_a_group_follow_each_other_before_the_barrier(driver: Driver) -> None:
    found = Driver()
    for channel in range(1, 9):
        found.cabinet.detection(channel, found.now, True)
    found.run(400)
    order = [param for _, code, param in found.events if code == 1 and param < 5]
    assert order[:9] == [1, 2, 3, 4, 1, 2, 3, 4, 1]


MASK = st.integers(0, 255)
WRITES = st.lists(
    st.tuples(
        st.sampled_from(["phase_omit", "hold", "force_off", "veh_call", "detector", "press", "pattern"]),
        MASK,
        st.floats(0.1, 30),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITES, st.booleans())
def test_whatever_masters_write_the_conflict_monitor_sees_nothing(
    writes: list[tuple[str, int, float]], reservice: bool
) -> None:
    found = Driver(reservice)
    for what, value, seconds in writes:
        if what == "detector":
            channel = value % 8 + 1
            found.cabinet.detection(channel, found.now, channel not in found.unit.detectors)
        elif what == "press":
            found.cabinet.press((2, 4, 6, 8)[value % 4], found.now)
        elif what == "pattern":
            found.unit.registers.system_pattern = (0, FREE)[value % 2]
        else:
            setattr(found.controls, what, value)
        found.run(seconds)
    assert found.cabinet.fault == ""
