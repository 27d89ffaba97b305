"""Is an order written to the right bits of the right groups, and read back honestly?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ntcip import objects as o
from gateway.ntcip.objects import PhaseControl, column, groups
from gateway.ntcip.order import (
    Order,
    backwards,
    bindings,
    due_force_off,
    order_for,
    untaken,
    way_round,
)
from gateway.ntcip.snapshot import Snapshot, byte_of, fast_cells, filled, mask_of, members, slow_cells
from gateway.snmp.ber import BadMessage
from gateway.snmp.message import Binding, integer
from tests.simulators.conftest import build_crossroads

ALL = 0xFFFF
HOLD_2 = column(o.PHASE_CONTROL, PhaseControl.HOLD, 2)
NUMBERS = st.sets(st.integers(1, 255), max_size=40)


@given(NUMBERS)
def test_a_mask_holds_its_numbers(numbers: set[int]) -> None:
    assert set(members(mask_of(numbers))) == numbers
    assert list(members(mask_of(numbers))) == sorted(numbers)


@given(st.integers(0, ALL), st.integers(0, ALL), st.integers(0, ALL), st.integers(0, ALL))
def test_what_is_written_in_octets_is_read_as_the_same_masks(
    hold: int, force: int, omit: int, call: int
) -> None:
    written = {b.oid: b.value for b in bindings(Order(hold, force, omit, call, o.FREE), 16)}
    assert all(isinstance(v, int) and 0 <= v <= 255 for v in written.values())
    cells = [cell for cell in (*fast_cells(16, 8), *slow_cells(16, 8)) if cell.oid in written]
    found = filled(cells, [integer(cell.oid, int(written[cell.oid] or 0)) for cell in cells])
    assert (found["hold"], found["force_off"], found["phase_omit"], found["veh_call"]) == (
        hold,
        force,
        omit,
        call,
    )
    assert found["system_pattern"] == o.FREE


def test_phase_ten_is_the_second_bit_of_the_second_group() -> None:
    order = order_for((10,), greens=mask_of((2, 10)), phases=ALL)
    assert integer(HOLD_2, 0b10) in bindings(order, 16)
    assert list(groups(16)) == [1, 2]
    assert byte_of(0x0306, 2) == 3


def test_unwanted_greens_are_forced_off_and_only_those() -> None:
    order = order_for((4, 8), greens=mask_of((2, 6)), phases=0xFF)
    assert (order.force_off, order.phase_omit) == (mask_of((2, 6)), mask_of((1, 2, 3, 5, 6, 7)))
    assert order_for((2, 5), mask_of((2, 6)), 0xFF).force_off == mask_of((6,))


@pytest.mark.parametrize(
    ("greens", "standing", "due"),
    [((2, 6), 0b100010, None), ((2, 6), 0, 0b100010), ((), 0b100010, 0), ((4, 8), 0, None), ((4,), 0b10, 0)],
)
def test_force_offs_follow_the_lights(greens: tuple[int, ...], standing: int, due: int | None) -> None:
    order = order_for((4, 8), mask_of((2, 6)), 0xFF)
    snapshot = Snapshot(1, greens=mask_of(greens), force_off=standing)
    assert due_force_off(order, snapshot, 0xFF) == due


@pytest.mark.parametrize(
    ("serve", "greens", "expected"),
    [((1, 6), (2, 6), True), ((2, 6), (1, 6), False), ((1, 5), (4, 8), False), ((3, 8), (4, 8), True)],
)
def test_going_back_within_a_barrier_group_is_seen(
    serve: tuple[int, ...], greens: tuple[int, ...], expected: bool
) -> None:
    assert backwards(build_crossroads(), serve, mask_of(greens)) is expected


def test_the_way_round_calls_the_quickest_phase_beyond_the_barrier_and_holds_nothing() -> None:
    order = way_round(build_crossroads(), (1, 6), mask_of((2, 6)))
    assert (order.hold, order.phase_omit, order.force_off) == (0, 0, mask_of((2, 6)))
    assert order.veh_call == mask_of((1, 6, 3))


def test_a_cleared_force_off_is_taken_and_everything_else_is_not() -> None:
    force = column(o.PHASE_CONTROL, PhaseControl.FORCE_OFF, 1)
    wrote = (integer(force, 0b110), integer(HOLD_2, 1), integer(o.SYSTEM_PATTERN, 254))
    assert untaken(wrote, (integer(force, 0b010), *wrote[1:])) == ""
    assert untaken(wrote, (integer(force, 0b1000), *wrote[1:])) == (
        "phaseControlGroupForceOff.1 was set to 6 and reads 8"
    )
    assert untaken(wrote, (wrote[0], integer(HOLD_2, 0), wrote[2])).startswith("phaseControlGroupHold.2")
    assert "systemPatternControl was set to 254 and reads 0" in untaken(
        wrote, (*wrote[:2], integer(o.SYSTEM_PATTERN, 0))
    )


@pytest.mark.parametrize("value", [-1, 70_000, None, b"\x01"])
def test_a_value_that_no_controller_can_have_is_refused(value: object) -> None:
    cells = slow_cells(8, 8)[:1]
    with pytest.raises(BadMessage, match="unitAlarmStatus1 is"):
        filled(cells, [Binding(cells[0].oid, value)])  # type: ignore[arg-type]
