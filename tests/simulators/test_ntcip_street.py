"""Do the cabinets of a street answer by NTCIP, in their own time, and to nobody else?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.snmp.message import Community
from gateway.snmp.session import NoAnswer, Session
from signal_control.model import Intersection
from simulators.city import City
from simulators.lights import Detection, Lights, Press, StreetStep
from simulators.ntcip_mib import ASC
from simulators.ntcip_street import COMMUNITY, PORTS, NtcipLine, NtcipStreet
from tests.simulators.conftest import START_MS, build_crossroads

GREENS = (*ASC, 1, 4, 1, 4, 1)
DETECTORS = (*ASC, 2, 4, 1, 2, 1)


class PaperStreet:
    """Half-second steps, one vehicle on channel 4 for a fifth of a second, and what the heads were told."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.shown: dict[str, Lights] = {}

    def step(self) -> StreetStep:
        self.now_ms += 500
        t = self.now_ms
        passing = [Detection("x1", 4, t - 400, True), Detection("x1", 4, t - 200, False)]
        return StreetStep(t, passing, [Press("x1", 2, t)])

    def show(self, intersection_id: str, lights: Lights) -> None:
        self.shown[intersection_id] = lights

    def truth(self) -> dict[str, dict[str, int]]:
        return {}

    def summary(self) -> dict[str, Any]:
        return {"profile_s": 0.0}


def street(*nodes: Intersection) -> tuple[PaperStreet, NtcipStreet]:
    paper = PaperStreet()
    return paper, NtcipStreet(paper, nodes or (build_crossroads(),), START_MS)


async def test_a_passage_within_one_step_of_the_street_is_seen_by_who_asks_in_tenths() -> None:
    _, found = street()
    seen = []
    moved = found.step()
    for tenth in range(1, 6):
        found.advance(START_MS + tenth * 100)
        seen.append(sorted(found.units["x1"].detectors))
    assert (moved.now_ms, moved.detections, moved.ped_presses) == (START_MS + 500, [], [])
    assert seen == [[4], [4], [], [], []]


async def test_cabinets_catch_up_with_the_street_and_turn_its_heads() -> None:
    paper, found = street()
    for _ in range(60):
        now_ms = found.step().now_ms
        await found.catch_up(now_ms, 0.0)
    assert found.units["x1"].clock_ms == paper.now_ms
    assert paper.shown["x1"].greens


async def test_they_say_nothing_by_mqtt() -> None:
    _, found = street()
    city = City(found, {}, [], "demo")
    kinds = {message.topic.split("/")[2] for _ in range(4) for message in city.step()}
    assert kinds == {"clock", "street"}


async def test_they_answer_at_their_ports_to_who_knows_the_word() -> None:
    _, found = street(build_crossroads(), build_crossroads(name="x2"))
    line = NtcipLine((0, 0), "word")
    await found.listen(line)
    try:
        ports = [agent.port for agent in found.agents]
        found.step()
        found.advance(START_MS + 100)
        first = await Session.connect("127.0.0.1", ports[0], Community(b"word"))
        bindings = await first.get([GREENS, DETECTORS])
        assert [b.value for b in bindings] == [0, 0b1000]
        stranger = await Session.connect("127.0.0.1", ports[0], Community(b"public"), (0.02,))
        with pytest.raises(NoAnswer):
            await stranger.get([GREENS])
        first.close()
        stranger.close()
    finally:
        found.close()
        await asyncio.sleep(0)


def test_the_environment_says_where_they_listen() -> None:
    assert NtcipLine.told({}) is None
    assert NtcipLine.told({PORTS: "1,2", COMMUNITY: "w"}) == NtcipLine((1, 2), "w")
