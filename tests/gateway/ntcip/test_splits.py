"""Do splits follow what is asked for, in small steps, and always fit rings, cycle and minimums?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ntcip.splits import STEP_S, fit, next_splits, shortest_s
from signal_control.model import Intersection
from simulators.ntcip_agent import Quirks
from simulators.ntcip_mib import ASC
from simulators.ntcip_unit import BACKUP, RESERVED
from tests.gateway.ntcip.conftest import Field
from tests.simulators.conftest import build_crossroads

NODE = build_crossroads()
NOW = {split.phase: int(split.split_s) for split in NODE.plan.splits}
RINGS = [[1, 2, 3, 4], [5, 6, 7, 8]]
PHASE_CONTROL = (*ASC, 1, 5)


def sound(splits: dict[int, int]) -> None:
    for ring in RINGS:
        assert sum(splits[p] for p in ring) == 90
    assert splits[1] + splits[2] == splits[5] + splits[6]
    for phase in NODE.phases:
        assert splits[phase.number] >= shortest_s(phase)


@given(st.lists(st.dictionaries(st.integers(1, 8), st.floats(0, 90)), max_size=12))
def test_whatever_is_asked_for_splits_stay_sound(asked: list[dict[int, float]]) -> None:
    splits = NOW
    for seconds in asked:
        before, splits = splits, next_splits(NODE, splits, seconds)
        sound(splits)
        lengths = [splits[1] + splits[2] - before[1] - before[2]]
        assert all(abs(change) <= STEP_S for change in lengths)


def test_splits_walk_towards_what_is_asked_for() -> None:
    splits = NOW
    for _ in range(20):
        splits = next_splits(
            NODE, splits, {1: 8.0, 5: 8.0, 2: 52.0, 6: 52.0, 3: 8.0, 7: 8.0, 4: 22.0, 8: 22.0}
        )
    assert splits[2] > NOW[2] + 6
    assert splits[3] + splits[4] < NOW[3] + NOW[4]
    sound(splits)


def test_a_cycle_in_which_hardly_anything_was_asked_for_changes_nothing() -> None:
    assert next_splits(NODE, NOW, {2: 10.0, 6: 10.0}) == NOW


def test_what_cannot_fit_is_said() -> None:
    assert fit([10, 20], [5, 5], [15, 25], 33) in ([11, 22], [12, 21])
    assert fit([10, 10], [5, 5], [10, 10], 30) == [15, 15]
    with pytest.raises(ValueError, match="8 s cannot hold"):
        fit([5, 5], [5, 5], [9, 9], 8)


@pytest.fixture
async def field() -> Field:
    """A controller without phase control, led by its pattern."""
    found = Field(build_crossroads(), Quirks(hidden=(PHASE_CONTROL,)))
    await found.run(200, watched=False)
    await found.connect(pattern=RESERVED)
    await found.run(1)
    return found


async def test_a_controller_without_phase_control_is_led_by_splits(field: Field) -> None:
    for _ in range(8):
        await field.keep_serving(66, 2, 6)
        await field.keep_serving(24, 4, 8)
    assert field.replies[-1].accepted
    assert field.unit.pattern == RESERVED
    written = field.unit.registers.splits
    sound(written)
    assert written[2] > NOW[2] + 6
    assert field.steering.splits == written
    began = [t for t, code, param in field.log if (code, param) == (1, 2)][-2:]
    assert began[1] - began[0] in range(89_000, 91_001)
    ends = [t for t, code, param in field.log if (code, param) == (8, 2)][-1:]
    assert ends[0] - max(t for t in began if t < ends[0]) > 33_000
    assert field.unit.cabinet.fault == ""


async def test_without_us_it_goes_back_to_its_own_pattern(field: Field) -> None:
    await field.keep_serving(30, 2, 6)
    await field.run(11, watched=False)
    assert (field.unit.status, field.unit.pattern) == (BACKUP, 3)


async def test_an_expired_wish_releases_the_pattern(field: Field) -> None:
    await field.serve(2, 6, lifetime_s=5)
    await field.run(6)
    assert field.unit.registers.system_pattern == 0
    assert field.report["mode"] == "local"


async def test_a_pattern_that_was_not_set_up_is_refused(crossroads: Intersection) -> None:
    field = Field(crossroads)
    field.unit.registers.splits[2] = 30
    await field.connect(pattern=RESERVED)
    await field.run(1)
    reply = await field.serve(2, 6)
    assert reply.reason == "the splits of pattern 20 fill 85 s of its cycle of 90 s"
    unknown = Field(crossroads)
    await unknown.connect(pattern=77)
    await unknown.run(1)
    assert "no such name" in (await unknown.serve(2, 6)).reason
