"""Does the simulated controller keep the rules of NTCIP 1202 that arterial leans on?"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.cabinet import Cabinet
from simulators.lights import Lights
from simulators.ntcip_agent import Agent, Quirks
from simulators.ntcip_ber import Unreadable, answer, objects, pair, question
from simulators.ntcip_mib import ASC, Mib
from simulators.ntcip_unit import BACKUP, FREE, SYSTEM, TIMEBASE, NtcipUnit
from tests.gateway.ntcip.conftest import WORD, Field, Wire
from tests.simulators.conftest import START_MS, build_crossroads

HOLD = (*ASC, 1, 5, 1, 4, 1)
BACKUP_TIME = (*ASC, 3, 3, 0)
PATTERN = (*ASC, 4, 14, 0)


class Trip:
    """A monitor that trips when told."""

    fault = ""

    def check(self, now_ms: int, lights: Lights) -> str:
        return self.fault

    def reset(self) -> None:
        self.fault = ""


def unit(**options: object) -> NtcipUnit:
    return NtcipUnit(Cabinet(build_crossroads(), START_MS, **options), START_MS)  # type: ignore[arg-type]


def put(mib: Mib, oid: tuple[int, ...], value: int) -> None:
    row = mib.rows[oid]
    assert row.put is not None
    row.put(value)


def test_without_a_word_for_the_backup_time_all_is_taken_back() -> None:
    found = unit()
    mib = Mib(found)
    put(mib, BACKUP_TIME, 10)
    put(mib, HOLD, 0b100010)
    put(mib, PATTERN, FREE)
    found.written()
    found.step(START_MS + 9_900)
    assert (found.status, found.pattern, found.controls.hold) == (SYSTEM, FREE, 0b100010)
    found.step(START_MS + 10_000)
    assert (found.status, found.pattern, found.controls.any) == (BACKUP, 3, False)
    put(mib, HOLD, 2)
    found.written()
    assert found.status == SYSTEM


def test_a_backup_time_of_zero_never_ends() -> None:
    found = unit()
    found.controls.hold = 2
    found.registers.system_pattern = FREE
    found.step(START_MS + 3_600_000)
    assert (found.status, found.controls.hold) == (TIMEBASE, 2)


def test_a_tripped_monitor_flashes_and_nobody_leads() -> None:
    trip = Trip()
    found = unit(monitor=trip)
    found.step(START_MS + 30_000)
    trip.fault = "conflict"
    found.step(START_MS + 90_000)
    assert (found.flash, found.pattern, found.cabinet.lights.greens) == (5, 255, ())
    found.registers.system_pattern = FREE
    found.step(START_MS + 120_000)
    assert found.cabinet.mode == "flash"


def test_a_preemption_goes_before_the_system() -> None:
    found = unit()
    found.registers.system_pattern = FREE
    found.controls.hold = found.controls.veh_call = 0b10001000
    found.step(START_MS + 30_000)
    found.preempt(1, (2, 6))
    found.step(START_MS + 60_000)
    assert found.cabinet.lights.greens == (2, 6)
    assert found.preempts[0].state == 6
    found.preempt(1, ())
    found.step(START_MS + 90_000)
    assert found.cabinet.lights.greens == (4, 8)


def test_a_walk_over_all_objects_meets_each_of_them_once_in_order() -> None:
    mib, oid, seen = Mib(unit()), (1, 3), []
    while (oid := mib.after(oid)) is not None:  # type: ignore[assignment]
        seen.append(oid)
    assert seen == sorted(mib.rows)
    assert len(seen) > 100


@given(st.binary(max_size=100))
def test_an_agent_says_nothing_to_garbage(data: bytes) -> None:
    assert Agent(unit(), WORD).respond(data) is None


def test_an_answer_carries_the_number_of_its_question() -> None:
    raw = pair(bytes.fromhex("06022b06"), 7)
    body = b"\x02\x01\x00" + b"\x04\x01w" + b"\xa0" + bytes([14 + len(raw)])
    body += b"\x02\x04\x11\x22\x33\x44" + b"\x02\x01\x00" * 2 + b"\x30" + bytes([len(raw)]) + raw
    asked = question(b"\x30" + bytes([len(body)]) + body)
    assert objects(asked.raw) == (((1, 3, 6), 7),)
    assert b"\x11\x22\x33\x44" in answer(asked, 0, 0, raw)
    with pytest.raises(Unreadable):
        question(b"\x30\x03\x02\x01\x01")


async def test_datagrams_get_lost_both_ways_in_the_share_that_was_asked_for() -> None:
    field = Field(build_crossroads(), Quirks(loss=0.3))
    arrived = []

    class Line(asyncio.DatagramTransport):
        def sendto(self, data: object, addr: object = None) -> None:
            arrived.append(data)

        def is_closing(self) -> bool:
            return False

    field.agent.connection_made(Line())
    sound = Field(build_crossroads())
    await sound.connect()
    asked: list[bytes] = []
    sound.wire.sendto = lambda data, addr=None: asked.append(bytes(data))  # type: ignore[method-assign, misc]
    assert isinstance(sound.wire, Wire)
    sound.steering._session.ask(0xA0, b"")  # type: ignore[union-attr, arg-type]
    for _ in range(1000):
        field.agent.datagram_received(asked[0], ("127.0.0.1", 1))
    assert 400 < len(arrived) < 580
