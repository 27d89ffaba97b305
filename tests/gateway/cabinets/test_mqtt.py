"""Do commands go out and replies come in over MQTT?"""

from __future__ import annotations

import msgspec

from gateway.cabinet import Cabinets, Outside, Reply, protocol
from gateway.clock import SystemClock
from gateway.links.memory_link import MemoryLink
from signal_control.status import Command

MS = 1_000_000
COMMAND = Command("x1-17", "x1", (2, 6), 5_000 * MS, 15_000 * MS, "max_pressure", "a reason")


def cabinets(link: MemoryLink, replies: list[tuple[str, Reply]]) -> Cabinets:
    heard = Outside("demo", SystemClock(), link, lambda _: None, lambda *reply: replies.append(reply))
    return protocol("mqtt").connected({}, heard)


async def test_a_command_names_its_phases_its_id_and_its_expiry() -> None:
    link = MemoryLink()
    await cabinets(link, []).send(COMMAND)
    assert [message.topic for message in link.sent] == ["arterial/demo/command/x1"]
    sent = msgspec.json.decode(link.sent[0].payload)
    assert (sent["id"], sent["serve"], sent["t"], sent["expires"]) == ("x1-17", [2, 6], 5_000, 15_000)


async def test_nothing_is_sent_while_the_broker_is_away() -> None:
    link = MemoryLink()
    link.connected = False
    await cabinets(link, []).send(COMMAND)
    assert link.sent == []


def test_a_reply_reaches_whoever_wants_to_know() -> None:
    replies: list[tuple[str, Reply]] = []
    cabinets(MemoryLink(), replies).hear("x1", b'{"t":7,"id":"x1-17","accepted":false,"reason":"flashing"}')
    assert replies == [("x1", Reply(7, "x1-17", False, "flashing"))]
