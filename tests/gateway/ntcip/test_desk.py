"""Do commands become greens at a controller, and does everything stronger than us get its way?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from gateway.ntcip.order import RELEASED
from gateway.snmp.session import NoAnswer
from signal_control.model import Intersection
from simulators.lights import Lights
from simulators.ntcip_agent import Quirks
from simulators.ntcip_mib import ASC
from simulators.ntcip_unit import BACKUP
from tests.gateway.ntcip.conftest import START_MS, Field

HOLDS = (*ASC, 1, 5, 1, 4)
PHASE_ONS = (*ASC, 1, 4, 1, 10)
RING_STATUS = (*ASC, 7, 6)
STAGES = ((2, 6), (1, 6), (1, 5), (2, 5), (3, 8), (4, 7), (3, 7), (4, 8))


async def settled(node: Intersection, quirks: Quirks | None = None, reservice: bool = True) -> Field:
    found = Field(node, quirks, reservice)
    await found.run(200, watched=False)
    await found.connect()
    await found.run(1)
    return found


async def test_a_command_is_obeyed_and_reported(field: Field) -> None:
    reply = await field.serve(4, 8)
    assert (reply.accepted, reply.reason) == (True, "")
    await field.keep_serving(45, 4, 8)
    assert field.greens == (4, 8)
    assert field.report["mode"] == "remote"
    assert field.report["command"] == field.replies[-1].id
    assert (field.report["greens"], field.report["plan"]) == (0b10001000, 0)


@pytest.mark.parametrize("goal", STAGES, ids=str)
async def test_every_stage_is_reached_from_every_other(
    crossroads: Intersection, goal: tuple[int, ...]
) -> None:
    field = await settled(crossroads)
    for start in STAGES:
        for stage in (start, goal):
            for _ in range(20):
                if field.greens == stage:
                    break
                await field.keep_serving(3, *stage)
            assert field.greens == stage
    assert field.unit.cabinet.fault == ""


async def test_with_backup_protection_a_stage_is_reached_by_way_of_others(crossroads: Intersection) -> None:
    field = await settled(crossroads, reservice=False)
    await field.keep_serving(60, 2, 6)
    assert field.greens == (2, 6)
    field.unit.cabinet.detection(4, field.clock.set_ms, True)
    for _ in range(60):
        await field.keep_serving(3, 1, 6)
        if field.greens == (1, 6):
            break
    assert field.greens == (1, 6)


async def test_a_controller_known_for_it_is_sent_that_way_at_once(crossroads: Intersection) -> None:
    field = Field(crossroads, reservice=False)
    await field.run(200, watched=False)
    await field.connect(reservice=False)
    await field.keep_serving(60, 2, 6)
    await field.keep_serving(45, 1, 6)
    assert field.greens == (1, 6)


async def test_clearances_of_a_commanded_controller_are_never_cut(field: Field) -> None:
    for n in range(60):
        await field.keep_serving(6, *STAGES[n * 3 % len(STAGES)])
    for phase in range(1, 9):
        steps = [(t, code) for t, code, param in field.log if param == phase and code in (1, 8, 10, 12)]
        for (began, code), (ended, after) in pairwise(steps):
            least = {1: 5000, 8: 3500, 10: 1500}.get(code)
            if least:
                assert ended - began >= least, (phase, code, after)


async def test_force_offs_do_not_outlive_their_greens(field: Field) -> None:
    for n in range(40):
        await field.keep_serving(6, *STAGES[n * 3 % len(STAGES)])
        lingering = field.unit.controls.force_off & ~sum(1 << (p - 1) for p in field.greens)
        assert lingering == 0


async def test_a_force_off_that_came_too_late_is_taken_back(field: Field) -> None:
    await field.serve(2, 6)
    await field.until(lambda: field.greens == (2, 6))
    field.unit.controls.force_off = 0b10001000
    await field.serve(2, 6)
    field.unit.controls.force_off |= 0b10001000
    await field.run(0.3)
    assert field.unit.controls.force_off == 0


async def test_an_expired_command_gives_the_controller_its_freedom(field: Field) -> None:
    await field.serve(4, 8, lifetime_s=8)
    await field.run(7.5)
    assert field.unit.controls.any
    await field.run(1)
    assert not field.unit.controls.any
    assert (field.unit.registers.system_pattern, field.report["mode"]) == (0, "local")
    assert field.steering.order == RELEASED


async def test_an_expired_command_is_not_obeyed(field: Field) -> None:
    reply = await field.serve(4, 8, lifetime_s=0)
    assert (reply.accepted, reply.reason) == (False, "expired")
    assert not field.unit.controls.any


async def test_a_preemption_goes_first_and_what_we_wrote_is_taken_back(field: Field) -> None:
    await field.serve(4, 8)
    field.unit.preempt(1, (2, 6))
    await field.run(0.3)
    assert not field.unit.controls.any
    reply = await field.serve(4, 8)
    assert (reply.accepted, reply.reason) == (False, "preemption 1 is entering")
    await field.run(60)
    assert field.report["mode"] == "local"
    field.unit.preempt(1, ())
    await field.run(0.3)
    assert (await field.serve(4, 8)).accepted
    assert {(102, 1), (105, 1)} & {event[1:] for event in field.seen}
    assert (104, 1) in {event[1:] for event in field.seen}


async def test_a_pattern_chosen_by_hand_goes_first(field: Field) -> None:
    await field.serve(4, 8)
    field.unit.registers.operational_mode = 3
    await field.run(1.5)
    assert not field.unit.controls.any
    reply = await field.serve(4, 8)
    assert "chosen by hand" in reply.reason


async def test_a_flashing_controller_is_left_alone_and_says_so(crossroads: Intersection) -> None:
    class Trip:
        fault = ""

        def check(self, now_ms: int, lights: Lights) -> str:
            return self.fault

        def reset(self) -> None:
            self.fault = ""

    trip = Trip()
    field = Field(crossroads)
    field.unit.cabinet._monitor = trip
    await field.run(60, watched=False)
    await field.connect()
    await field.run(1)
    trip.fault = "conflict"
    await field.run(60)
    assert field.report["mode"] == "flash"
    assert (await field.serve(2, 6)).reason.startswith("the signal flashes")
    assert (173, 5) in {event[1:] for event in field.seen}


async def test_a_controller_without_hold_is_watched_and_not_commanded(crossroads: Intersection) -> None:
    field = Field(crossroads, Quirks(hidden=(HOLDS,)))
    found = await field.connect()
    assert any("phaseControlGroupHold" in text for text in found.obstacles)
    await field.run(60)
    assert field.report["greens"]
    assert "phaseControlGroupHold" in (await field.serve(2, 6)).reason


async def test_a_command_that_is_not_taken_is_refused_and_nothing_stays(field: Field) -> None:
    row = field.agent._mib.rows[(*ASC, 1, 5, 1, 4, 1)]
    object.__setattr__(row, "put", lambda value: None)
    reply = await field.serve(4, 8)
    assert reply.reason == "phaseControlGroupHold.1 was set to 136 and reads 0"
    assert not field.unit.controls.any


async def test_a_refused_write_changes_nothing(field: Field) -> None:
    await field.serve(2, 6)
    before = field.unit.controls.hold
    row = field.agent._mib.rows[(*ASC, 4, 14, 0)]
    object.__setattr__(row, "put", None)
    reply = await field.serve(4, 8)
    assert "no such name" in reply.reason
    assert field.unit.controls.hold == before
    assert field.steering.in_force == "c1"


async def test_somebody_else_who_writes_is_noticed(field: Field) -> None:
    await field.serve(4, 8, lifetime_s=15)
    await field.run(2)
    field.unit.controls.hold = 0b100010
    await field.run(2.2)
    assert field.report["mode"] == "local"
    assert (await field.serve(4, 8)).accepted
    await field.run(1)
    assert field.report["mode"] == "remote"


async def test_without_us_the_controller_is_back_on_its_plan_within_two_cycles(field: Field) -> None:
    await field.keep_serving(150, 4, 8)
    field.wire.cut = True
    with pytest.raises(NoAnswer):
        await field.desk.turn()
    silent_ms = field.clock.set_ms
    mark = len(field.log)
    await field.run(10, watched=False)
    assert field.unit.status == BACKUP
    assert field.unit.cabinet.mode == "local"
    await field.run(180, watched=False)
    events = field.log[mark:]
    in_step = [t for t, code, param in events if (code, param) == (150, 1)]
    assert in_step
    assert in_step[0] - silent_ms <= 10_000 + 2 * 90_000
    always = {2, 4, 6, 8}  # the others are actuated here, and nobody waits for them
    starts = [(t, param) for t, code, param in events if code == 1 and param in always]
    for phase in always:
        times = [silent_ms + 10_000, *(t for t, p in starts if p == phase), field.clock.set_ms]
        assert max(b - a for a, b in pairwise(times)) <= 1.5 * 90_000, phase
    assert field.unit.cabinet.fault == ""


async def test_a_controller_that_fell_back_is_led_again(field: Field) -> None:
    await field.serve(4, 8, lifetime_s=15)
    await field.run(11, watched=False)
    assert field.unit.status == BACKUP
    await field.run(0.2)
    assert (field.report["mode"], field.report["command"]) == ("local", "")
    assert (await field.serve(4, 8)).accepted
    await field.keep_serving(30, 4, 8)
    assert (field.greens, field.report["mode"]) == ((4, 8), "remote")


async def test_time_stamps_are_city_time(field: Field) -> None:
    await field.run(30)
    at = [t for t, _, _ in field.seen]
    assert at == sorted(at)
    assert START_MS < at[0] <= at[-1] <= field.clock.set_ms


async def test_nobody_who_calls_is_served_on_the_way(field: Field) -> None:
    await field.keep_serving(45, 2, 6)
    for channel in range(1, 9):
        field.unit.cabinet.detection(channel, field.clock.set_ms, True)
    mark = len(field.log)
    await field.keep_serving(30, 4, 8)
    assert [param for _, code, param in field.log[mark:] if code == 1] == [4, 8]


async def test_a_held_green_does_not_walk_again_while_somebody_in_conflict_waits(field: Field) -> None:
    await field.keep_serving(45, 2, 6)
    field.unit.cabinet.detection(4, field.clock.set_ms, True)
    await field.run(1)
    mark = len(field.log)
    field.unit.cabinet.press(2, field.clock.set_ms)
    await field.keep_serving(6, 2, 6)
    assert not [event for event in field.log[mark:] if event[1] == 21]
    assert field.unit.controls.phase_omit == 0
    field.unit.cabinet.detection(4, field.clock.set_ms, False)
    await field.keep_serving(3, 2, 6)
    assert [event for event in field.log[mark:] if event[1] == 21]
