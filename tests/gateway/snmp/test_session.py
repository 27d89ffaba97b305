"""Is every question answered, asked again or given up, whatever comes back?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gateway.snmp.message import Ask, Binding, Community, Pdu, integer, write_bindings
from gateway.snmp.session import NoAnswer, Refused, Session

OIDS = ((1, 3, 6, 1, 1), (1, 3, 6, 1, 2))
VALUES = (integer(OIDS[0], 7), integer(OIDS[1], -1))
SHELL = Community(b"word")

Answers = Callable[[Pdu, int], Sequence[bytes]]
"""Question and how often it has been asked -> the datagrams that come back."""


class Wire(asyncio.DatagramTransport):
    """Answers as the test says; remembers what was sent."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers, self.sent = answers, list[bytes]()
        self.session: Session
        self.closed = False

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def sendto(self, data: Any, addr: Any = None) -> None:
        self.sent.append(data)
        for answer in self.answers(SHELL.unwrap(data), self.sent.count(data)):
            asyncio.get_running_loop().call_soon(self.session.datagram_received, answer, None)


def connected(answers: Answers, pauses_s: Sequence[float] = (0.005, 0.005, 0.005)) -> tuple[Session, Wire]:
    wire = Wire(answers)
    wire.session = Session(SHELL, pauses_s)
    wire.session.connection_made(wire)
    return wire.session, wire


def answer(asked: Pdu, bindings: Sequence[Binding] = VALUES, **changes: int) -> bytes:
    pdu = Pdu(Ask.RESPONSE, asked.request_id, 0, 0, write_bindings(bindings))
    return SHELL.wrap(pdu._replace(**changes))


async def test_values_come_in_the_order_of_the_question() -> None:
    session, wire = connected(lambda asked, n: [answer(asked)])
    assert await session.get(OIDS) == VALUES
    assert SHELL.unwrap(wire.sent[0]).ask == Ask.GET
    assert (session.counts.asked, session.counts.answered, session.counts.resent) == (1, 1, 0)


async def test_a_lost_question_is_asked_again_under_its_number() -> None:
    session, wire = connected(lambda asked, n: [answer(asked)] if n == 3 else [])
    assert await session.get(OIDS) == VALUES
    assert len(wire.sent) == 3
    assert len(set(wire.sent)) == 1
    assert session.counts.resent == 2


async def test_silence_is_given_up() -> None:
    session, wire = connected(lambda asked, n: [])
    with pytest.raises(NoAnswer, match="no answer"):
        await session.get(OIDS)
    assert len(wire.sent) == 3
    assert (session.counts.unanswered, session.counts.resent) == (1, 2)


async def test_a_doubled_and_a_late_answer_go_to_nobody() -> None:
    session, _ = connected(lambda asked, n: [answer(asked), answer(asked)])
    await session.get(OIDS)
    await asyncio.sleep(0)
    session.datagram_received(answer(Pdu(Ask.GET, 2**25, 0, 0, b"")), None)
    assert session.counts.stray == 2


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x30", b"\xff" * 50, Community(b"other").wrap(Pdu(Ask.RESPONSE, 1, 0, 0, b"")), b"\x30\x84" * 9],
)
async def test_garbage_is_counted_and_the_right_answer_still_taken(garbage: bytes) -> None:
    session, _ = connected(lambda asked, n: [garbage, answer(asked)])
    assert await session.get(OIDS) == VALUES
    assert session.counts.malformed == 1


@pytest.mark.parametrize("bindings", [(), VALUES[:1], VALUES[::-1], (*VALUES, VALUES[0])])
async def test_an_answer_about_other_objects_is_none(bindings: Sequence[Binding]) -> None:
    session, _ = connected(lambda asked, n: [answer(asked, bindings)])
    with pytest.raises(NoAnswer, match="other objects"):
        await session.get(OIDS)


async def test_objects_that_cannot_be_read_are_no_answer() -> None:
    session, _ = connected(
        lambda asked, n: [SHELL.wrap(Pdu(Ask.RESPONSE, asked.request_id, 0, 0, b"\x30\x01\x00"))]
    )
    with pytest.raises(NoAnswer, match="garbage"):
        await session.get(OIDS)


@pytest.mark.parametrize(
    ("status", "place", "text"),
    [(2, 2, r"no such name at 1\.3\.6\.1\.2"), (1, 0, "too big"), (5, 9, "gen err"), (77, 1, "error 77 at")],
)
async def test_a_refusal_says_what_of(status: int, place: int, text: str) -> None:
    session, _ = connected(lambda asked, n: [answer(asked, status=status, place=place)])
    with pytest.raises(Refused, match=text) as refused:
        await session.set(VALUES)
    assert refused.value.status == status


async def test_a_question_is_no_answer() -> None:
    session, _ = connected(lambda asked, n: [answer(asked, ask=Ask.GET)])
    with pytest.raises(NoAnswer):
        await session.get(OIDS)
    assert session.counts.stray == 3


async def test_what_is_open_when_the_session_closes_is_not_answered() -> None:
    session, _ = connected(lambda asked, n: [], (9.0,))
    waiting = asyncio.create_task(session.get(OIDS))
    await asyncio.sleep(0)
    session.close()
    with pytest.raises(NoAnswer, match="closed"):
        await waiting
    with pytest.raises(NoAnswer):
        await session.get(OIDS)


async def test_a_question_that_is_cancelled_is_forgotten() -> None:
    session, _ = connected(lambda asked, n: [], (9.0,))
    waiting = asyncio.create_task(session.get(OIDS))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not session._open


async def test_many_questions_at_once_get_their_own_answers() -> None:
    def echo(asked: Pdu, n: int) -> list[bytes]:
        return [answer(asked, [integer(asked.bindings[0].oid, asked.bindings[0].oid[-1])])]

    session, _ = connected(echo)
    found = await asyncio.gather(*(session.get([(1, 3, 6, 1, n)]) for n in range(200)))
    assert [bindings[0].value for bindings in found] == list(range(200))
